import { call } from './api.js';
import { makeChart } from './chart.js';
import { h, setText, toast } from './dom.js';
import { formatBytes, formatCount, formatRate } from './format.js';
import { nothing } from './statistics.js';
import { createGateway } from './tokens.js';

function figure(label) {
    const value = h('dd', {}, '–');
    return { element: h('div', { class: 'figure' }, h('dt', {}, label), value), set: (text) => setText(value, text) };
}

/** All gateways, and how the node does. */
export function overviewView({ overview, feed, go }) {
    const figures = {
        ready: figure('State'),
        sockets: figure('Open sockets'),
        messages: figure('Messages/s'),
        deliveries: figure('Deliveries/s'),
        connections: figure('Connections'),
        queued: figure('Queued'),
    };
    const scope = h('p', { class: 'hint' });
    const chart = makeChart('Messages and deliveries, all gateways');
    const rows = h('tbody');
    const empty = h('p', { class: 'empty', hidden: true }, 'There is no gateway yet.');
    const listed = new Map(); // by id: { set(numbers) }
    const element = h('div', {},
        h('div', { class: 'title' }, h('h1', {}, 'Gateways'), h('button', { class: 'primary', type: 'button', onclick: () => createGateway((id) => go(`#/gateways/${id}`)) }, 'New gateway')),
        h('div', { class: 'card scroll', role: 'region', tabindex: '0', 'aria-label': 'Gateways' },
            h('table', { class: 'list' }, h('thead', {}, h('tr', {}, ['Gateway', 'Id', 'Sockets', 'Messages/s', 'Deliveries/s', 'Queued', 'Slow readers'].map((text, i) => h('th', { scope: 'col', class: i > 1 && 'number' }, text)))), rows), empty),
        h('section', { class: 'card', 'aria-labelledby': 'node-heading' }, h('h2', { id: 'node-heading' }, overview.clustered ? 'Cluster' : 'This node'),
            h('dl', { class: 'figures' }, Object.values(figures).map((one) => one.element)), scope, chart.element));

    function row({ id, name, sockets }) {
        const cells = ['sockets', 'messages', 'deliveries', 'queuedBytes', 'slowReaders'].map(() => h('td', { class: 'number' }, '–'));
        setText(cells[0], formatCount(sockets));
        listed.set(id, {
            set(numbers) {
                setText(cells[0], formatCount(numbers.sockets));
                setText(cells[1], formatRate(numbers.messages));
                setText(cells[2], formatRate(numbers.deliveries));
                setText(cells[3], formatBytes(numbers.queuedBytes));
                setText(cells[4], formatCount(numbers.slowReaders));
            },
        });
        return h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `#/gateways/${id}` }, name || id), id === overview.defaultGateway && h('span', { class: 'tag' }, 'default')), h('td', { class: 'mono' }, id), cells);
    }

    async function load() {
        try {
            const { body } = await call('GET', '/v1/gateways');
            rows.replaceChildren(...body.results.map(row));
            empty.hidden = body.results.length > 0;
        } catch (error) {
            toast(error.message, 'bad');
        }
    }

    function sample() {
        const sum = feed.last;
        if (!sum) return;
        figures.ready.set(sum.ready ? 'Ready' : 'Not ready');
        figures.sockets.set(formatCount(sum.all.sockets));
        figures.messages.set(formatRate(sum.all.messages));
        figures.deliveries.set(formatRate(sum.all.deliveries));
        figures.connections.set(formatCount(sum.connections));
        figures.queued.set(formatBytes(sum.queuedBytes));
        setText(scope, overview.clustered
            ? `Version ${overview.version}. Live numbers are the sum of the ${sum.nodes === 1 ? 'one node' : `${sum.nodes} nodes`} of the cluster that report; a node that reports nothing for 5 s is left out.`
            : `Version ${overview.version}. Slow readers are counted since the start.`);
        for (const [id, shown] of listed) shown.set(sum.gateways.get(id) ?? nothing());
        chart.draw(feed.history.of(''));
    }

    const loaded = load().then(sample);
    feed.addEventListener('sample', sample);
    return { title: 'Gateways', element, loaded, stop: () => feed.removeEventListener('sample', sample) };
}
