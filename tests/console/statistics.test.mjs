// The logic of the pages that needs no page, under node's own runner.
import assert from 'node:assert/strict';
import test from 'node:test';
import { backoff } from '../../src/console/page/backoff.js';
import { History, historyLength, nodeLife, StatisticsSum } from '../../src/console/page/statistics.js';

const message = (node, at, messages, more = {}) => ({
    type: 'statistics',
    node,
    at,
    ready: true,
    connections: 3,
    queuedBytes: 10,
    gateways: { default: { sockets: 2, messages, deliveries: 2 * messages, queuedBytes: 7, slowClosed: 1, slowDropped: 4 } },
    ...more,
});

test('rates come from two messages of a node', () => {
    const sum = new StatisticsSum();
    sum.add(message('a', 1000, 10), 0);
    assert.equal(sum.sum(0).all.messages, 0);
    sum.add(message('a', 3000, 30), 2000);
    const total = sum.sum(2000);
    assert.deepEqual(total.gateways.get('default'), { sockets: 2, messages: 10, deliveries: 20, queuedBytes: 7, slowReaders: 5 });
    assert.equal(total.connections, 3);
});

test('nodes are summed, and forgotten when they say nothing', () => {
    const sum = new StatisticsSum();
    sum.add(message('a', 1000, 0), 0);
    sum.add(message('b', 1000, 0, { ready: false }), 1000);
    assert.equal(sum.sum(1000).nodes, 2);
    assert.equal(sum.sum(1000).ready, false);
    assert.equal(sum.sum(1000).all.sockets, 4);
    assert.equal(sum.sum(1000).gateways.get('default').queuedBytes, 14);
    sum.add(message('a', 2000, 0), nodeLife + 1001);
    assert.equal(sum.sum(nodeLife + 1001).nodes, 1);
    assert.equal(sum.sum(nodeLife + 1001).ready, true);
    assert.equal(sum.sum(3 * nodeLife), null);
});

test('a counter that begins anew, or a clock that goes back, is no negative rate', () => {
    const sum = new StatisticsSum();
    sum.add(message('a', 2000, 50), 0);
    sum.add(message('a', 3000, 20), 1000);
    assert.equal(sum.sum(1000).all.messages, 0);
    sum.add(message('a', 2500, 30), 2000);
    assert.equal(sum.sum(2000).all.messages, 0);
});

test('a node of a version that does not count queued bytes by gateway adds none', () => {
    const sum = new StatisticsSum();
    const older = message('a', 1000, 1);
    delete older.gateways.default.queuedBytes;
    sum.add(older, 0);
    sum.add(message('b', 1000, 1), 0);
    assert.equal(sum.sum(0).gateways.get('default').queuedBytes, 7);
});

test('what are no statistics is not taken', () => {
    const sum = new StatisticsSum();
    for (const one of [null, {}, { type: 'other' }, { type: 'statistics' }]) assert.equal(sum.add(one, 0), false);
    assert.equal(sum.sum(0), null);
});

test('the history keeps the newest seconds', () => {
    const sum = new StatisticsSum();
    const history = new History();
    for (let i = 0; i < historyLength + 5; ++i) {
        sum.add(message('a', i * 1000, i * i), i * 1000);
        history.add(sum.sum(i * 1000));
    }
    assert.equal(history.of('default').length, historyLength);
    assert.equal(history.of('').at(-1).messages, 2 * (historyLength + 4) - 1);
    assert.deepEqual(history.of('unknown'), []);
});

test('the back-off doubles up to half a minute', () => {
    assert.equal(backoff(0, 0), 250);
    assert.equal(backoff(0, 1), 500);
    assert.equal(backoff(3, 1), 4000);
    assert.equal(backoff(1000, 1), 30000);
    for (let i = 0; i < 20; ++i) assert.ok(backoff(i) > 0 && backoff(i) <= 30000);
});
