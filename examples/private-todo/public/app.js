'use strict';
// The page of a user: his todos by REST, and what changes by his private socket.
const find = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let session = JSON.parse(sessionStorage.getItem('session'));
let todos = [];
let revision = -1; // of the user's list, as far as it is known here
let socket = null;
const received = []; // what came over the socket, for who looks at it in the console

async function call(method, path, body) {
    const headers = { 'Content-Type': 'application/json' };
    const mine = session;
    if (session) headers.Authorization = `Bearer ${session.token}`;
    const answer = await fetch(`/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const result = answer.status === 204 ? {} : await answer.json();
    if (answer.status === 401 && mine && session === mine) end();
    if (!answer.ok) throw new Error(result.error);
    return result;
}

/** Runs what a user asked for, and shows why it did not work. */
async function attempt(action) {
    find('error').textContent = '';
    try {
        await action();
    } catch (error) {
        find('error').textContent = error.message;
    }
}

function show() {
    find('login').hidden = session !== null;
    find('todos').hidden = find('who').hidden = session === null;
    find('name').textContent = session?.user.name ?? '';
    find('list').replaceChildren(...todos.map(row));
    find('counts').textContent = `${todos.filter((todo) => !todo.done).length} of ${todos.length} to do`;
    const isLive = socket?.readyState === WebSocket.OPEN;
    find('state').textContent = isLive ? 'live' : 'connecting …';
    find('state').classList.toggle('live', isLive);
}

function row(todo) {
    const item = document.createElement('li');
    item.classList.toggle('done', todo.done);
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: todo.done, ariaLabel: todo.title });
    box.onchange = () => attempt(() => change('PATCH', `todos/${todo.id}`, { done: box.checked }));
    const title = Object.assign(document.createElement('span'), { textContent: todo.title });
    const remove = Object.assign(document.createElement('button'), { className: 'quiet', textContent: '✕', title: 'Delete' });
    remove.onclick = () => attempt(() => change('DELETE', `todos/${todo.id}`));
    item.append(box, title, remove);
    return item;
}

async function change(method, path, body) {
    take(await call(method, path, body));
}

/** A change, by the answer to our call or by the socket, whichever comes first. One after a gap: all is fetched. */
function take({ event, revision: its, todo }) {
    if (its <= revision) return;
    if (its > revision + 1) {
        attempt(fetchAll);
        return;
    }
    revision = its;
    if (event === 'added') todos.push(todo);
    else if (event === 'removed') todos = todos.filter(({ id }) => id !== todo.id);
    else todos = todos.map((old) => (old.id === todo.id ? todo : old));
    show();
}

async function fetchAll() {
    const all = await call('GET', 'todos');
    if (all.revision < revision) return; // overtaken by a change
    ({ todos, revision } = all);
    show();
}

/** Keeps a socket open for as long as this session is the one. */
async function stayConnected() {
    const mine = session;
    for (let failures = 0; session === mine; ) {
        try {
            const { uri } = await call('POST', 'socket');
            await new Promise((resolve) => {
                socket = new WebSocket(uri);
                socket.onopen = () => {
                    failures = 0;
                    attempt(fetchAll); // what was missed
                    show();
                };
                socket.onmessage = ({ data }) => {
                    received.push(data);
                    take(JSON.parse(data));
                };
                socket.onclose = resolve;
            });
        } catch {
            // Tried again below, unless the session has ended.
        }
        show();
        if (session === mine) await pause(Math.random() * Math.min(1000 * 2 ** failures++, 30000));
    }
}

function begin(next) {
    session = next;
    sessionStorage.setItem('session', JSON.stringify(session));
    show();
    stayConnected();
}

function end() {
    session = null;
    todos = [];
    revision = -1;
    sessionStorage.removeItem('session');
    socket?.close();
    show();
}

find('login').onsubmit = (event) => {
    event.preventDefault();
    attempt(async () => {
        begin(await call('POST', 'login', { name: find('user').value, password: find('password').value }));
        find('password').value = '';
    });
};
find('add').onsubmit = (event) => {
    event.preventDefault();
    const title = find('title').value;
    find('title').value = '';
    attempt(() => change('POST', 'todos', { title }));
};
find('logout').onclick = () =>
    attempt(async () => {
        await call('DELETE', 'login').catch(() => {});
        end();
    });

show();
if (session) stayConnected();
