import { call, gatewayPath } from './api.js';
import { copyButton, h, setText } from './dom.js';
import { makeField, selectInput, textInput } from './fields.js';
import { formatTime } from './format.js';
import { sameOriginUri } from './live.js';

const keptMessages = 100;

/** The receivers of a message, by what is chosen: all, a tag, one socket. */
export function receiversOf(kind, name) {
    if (kind === 'all') return { sockets: ['*'], tags: null };
    return kind === 'tag' ? { sockets: null, tags: [name] } : { sockets: [name], tags: null };
}

/** Where the page may open the issued address: itself, or this page's own host where the policy allows no other. */
export function openableUri(uri, origins) {
    const { protocol, host } = new URL(uri);
    const own = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const isOwn = host === location.host && protocol === own;
    return isOwn || origins.includes(`${protocol}//${host}`) ? uri : sameOriginUri(uri);
}

function sendCard({ id }) {
    const to = makeField('To', selectInput([{ value: 'all', label: 'all sockets' }, { value: 'tag', label: 'a tag' }, { value: 'socket', label: 'one socket' }], 'all'));
    const name = makeField('Tag or socket id', textInput({ name: 'receiver' }));
    name.element.hidden = true;
    const data = makeField('Message', Object.assign(h('textarea', { rows: 3, name: 'data' }), { value: 'Hello from the console' }));
    const result = h('p', { role: 'status', class: 'result' });
    const button = h('button', { class: 'primary' }, 'Send');
    to.input.name = 'to';
    to.input.addEventListener('change', () => {
        name.element.hidden = to.input.value === 'all';
        setText(name.element.querySelector('label'), to.input.value === 'tag' ? 'Tag' : 'Socket id');
    });

    async function send(event) {
        event.preventDefault();
        name.showError('');
        data.showError('');
        if (to.input.value !== 'all' && !name.input.value.trim()) {
            name.showError('Say which');
            return name.input.focus();
        }
        button.disabled = true;
        try {
            const receivers = receiversOf(to.input.value, name.input.value.trim());
            const answer = await call('POST', gatewayPath(id, '/messages'), { data: data.input.value, receivers });
            const [matched, dropped] = (answer.headers.get('Mws-Receivers') ?? '').match(/\d+/g) ?? [];
            setText(result, matched === undefined ? 'Sent.' : `${formatTime(new Date())}: sent, ${matched} ${matched === '1' ? 'socket' : 'sockets'} matched${dropped > 0 ? `, ${dropped} read too slowly` : ''}.`);
        } catch (error) {
            const field = error.errors?.[0]?.property?.startsWith('receivers') ? name : data;
            field.showError(error.message);
            field.input.focus();
        } finally {
            button.disabled = false;
        }
    }
    return h('form', { class: 'card', novalidate: true, onsubmit: send, 'aria-labelledby': 'send-heading' }, h('h2', { id: 'send-heading' }, 'Send a message'), to.element, name.element, data.element, h('div', { class: 'actions' }, result, button));
}

/** A socket of the browser's, and what comes over it. */
class TestSocket {
    #socket = null;

    constructor(onState, onMessage) {
        this.onState = onState;
        this.onMessage = onMessage;
    }

    get isOpen() {
        return this.#socket !== null;
    }

    open(uri) {
        this.close();
        const socket = new WebSocket(uri);
        this.#socket = socket;
        socket.binaryType = 'arraybuffer';
        this.onState('Opening …');
        socket.onopen = () => this.onState('Open');
        socket.onmessage = ({ data }) => this.onMessage(typeof data === 'string' ? data : `(binary, ${data.byteLength} bytes)`);
        socket.onclose = (event) => {
            if (this.#socket !== socket) return;
            this.#socket = null;
            this.onState(event.code === 1006 ? 'Closed: the connection failed or was lost' : `Closed: ${event.code} ${event.reason}`.trim());
        };
    }

    send(text) {
        this.#socket?.send(text);
    }

    close() {
        const socket = this.#socket;
        this.#socket = null;
        socket?.close(1000);
        if (socket) this.onState('Closed');
    }
}

function socketCard({ id, overview, configuration }) {
    const tags = makeField('Tags', textInput({ name: 'tags', placeholder: 'players, user:42' }), { hint: 'With commas between them; may be empty.' });
    const user = makeField('User', textInput({ name: 'user' }), { hint: 'May be empty.' });
    const address = h('code', { class: 'secret line', tabindex: '0' });
    const socketId = h('code');
    const remark = h('p', { class: 'hint' });
    const issued = h('div', { hidden: true }, h('p', {}, 'Address, good for one socket: '), h('div', { class: 'secret-row' }, address, copyButton(() => address.textContent)), h('p', {}, 'Socket id: ', socketId), remark);
    const state = h('p', { role: 'status', class: 'result' }, 'No socket is open');
    const log = h('div', { class: 'log', role: 'log', 'aria-label': 'Messages that arrived', tabindex: '0' });
    const empty = h('p', { class: 'empty' }, 'Messages that arrive are shown here.');
    const close = h('button', { type: 'button', hidden: true, onclick: () => socket.close() }, 'Close');
    const text = makeField('Send over this socket', textInput({ name: 'clientText' }), { hint: `The gateway’s policy for what clients send: ${configuration.clientMessages}.` });
    const talk = h('form', { novalidate: true, hidden: true, class: 'filter', onsubmit: (event) => {
        event.preventDefault();
        socket.send(text.input.value);
        text.input.value = '';
    } }, text.element, h('button', {}, 'Send'));
    const socket = new TestSocket((now) => {
        setText(state, now);
        close.hidden = !socket.isOpen;
        talk.hidden = now !== 'Open';
    }, (message) => {
        log.prepend(h('p', {}, h('time', {}, formatTime(new Date())), h('span', {}, message)));
        if (log.children.length > keptMessages) log.lastChild.remove();
        empty.hidden = true;
    });

    function showError(error) {
        const property = error.errors?.[0]?.property ?? '';
        const field = property.startsWith('user') ? user : tags;
        field.showError(error.message);
        field.input.focus();
    }

    async function issue(then) {
        tags.showError('');
        user.showError('');
        const body = { tags: tags.input.value.split(',').map((one) => one.trim()).filter(Boolean) };
        if (user.input.value.trim()) body.user = user.input.value.trim();
        try {
            const answer = (await call('POST', gatewayPath(id, '/sockets'), body)).body;
            setText(address, answer.uri);
            setText(socketId, answer.id);
            setText(remark, '');
            issued.hidden = false;
            then?.(answer.uri);
        } catch (error) {
            showError(error);
        }
    }

    function open(uri) {
        const openable = openableUri(uri, overview.socketOrigins);
        if (openable !== uri) setText(remark, 'Opened by way of this page’s own address: its security policy lets it connect to no other.');
        socket.open(openable);
    }

    const element = h('form', { class: 'card', novalidate: true, 'aria-labelledby': 'socket-heading', onsubmit: (event) => {
        event.preventDefault();
        issue(open);
    } }, h('h2', { id: 'socket-heading' }, 'Test socket'), tags.element, user.element,
    h('div', { class: 'actions' }, state, close, h('button', { type: 'button', onclick: () => issue() }, 'Only an address'), h('button', { class: 'primary' }, 'Open a socket')), issued);
    return { element: h('div', {}, element, h('div', { class: 'card' }, h('h3', {}, 'What arrives'), empty, log, talk)), stop: () => socket.close() };
}

/** Sends messages, and shows on a socket of its own what arrives. */
export function testSection(context) {
    const socket = socketCard(context);
    return { element: h('div', { class: 'columns' }, sendCard(context), socket.element), stop: socket.stop };
}
