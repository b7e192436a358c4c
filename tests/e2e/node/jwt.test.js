'use strict';
// The login of examples/jwt, whose users fetch URIs and post messages.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { test, before, after } = require('node:test');
const WebSocket = require('ws');
const { startGateway, next } = require('./gateway.js');

let login;
let loginAddress;
let gateway;

before(async () => {
    login = spawn(process.execPath, [path.join(__dirname, '../../../examples/jwt/login.js'), '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    [loginAddress] = await next(readline.createInterface({ input: login.stdout }), 'line');
    gateway = await startGateway({
        ACCESS_CONTROL: 'jwt',
        SECURITY_TOKEN: 'jwt-secret-51d0c7',
        MWS_GATEWAY_JWT_JWKS: `${loginAddress}/jwks.json`,
        MWS_GATEWAY_JWT_AUDIENCE: 'push',
        EDS_PERMISSIONS: '{"read": ["*"], "write": ["usergroups.admins"]}',
    });
});
after(async () => {
    login.kill();
    assert.equal(await gateway.stop(), 0);
});

async function tokenOf(user, password) {
    const answer = await fetch(`${loginAddress}/login`, { method: 'POST', body: JSON.stringify({ user, password }) });
    return { status: answer.status, token: (await answer.json()).token };
}

function call(pathname, token, options = {}) {
    return fetch(`${gateway.address}/v1${pathname}`, { ...options, headers: { Authorization: `Bearer ${token}` } });
}

test('a user of the example login gets his messages, and only an admin may post', async () => {
    assert.equal((await tokenOf('eva', 'wrong')).status, 401);
    const eva = (await tokenOf('eva', 'e')).token;
    const adam = (await tokenOf('adam', 'a')).token;
    const { uri, tags } = await (await call('/websocket_uri', eva)).json();
    assert.deepEqual(tags, ['users.eva']);
    const socket = new WebSocket(uri);
    await next(socket, 'open');
    const body = JSON.stringify({ data: 'hello eva', receivers: { tags: ['users.eva'] } });
    assert.equal((await call('/messages', eva, { method: 'POST', body })).status, 403);
    const message = next(socket, 'message');
    assert.equal((await call('/messages', adam, { method: 'POST', body })).status, 201);
    assert.equal((await message)[0].toString(), 'hello eva');
    assert.equal((await call('/websocket_uri', `${eva.slice(0, -4)}AAAA`)).status, 401);
    socket.close();
    await next(socket, 'close');
});
