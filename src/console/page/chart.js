// Two lines over the last two minutes, drawn as SVG.
import { h, newId, setText, svg } from './dom.js';
import { formatRate, niceMaximum } from './format.js';
import { historyLength } from './statistics.js';

const height = 220;
const left = 52;
const right = 4;
const bottom = 24;
const plotHeight = height - bottom - 8;

const yOf = (value, top) => 8 + plotHeight * (1 - value / top);

/** The `points` of a polyline; of few points, too. `width`: of the whole picture. */
export function linePoints(values, top, width) {
    const step = (width - left - right) / (historyLength - 1);
    const xOf = (index) => width - right - step * (values.length - 1 - index);
    return values.map((value, i) => `${xOf(i).toFixed(1)},${yOf(value, top).toFixed(1)}`).join(' ');
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
    const labels = [0, 1, 2].map((i) => svg('text', { x: left - 8, y: yOf(i / 2, 1) + 4, 'text-anchor': 'end' }, ''));
    const grid = [0, 1, 2].map((i) => svg('line', { class: 'grid', x1: left, y1: yOf(i / 2, 1), y2: yOf(i / 2, 1) }));
    const nowLabel = svg('text', { y: height - 5, 'text-anchor': 'end' }, 'now');
    const image = svg('svg', { height, role: 'img', 'aria-labelledby': id }, svg('title', { id }, ''), grid, labels,
        svg('text', { x: left, y: height - 5 }, '2 min ago'), nowLabel, deliveries, messages);
    let width = 0;
    let drawn = [];
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

    /** Lines and texts keep their size whatever the width is. */
    function layOut(to) {
        width = Math.max(to, 200);
        image.setAttribute('viewBox', `0 0 ${width} ${height}`);
        for (const line of grid) line.setAttribute('x2', width - right);
        nowLabel.setAttribute('x', width - right);
        draw(drawn);
    }

    function draw(points) {
        drawn = points;
        const top = niceMaximum(Math.max(0, ...points.map((point) => Math.max(point.messages, point.deliveries))));
        messages.setAttribute('points', linePoints(points.map((point) => point.messages), top, width));
        deliveries.setAttribute('points', linePoints(points.map((point) => point.deliveries), top, width));
        labels.forEach((label, i) => setText(label, formatRate((top * i) / 2)));
        setText(image.firstChild, describe(points));
        setText(nowMessages, formatRate(points.at(-1)?.messages ?? 0));
        setText(nowDeliveries, formatRate(points.at(-1)?.deliveries ?? 0));
        if (details.open) body.replaceChildren(...table(points).children);
    }
    layOut(600);
    new ResizeObserver(([entry]) => layOut(entry.contentRect.width)).observe(image);
    return { element, draw };
}
