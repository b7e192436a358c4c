'use strict';
// One room of the chat: index.html?room=kitchen&nick=Ann

// Keeps a socket open (docs/clients.md). `fetchUri` answers a new URI (a promise) for each attempt.
function keepOpen({ fetchUri, onMessage, onOpen = () => {}, onClosed = () => {} }) {
    let attempt = 0, socket, timer, ended = false;

    function later() {
        if (ended) return;
        const limit = Math.min(60000, 1000 * 2 ** attempt++);
        timer = setTimeout(connect, limit / 2 + Math.random() * limit / 2);
    }
    async function connect() {
        let uri;
        try {
            uri = await fetchUri();
        } catch (error) {
            console.warn('no URI:', error.message);
            return later();
        }
        if (ended) return;
        socket = new WebSocket(uri);
        let opened = 0;
        socket.onopen = () => { opened = Date.now(); onOpen(); };
        socket.onmessage = (event) => onMessage(event.data);
        socket.onclose = (event) => {
            onClosed(event.code);
            if (event.code === 1000 || event.code >= 4000) return;   // the backend ended it
            if (opened && Date.now() - opened > 10000) attempt = 0;  // it had worked
            later();
        };
    }
    connect();
    return {
        send(text) {
            if (socket?.readyState !== WebSocket.OPEN) return false;
            socket.send(text);
            return true;
        },
        end() { ended = true; clearTimeout(timer); socket?.close(1000); },
    };
}

const parameters = new URLSearchParams(location.search);
const room = parameters.get('room') ?? 'lobby';
const nick = parameters.get('nick') ?? 'guest';
const byId = (id) => document.getElementById(id);
let joined = false;

function addLine(text, kind, author) {
    const line = document.createElement('li');
    line.className = kind;
    if (author) {
        const name = document.createElement('b');
        name.textContent = author;
        line.append(name);
    }
    line.append(text);
    byId('messages').append(line);
    line.scrollIntoView();
}

// Anybody in the room can send anything: what is not a message of this chat is left out.
function take(data) {
    let message;
    try {
        message = JSON.parse(data);
    } catch {
        return;
    }
    if (typeof message?.nick !== 'string') return;
    if (message.kind === 'join') addLine(`${message.nick} is here`, 'note');
    else if (message.kind === 'text' && typeof message.text === 'string')
        addLine(message.text, message.nick === nick ? 'mine' : 'theirs', message.nick);
}

const socket = keepOpen({
    async fetchUri() {
        const answer = await fetch(`/rooms/${encodeURIComponent(room)}/socket`);
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return (await answer.json()).uri;
    },
    onOpen() {
        byId('status').textContent = `open, as ${nick}`;
        byId('status').className = 'open';
        if (!joined) socket.send(JSON.stringify({ kind: 'join', nick }));
        joined = true;
    },
    onClosed(code) {
        byId('status').textContent = `closed (${code}), coming back`;
        byId('status').className = '';
    },
    onMessage: take,
});

// Over the socket: the gateway relays it to all others of the room, so that it is shown here by ourselves.
function sendByRelay(message) {
    if (!socket.send(message)) return false;
    take(message);
    return true;
}

// The way of the time: POSTed to the gateway, which sends it to everybody with the tag, ourselves as well.
async function sendByRest(message) {
    const { messages } = await (await fetch('/settings')).json();
    const answer = await fetch(messages, {
        method: 'POST',
        body: JSON.stringify({ data: message, receivers: { tags: [`room:${room}`] } }),
    });
    return answer.ok;
}

byId('room').textContent = room;
document.querySelector('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = byId('text').value.trim();
    if (!text) return;
    const message = JSON.stringify({ kind: 'text', nick, text });
    let sent = false;
    try {
        sent = byId('rest').checked ? await sendByRest(message) : sendByRelay(message);
    } catch (error) {
        console.warn('not sent:', error.message);
    }
    if (sent) byId('text').value = '';
    else addLine('not sent: no connection', 'note');
});
