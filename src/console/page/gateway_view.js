import { call, gatewayPath } from './api.js';
import { baseUrl } from './api.js';
import { configurationSection } from './configuration_section.js';
import { makeChart } from './chart.js';
import { copyButton, h, setText } from './dom.js';
import { formatBytes, formatCount, formatRate } from './format.js';
import { socketsSection } from './sockets_section.js';
import { snippetsSection } from './snippets_section.js';
import { nothing } from './statistics.js';
import { testSection } from './test_section.js';
import { deleteGateway, rotateToken } from './tokens.js';

const sections = [
    ['live', 'Live'],
    ['sockets', 'Sockets'],
    ['test', 'Test'],
    ['snippets', 'Snippets'],
    ['configuration', 'Configuration'],
    ['tokens', 'Token'],
];

/** Where clients reach the gateway, without a slash at the end. */
export function publicBase(overview, configuration) {
    const url = configuration.publicUrl || overview.publicUrl || baseUrl;
    return url.replace(/\/+$/, '');
}

function liveSection({ id, feed }) {
    const chart = makeChart('Messages and deliveries');
    const numbers = h('p', { class: 'figures-line' }, 'Waiting for statistics …');
    function sample() {
        const gateway = feed.last?.gateways.get(id) ?? nothing();
        if (!feed.last) return;
        setText(numbers, `${formatCount(gateway.sockets)} open sockets · ${formatRate(gateway.messages)} messages/s · ${formatRate(gateway.deliveries)} deliveries/s · ${formatBytes(gateway.queuedBytes)} queued · ${formatCount(gateway.slowReaders)} slow readers since the start`);
        chart.draw(feed.history.of(id));
    }
    feed.addEventListener('sample', sample);
    sample();
    return { element: h('div', { class: 'card' }, h('h2', {}, 'Live'), numbers, chart.element), stop: () => feed.removeEventListener('sample', sample) };
}

function tokensSection({ id, overview, go, isDefault }) {
    return {
        element: h('div', {},
            h('div', { class: 'card' }, h('h2', {}, 'Security token'), h('p', {}, 'Your backend sends it as ', h('code', {}, 'Authorization: Bearer …'), '. It is shown only when it is made; the server keeps a digest of it.'),
                h('div', { class: 'actions start' }, h('button', { type: 'button', onclick: () => rotateToken(id, overview.tokenGrace) }, 'Rotate the token'))),
            h('div', { class: 'card' }, h('h2', {}, 'Delete'), h('p', {}, isDefault ? 'The default gateway comes from the configuration file or the environment, and cannot be deleted here.' : 'Closes its sockets and forgets the gateway. Gateways of the configuration file can only be taken out there.'),
                !isDefault && h('div', { class: 'actions start' }, h('button', { type: 'button', class: 'danger', onclick: () => deleteGateway(id, () => go('#/')) }, 'Delete the gateway')))),
    };
}

const makers = { live: liveSection, sockets: socketsSection, test: testSection, snippets: snippetsSection, configuration: configurationSection, tokens: tokensSection };

/** One gateway; `section` is what the address says, e.g. `sockets`. */
export async function gatewayView(context, id, section) {
    const { overview } = context;
    const { body } = await call('GET', gatewayPath(id));
    const name = makers[section] ? section : 'live';
    const url = `${publicBase(overview, body.configuration)}${gatewayPath(id)}`;
    const heading = h('h1', {}, body.name || id);
    const part = makers[name]({ ...context, id, url, configuration: body.configuration, isDefault: id === overview.defaultGateway, renamed: (text) => setText(heading, text || id) });
    const nav = h('nav', { class: 'tabs', 'aria-label': 'Of this gateway' }, h('ul', {}, sections.map(([key, title]) =>
        h('li', {}, h('a', { href: `#/gateways/${id}/${key}`, 'aria-current': key === name ? 'page' : null }, title)))));
    return {
        title: `${sections.find(([key]) => key === name)[1]}, ${body.name || id}`,
        element: h('div', {},
            h('p', { class: 'crumb' }, h('a', { href: '#/' }, '‹ All gateways')),
            h('div', { class: 'title' }, heading, h('span', { class: 'tag' }, `mode ${body.configuration.accessControl}`)),
            h('p', { class: 'address' }, h('code', {}, url), ' ', copyButton(() => url)),
            nav, part.element),
        loaded: part.loaded,
        stop: () => part.stop?.(),
    };
}
