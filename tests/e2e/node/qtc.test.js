'use strict';
// The Qt Cloud Services SDK for Node.js, as published, against the gateway: its whole Mws class.
const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const Qtc = require('qtc');
const { startGateway, next } = require('./gateway.js');

const secret = 'sdk-secret-61c7d0';
let gateway;

before(async () => {
    gateway = await startGateway({ SECURITY_TOKEN: secret, ACCESS_CONTROL: 'custom' });
});
after(async () => {
    assert.equal(await gateway.stop(), 0);
});

/** Calls a method that takes a callback; answers its result or throws its error. */
function call(mws, method, ...values) {
    return new Promise((resolve, reject) => {
        mws[method](...values, (error, result) => (error ? reject(Object.assign(new Error(error), { result })) : resolve(result)));
    });
}

/** An SDK object whose socket is open; its messages as text in `messages`. */
async function opened(options) {
    const mws = new Qtc.Mws(options);
    mws.messages = [];
    mws.on('message', (data) => mws.messages.push(data.toString()));
    mws.open();
    await next(mws, 'open');
    return mws;
}

for (const [name, gatewayId] of [['without gatewayId', undefined], ['with gatewayId', 'default']]) {
    const options = () => ({ address: gateway.address, gatewayId, secret });

    test(`${name}: open, send, and receive to all`, async () => {
        const client = await opened(options());
        const backend = new Qtc.Mws(options());
        const sent = await call(backend, 'send', 'Hello World!', { sockets: ['*'] });
        assert.deepEqual(sent, { data: 'Hello World!', receivers: { sockets: ['*'], tags: null } });
        if (client.messages.length === 0) await next(client, 'message');
        assert.deepEqual(client.messages, ['Hello World!']);
        client.socket.close();
        await next(client, 'close');
    });

    test(`${name}: send without a callback`, async () => {
        const client = await opened(options());
        new Qtc.Mws(options()).send('no callback', { sockets: ['*'] });
        const [data] = await next(client, 'message');
        assert.equal(data.toString(), 'no callback');
        client.socket.close();
        await next(client, 'close');
    });

    test(`${name}: createSocket, getSockets, getSocketInfo, send to its tag`, async () => {
        const backend = new Qtc.Mws(options());
        const reserved = await call(backend, 'createSocket', ['players', 'user:42']);
        assert.deepEqual(Object.keys(reserved), ['id', 'uri', 'expiresAt', 'tags']);
        assert.deepEqual(reserved.tags, ['players', 'user:42']);
        const WebSocket = require('ws');
        const socket = new WebSocket(reserved.uri);
        await next(socket, 'open');

        const listed = await call(backend, 'getSockets');
        assert.deepEqual(listed.results.map((entry) => entry.id), [reserved.id]);
        const info = await call(backend, 'getSocketInfo', reserved.id);
        assert.equal(info.id, reserved.id);
        assert.deepEqual([...info.tags].sort(), ['players', 'user:42']);
        assert.ok(!Number.isNaN(Date.parse(info.connectedAt)));

        const message = next(socket, 'message');
        await call(backend, 'send', 'to the tag', { tags: ['user:42'] });
        assert.equal((await message)[0].toString(), 'to the tag');
        const direct = next(socket, 'message');
        await call(backend, 'send', { a: 1 }, { sockets: [reserved.id] });
        assert.equal((await direct)[0].toString(), '{"a":1}');
        socket.close();
        await next(socket, 'close');
    });

    test(`${name}: createSocket with one tag and with none`, async () => {
        const backend = new Qtc.Mws(options());
        assert.deepEqual((await call(backend, 'createSocket', 'solo')).tags, ['solo']);
        assert.deepEqual((await call(backend, 'createSocket', 42)).tags, ['42']);
        assert.deepEqual((await call(backend, 'createSocket')).tags, []);
    });

    test(`${name}: getConfiguration and setConfiguration`, async () => {
        const backend = new Qtc.Mws(options());
        const stored = await call(backend, 'setConfiguration', {
            name: `Named ${name}`,
            permissions: { read: ['*'], write: ['usergroups.admins'] },
            ignored: 'the SDK hands on three keys only',
        });
        assert.equal(stored.name, `Named ${name}`);
        const configuration = await call(backend, 'getConfiguration');
        assert.equal(configuration.name, `Named ${name}`);
        assert.deepEqual(configuration.permissions, { read: ['*'], write: ['usergroups.admins'] });
        assert.ok('identityProvider' in configuration);
    });

    test(`${name}: errors reach the callback with status and body`, async () => {
        const stranger = new Qtc.Mws({ ...options(), secret: 'wrong' });
        await assert.rejects(call(stranger, 'getSockets'), (error) => {
            assert.equal(error.message, '401');
            assert.ok(error.result.error.reason);
            return true;
        });
        const backend = new Qtc.Mws(options());
        await assert.rejects(call(backend, 'getSocketInfo', 'unknown'), { message: '404' });
        const refused = new Qtc.Mws({ ...options(), secret: 'wrong' });
        refused.open();
        assert.equal((await next(refused, 'error'))[0], 401);
    });
}
