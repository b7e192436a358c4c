import assert from 'node:assert/strict';
import test from 'node:test';
import { boundsOf, changedOf, groupKeys, keyOfProperty, labelOf, parsed, textOf, valueAt } from '../../src/console/page/configuration.js';
import { formatAge, formatBytes, formatRate, niceMaximum } from '../../src/console/page/format.js';

const number = { key: 'limits.queueBytes', type: 'number', unit: 'bytes', min: 1024, max: 1048576 };
const list = { key: 'permissions.read', type: 'list' };

test('each key is in one group', () => {
    const keys = ['name', 'limits.sockets', 'limits.socketsPerSecond', 'events.url', 'newKey', 'permissions.read'].map((key) => ({ key }));
    const groups = groupKeys(keys);
    assert.equal(groups.flatMap((group) => group.keys).length, keys.length);
    assert.equal(groups.find((group) => group.keys.some(({ key }) => key === 'limits.socketsPerSecond')).title, 'Rates');
    assert.equal(groups.at(-1).title, 'Further');
});

test('labels and bounds are for people', () => {
    assert.equal(labelOf('limits.queueBytes'), 'Queue bytes');
    assert.equal(labelOf('publicUrl'), 'Public URL');
    assert.equal(labelOf('identityProvider.edsUri'), 'Enginio URI');
    assert.equal(boundsOf(number), '1 KiB to 1 MiB, in bytes.');
    assert.equal(boundsOf({ key: 'x', type: 'number', min: 0 }), 'At least 0.');
    assert.equal(boundsOf(list), '');
});

test('values are found by their path', () => {
    assert.equal(valueAt({ limits: { queueBytes: 5 } }, 'limits.queueBytes'), 5);
    assert.equal(valueAt({ events: null }, 'events.url'), undefined);
    assert.equal(textOf(list, ['a', 'b']), 'a\nb');
    assert.equal(textOf({ type: 'flag' }, undefined), false);
    assert.equal(textOf({ type: 'text' }, undefined), '');
});

test('what stands in a field becomes what PUT takes', () => {
    assert.equal(parsed(number, ' 2048 '), 2048);
    assert.equal(parsed(number, ''), null);
    assert.equal(parsed(number, '12 MB'), '12 MB'); // the server says what is wrong
    assert.equal(parsed(number, '99999999999999999999'), '99999999999999999999');
    assert.deepEqual(parsed(list, ' a \n\n b\n'), ['a', 'b']);
    assert.equal(parsed({ type: 'flag' }, true), true);
});

test('only what differs is sent', () => {
    assert.deepEqual(changedOf([{ key: number, before: '1', now: '1' }]), {});
    assert.deepEqual(
        changedOf([
            { key: number, before: '1', now: '2' },
            { key: { key: 'limits.sockets', type: 'number' }, before: '1', now: '' },
            { key: list, before: '', now: '*' },
            { key: { key: 'name', type: 'text' }, before: '', now: '<b>' },
        ]),
        { limits: { queueBytes: 2, sockets: null }, permissions: { read: ['*'] }, name: '<b>' },
    );
});

test('an error of an item belongs to its list', () => {
    assert.equal(keyOfProperty('permissions.read[12]'), 'permissions.read');
    assert.equal(keyOfProperty('name'), 'name');
});

test('numbers are as people read them', () => {
    assert.equal(formatBytes(0), '0 B');
    assert.equal(formatBytes(1536), '1.5 KiB');
    assert.equal(formatBytes(1048576), '1 MiB');
    assert.equal(formatRate(0), '0');
    assert.equal(formatRate(2.345), '2.3');
    assert.equal(formatRate(12345.6), '12,346');
    assert.equal(formatAge(59999), '59 s');
    assert.equal(formatAge(3600000), '1 h');
    assert.equal(formatAge(90061000), '1 d 1 h');
    assert.equal(formatAge(-5), '0 s');
    assert.deepEqual([0, 1, 1.2, 3, 7, 99, 1000].map(niceMaximum), [1, 1, 2, 5, 10, 100, 1000]);
});
