// Two lines over the last two minutes, drawn as SVG.
import { h, newId, setText, svg } from './dom.js';
import { formatRate, niceMaximum } from './format.js';
import { historyLength } from './statistics.js';

const width = 600;
const height = 180;
const left = 44;
const bottom = 22;
const plotWidth = width - left - 6;
const plotHeight = height - bottom - 8;

const xOf = (index, count) => left + plotWidth * (1 - (count - 1 - index) / (historyLength - 1));
const yOf = (value, top) => 8 + plotHeight * (1 - value / top);

/** The `points` of a polyline; of few points, too. */
export function linePoints(values, top) {
    return values.map((value, i) => `${xOf(i, values.length).toFixed(1)},${yOf(value, top).toFixed(1)}`).join(' ');
}

/** What the lines say, in words. */
export function describe(points) {
    if (points.length === 0) return 'Messages and deliveries per second: nothing is known yet.';
    const newest = points.at(-1);
    const most = (key) => formatRate(Math.max(...points.map((point) => point[key])));
    return (
        `The last ${points.length} seconds. Messages: now ${formatRate(newest.messages)} per second, ` +
        `at most ${most('messages')}. Deliveries: now ${formatRate(newest.deliveries)} per second, ` +
        `at most ${most('deliveries')}.`
    );
}

function table(points) {
    const rows = points.slice(-10).reverse();
    return h(
        'tbody',
        {},
        rows.map((point, i) =>
            h('tr', {}, h('th', { scope: 'row' }, i === 0 ? 'now' : `${i} s ago`), h('td', {}, formatRate(point.messages)),
                h('td', {}, formatRate(point.deliveries))),
        ),
    );
}

/** `element`, and `draw(points)` with what History says. */
export function makeChart(heading) {
    const id = newId('chart');
    const messages = svg('polyline', { class: 'line messages' });
    const deliveries = svg('polyline', { class: 'line deliveries' });
    const labels = [0, 1, 2].map((i) => svg('text', { x: left - 6, y: yOf(i / 2, 1) + 4, 'text-anchor': 'end' }, ''));
    const grid = [0, 1, 2].map((i) => svg('line', { class: 'grid', x1: left, x2: width - 6, y1: yOf(i / 2, 1), y2: yOf(i / 2, 1) }));
    const image = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': id }, svg('title', { id }, ''),
        grid, labels, svg('text', { x: left, y: height - 5 }, '2 min ago'),
        svg('text', { x: width - 6, y: height - 5, 'text-anchor': 'end' }, 'now'), deliveries, messages);
    const nowMessages = h('b', {}, '0');
    const nowDeliveries = h('b', {}, '0');
    const body = h('tbody');
    const details = h('details', {}, h('summary', {}, 'As a table'),
        h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'When'),
            h('th', { scope: 'col' }, 'Messages/s'), h('th', { scope: 'col' }, 'Deliveries/s'))), body));
    const element = h('figure', { class: 'chart' },
        h('figcaption', {}, h('h3', {}, heading),
            h('span', { class: 'legend messages' }, 'Messages/s ', nowMessages),
            h('span', { class: 'legend deliveries' }, 'Deliveries/s ', nowDeliveries)),
        image, details);

    function draw(points) {
        const top = niceMaximum(Math.max(0, ...points.map((point) => Math.max(point.messages, point.deliveries))));
        messages.setAttribute('points', linePoints(points.map((point) => point.messages), top));
        deliveries.setAttribute('points', linePoints(points.map((point) => point.deliveries), top));
        labels.forEach((label, i) => setText(label, formatRate((top * i) / 2)));
        setText(image.firstChild, describe(points));
        setText(nowMessages, formatRate(points.at(-1)?.messages ?? 0));
        setText(nowDeliveries, formatRate(points.at(-1)?.deliveries ?? 0));
        if (details.open) body.replaceChildren(...table(points).children);
    }
    draw([]);
    return { element, draw };
}
