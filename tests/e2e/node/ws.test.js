'use strict';
// npm's ws, the WebSocket client of most Node.js programs, against the gateway.
const assert = require('node:assert/strict');
const http = require('node:http');
const { test, before, after } = require('node:test');
const WebSocket = require('ws');
const { startGateway, next } = require('./gateway.js');

const secret = 'ws-secret-94b2e8';
let gateway;

before(async () => {
    gateway = await startGateway({ SECURITY_TOKEN: secret, ACCESS_CONTROL: 'custom', MWS_GATEWAY_CLIENT_MESSAGES: 'echo' });
});
after(async () => {
    agent.destroy();
    assert.equal(await gateway.stop(), 0);
});

// Order is promised for one connection: all calls go over the same one.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

async function api(method, path, body) {
    const request = http.request(`${gateway.address}/v1${path}`, {
        method,
        agent,
        headers: { Authorization: `Bearer ${secret}` },
    });
    request.end(body && JSON.stringify(body));
    const [answer] = await next(request, 'response');
    let text = '';
    for await (const part of answer) text += part;
    return { status: answer.statusCode, body: JSON.parse(text) };
}

async function opened(tags, ...more) {
    const { body } = await api('POST', '/sockets', { tags });
    const socket = new WebSocket(body.uri, ...more);
    socket.id = body.id;
    await next(socket, 'open');
    return socket;
}

async function closed(socket) {
    socket.close();
    await next(socket, 'close');
}

test('text, JSON and binary arrive as what they are', async () => {
    const socket = await opened(['t']);
    let message = next(socket, 'message');
    await api('POST', '/messages', { data: 'Grüße 🛫', receivers: { tags: ['t'] } });
    let [data, isBinary] = await message;
    assert.equal(isBinary, false);
    assert.equal(data.toString(), 'Grüße 🛫');
    message = next(socket, 'message');
    await api('POST', '/messages', { data: { z: 1, a: [true, null] }, receivers: { sockets: [socket.id] } });
    [data] = await message;
    assert.equal(data.toString(), '{"z":1,"a":[true,null]}');
    message = next(socket, 'message');
    await api('POST', '/messages', { data: 'AAEC', encoding: 'base64', receivers: { sockets: ['*'] } });
    [data, isBinary] = await message;
    assert.equal(isBinary, true);
    assert.deepEqual([...data], [0, 1, 2]);
    await closed(socket);
});

test('what a client sends comes back under the echo policy, also in fragments', async () => {
    const socket = await opened([]);
    const large = 'ä'.repeat(200000);
    let message = next(socket, 'message');
    socket.send(large);
    assert.equal((await message)[0].toString(), large);
    message = next(socket, 'message');
    socket.send('frag', { fin: false });
    socket.send('mented', { fin: true });
    assert.equal((await message)[0].toString(), 'fragmented');
    await closed(socket);
});

test('ping is answered, compression is declined, the subprotocol is chosen', async () => {
    const socket = await opened([], ['chat.v2', 'chat.v1'], { perMessageDeflate: true });
    assert.equal(socket.protocol, 'chat.v2');
    assert.equal(socket.extensions, '');
    const pong = next(socket, 'pong');
    socket.ping('are you there');
    assert.equal((await pong)[0].toString(), 'are you there');
    await closed(socket);
});

test('the backend closes with its code and reason', async () => {
    const socket = await opened([]);
    const close = next(socket, 'close');
    assert.equal((await api('DELETE', `/sockets/${socket.id}?code=4000&reason=enough`)).status, 200);
    const [code, reason] = await close;
    assert.equal(code, 4000);
    assert.equal(reason.toString(), 'enough');
});

test('a close code of the client is echoed', async () => {
    for (const code of [1000, 1012, 1013, 1014, 3000, 4999]) {
        const socket = await opened([]);
        const close = next(socket, 'close');
        socket.close(code, 'bye');
        assert.equal((await close)[0], code);
    }
});

test('a spent or foreign URI is refused with 401 before the upgrade', async () => {
    const { body } = await api('POST', '/sockets', { tags: [] });
    const first = new WebSocket(body.uri);
    await next(first, 'open');
    for (const uri of [body.uri, body.uri.replace(/token=.*/, 'token=nonsense')]) {
        const refused = new WebSocket(uri);
        refused.on('error', () => {});
        const [, answer] = await next(refused, 'unexpected-response');
        assert.equal(answer.statusCode, 401);
        refused.terminate();
    }
    await closed(first);
});

test('a hundred clients get a message to their tag in order', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, (_, i) => opened(['room', `seat:${i}`])));
    const got = sockets.map((socket) => {
        const messages = [];
        socket.on('message', (data) => messages.push(data.toString()));
        return messages;
    });
    const last = sockets.map((socket) => new Promise((resolve) => {
        socket.on('message', (data) => data.toString() === '49' && resolve());
    }));
    for (let i = 0; i < 50; ++i) {
        assert.equal((await api('POST', '/messages', { data: String(i), receivers: { tags: ['room'] } })).status, 201);
    }
    await Promise.all(last);
    const expected = Array.from({ length: 50 }, (_, i) => String(i));
    for (const messages of got) assert.deepEqual(messages, expected);
    await Promise.all(sockets.map(closed));
});
