'use strict';
// Events are verified by the library that backends use, also while a secret is replaced by another.
const assert = require('node:assert/strict');
const http = require('node:http');
const { test, before, after } = require('node:test');
const { Webhook } = require('standardwebhooks');
const WebSocket = require('ws');
const { startGateway, next } = require('./gateway.js');

const securityToken = 'events-secret-77ab01';
const oldSecret = `whsec_${Buffer.alloc(24, 'old').toString('base64')}`;
const newSecret = `whsec_${Buffer.alloc(64, 'new').toString('base64')}`;

let backend;
let gateway;
const waiting = [];
const arrived = [];

/** The next event that comes: its head's fields and its body. */
function nextEvent() {
    if (arrived.length > 0) return Promise.resolve(arrived.shift());
    return new Promise((resolve) => waiting.push(resolve));
}

before(async () => {
    backend = http.createServer((request, response) => {
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', () => {
            const event = { headers: request.headers, body: Buffer.concat(chunks).toString() };
            if (waiting.length > 0) waiting.shift()(event);
            else arrived.push(event);
            response.writeHead(204).end();
        });
    });
    await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));
    gateway = await startGateway({
        SECURITY_TOKEN: securityToken,
        ACCESS_CONTROL: 'custom',
        MWS_GATEWAY_CLIENT_MESSAGES: 'webhook',
        MWS_GATEWAY_EVENTS_URL: `http://127.0.0.1:${backend.address().port}/hook`,
        MWS_GATEWAY_EVENTS_SECRETS: oldSecret,
        MWS_GATEWAY_EVENTS_ALLOW_PRIVATE: 'true',
    });
});
after(async () => {
    assert.equal(await gateway.stop(), 0);
    backend.close();
    backend.closeAllConnections();
});

function call(method, pathname, body) {
    const options = { method, headers: { Authorization: `Bearer ${securityToken}` }, body: JSON.stringify(body) };
    return fetch(`${gateway.address}/v1${pathname}`, options);
}

test('standardwebhooks verifies events, and each secret of two', async () => {
    const { uri, id } = await (await call('POST', '/sockets', { tags: ['a'], user: 'eva' })).json();
    const socket = new WebSocket(uri);
    await next(socket, 'open');
    const connected = await nextEvent();
    const payload = new Webhook(oldSecret).verify(connected.body, connected.headers);
    assert.equal(payload.type, 'socket.connected');
    assert.equal(payload.data.id, id);
    assert.equal(payload.data.user, 'eva');
    assert.throws(() => new Webhook(newSecret).verify(connected.body, connected.headers));
    assert.throws(() => new Webhook(oldSecret).verify(`${connected.body} `, connected.headers));

    const configured = await call('PUT', '/configuration', { events: { secrets: [newSecret, oldSecret] } });
    assert.equal(configured.status, 200);
    socket.send('häagen "dazs"');
    const message = await nextEvent();
    assert.equal(message.headers['webhook-signature'].split(' ').length, 2);
    for (const secret of [newSecret, oldSecret])
        assert.equal(new Webhook(secret).verify(message.body, message.headers).data.data, 'häagen "dazs"');

    await call('PUT', '/configuration', { events: { secrets: [newSecret] } });
    socket.send(Buffer.from([0, 255]));
    const binary = await nextEvent();
    assert.throws(() => new Webhook(oldSecret).verify(binary.body, binary.headers));
    const { data } = new Webhook(newSecret).verify(binary.body, binary.headers);
    assert.equal(data.encoding, 'base64');
    assert.deepEqual([...Buffer.from(data.data, 'base64')], [0, 255]);

    socket.close(1000, 'done');
    const end = await nextEvent();
    const disconnected = new Webhook(newSecret).verify(end.body, end.headers);
    assert.equal(disconnected.type, 'socket.disconnected');
    assert.deepEqual(disconnected.data.received, { messages: 2, bytes: 16 });
});
