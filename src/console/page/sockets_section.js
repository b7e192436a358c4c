import { call, gatewayPath } from './api.js';
import { openForm } from './dialog.js';
import { h, setText } from './dom.js';
import { makeField, textInput } from './fields.js';
import { formatAge, formatBytes } from './format.js';

const pageSize = 50;
const refreshInterval = 3000;

/** The open sockets, a page at a time, so that their number does not matter. */
export function socketsSection({ id, overview, configuration }) {
    const tag = textInput({ name: 'tag', maxlength: configuration.limits.tagLength });
    const filter = h('form', { class: 'filter', role: 'search', onsubmit: search }, makeField('Only with the tag', tag).element, h('button', {}, 'Filter'));
    const rows = h('tbody');
    const empty = h('p', { class: 'empty', hidden: true });
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const previous = h('button', { type: 'button', disabled: true, onclick: () => turn(-1) }, 'Previous');
    const next = h('button', { type: 'button', disabled: true, onclick: () => turn(1) }, 'Next');
    const where = h('span', { class: 'hint', role: 'status' });
    const cursors = ['']; // where each page up to this one begins
    const shown = new Map(); // by id: { row, update(socket) }
    let wanted = '';
    let nextCursor = null;
    let timer = 0;
    let asking = null;
    let stopped = false;

    const columns = ['Id', 'Tags', 'User', 'Age', ...(overview.clustered ? [] : ['Queue']), ''];
    const element = h('div', { class: 'card' }, h('h2', {}, 'Open sockets'), filter, problem,
        h('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Open sockets' },
            h('table', { class: 'list' }, h('thead', {}, h('tr', {}, columns.map((text) => h('th', { scope: 'col', class: ['Age', 'Queue'].includes(text) && 'number' }, text || h('span', { class: 'hidden' }, 'Close'))))), rows), empty),
        h('div', { class: 'actions' }, where, previous, next));

    function makeRow(socket) {
        const tags = h('td');
        const user = h('td');
        const age = h('td', { class: 'number' });
        const queue = overview.clustered ? null : h('td', { class: 'number' });
        const close = h('button', { type: 'button', class: 'small', 'aria-label': `Close socket ${socket.id}`, onclick: () => closeOne(socket.id) }, 'Close');
        let tagText = null;
        function update(now) {
            const text = now.tags.join('\n');
            if (text !== tagText) tags.replaceChildren(...now.tags.map((one) => h('span', { class: 'tag' }, one)));
            tagText = text;
            setText(user, now.user ?? '');
            setText(age, formatAge(Date.now() - Date.parse(now.connectedAt)));
            if (queue) setText(queue, formatBytes(now.queuedBytes ?? 0));
        }
        return { row: h('tr', {}, h('th', { scope: 'row', class: 'mono', title: socket.remote ?? null }, socket.id), tags, user, age, queue, h('td', {}, close)), update };
    }

    /** Rows stay where they are, so that a refresh takes neither focus nor place. */
    function show({ results, cursor }) {
        const ids = new Set(results.map((socket) => socket.id));
        for (const [one, { row }] of shown)
            if (!ids.has(one)) {
                row.remove();
                shown.delete(one);
            }
        results.forEach((socket, i) => {
            if (!shown.has(socket.id)) shown.set(socket.id, makeRow(socket));
            const { row, update } = shown.get(socket.id);
            update(socket);
            if (rows.children[i] !== row) rows.insertBefore(row, rows.children[i] ?? null);
        });
        nextCursor = cursor ?? null;
        next.disabled = !nextCursor;
        previous.disabled = cursors.length === 1;
        empty.hidden = results.length > 0;
        setText(empty, wanted ? 'No open socket has this tag.' : 'No socket is open. Open one under Test.');
        setText(where, results.length ? `Page ${cursors.length}, ${results.length} sockets` : '');
    }

    async function load() {
        clearTimeout(timer);
        asking?.abort();
        asking = new AbortController();
        const query = new URLSearchParams({ limit: pageSize, details: 'true' });
        if (cursors.at(-1)) query.set('cursor', cursors.at(-1));
        if (wanted) query.set('tag', wanted);
        try {
            show((await call('GET', gatewayPath(id, `/sockets?${query}`), undefined, { signal: asking.signal })).body);
            problem.hidden = true;
        } catch (error) {
            if (error.name === 'AbortError') return;
            problem.textContent = error.message;
            problem.hidden = false;
        }
        if (!stopped) timer = setTimeout(load, refreshInterval);
    }

    function turn(by) {
        if (by > 0 && nextCursor) cursors.push(nextCursor);
        if (by < 0 && cursors.length > 1) cursors.pop();
        load();
    }

    function search(event) {
        event.preventDefault();
        wanted = tag.value.trim();
        cursors.length = 1;
        load();
    }

    function closeOne(socketId) {
        openForm('Close this socket?', h('p', {}, h('code', {}, socketId), ' gets a Close frame (1000). A client that reconnects by itself will come back.'), {
            action: 'Close it',
            kind: 'danger',
            async submit() {
                await call('DELETE', gatewayPath(id, `/sockets/${socketId}`));
                return load;
            },
        });
    }

    const loaded = load();
    return {
        element,
        loaded,
        stop() {
            stopped = true;
            clearTimeout(timer);
            asking?.abort();
        },
    };
}
