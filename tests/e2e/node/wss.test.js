'use strict';
// npm's ws over wss, and node's own https, against a gateway with a certificate.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { test, before, after } = require('node:test');
const WebSocket = require('ws');
const { startGateway, next } = require('./gateway.js');

const secret = 'wss-secret-51d0c7';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mws-wss-'));
const certificate = path.join(folder, 'cert.pem');
const key = path.join(folder, 'key.pem');
let gateway;
let agent;

function makeCertificate() {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
        '-subj', '/CN=wss test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
    { stdio: 'ignore' });
    return fs.readFileSync(certificate);
}

before(async () => {
    const ca = makeCertificate();
    agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca });
    gateway = await startGateway({
        SECURITY_TOKEN: secret,
        ACCESS_CONTROL: 'custom',
        MWS_GATEWAY_CLIENT_MESSAGES: 'echo',
        MWS_TLS_CERTIFICATE: certificate,
        MWS_TLS_KEY: key,
    });
});
after(async () => {
    agent.destroy();
    assert.equal(await gateway.stop(), 0);
    fs.rmSync(folder, { recursive: true, force: true });
});

async function api(method, target, body) {
    const request = https.request(`${gateway.address}/v1${target}`, {
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

async function opened(options) {
    const { body } = await api('POST', '/sockets', { tags: ['t'] });
    const socket = new WebSocket(body.uri, { ca: agent.options.ca, ...options });
    await next(socket, 'open');
    return socket;
}

test('a URI is wss, and messages of every size arrive over it in order', async () => {
    const { body } = await api('POST', '/sockets', { tags: [] });
    assert.match(body.uri, /^wss:\/\/127\.0\.0\.1:/);
    const socket = await opened();
    const sizes = [0, 1, 16383, 16384, 16385, 65536, 500000];
    const got = [];
    const all = new Promise((resolve) => {
        socket.on('message', (data) => got.push(data.toString()) === sizes.length && resolve());
    });
    for (const size of sizes) {
        const answer = await api('POST', '/messages', { data: 'm'.repeat(size), receivers: { tags: ['t'] } });
        assert.equal(answer.status, 201);
    }
    await all;
    assert.deepEqual(got.map((text) => text.length), sizes);
    const large = 'ä'.repeat(400000);
    const echo = next(socket, 'message');
    socket.send(large);
    assert.equal((await echo)[0].toString(), large);
    const close = next(socket, 'close');
    socket.close(4001, 'bye');
    assert.equal((await close)[0], 4001);
});

test('a client that does not trust the certificate opens nothing', async () => {
    const { body } = await api('POST', '/sockets', { tags: [] });
    const [error] = await next(new WebSocket(body.uri), 'error');
    assert.match(error.code, /SELF_SIGNED|UNABLE_TO_VERIFY/);
    const socket = new WebSocket(body.uri, { ca: agent.options.ca }); // the URI is not spent
    await next(socket, 'open');
    socket.terminate();
});

test('a hundred sockets over both versions get a message to their tag', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, (_, i) => opened({ maxVersion: i % 2 ? 'TLSv1.2' : 'TLSv1.3' })));
    const got = Promise.all(sockets.map((socket) => next(socket, 'message')));
    await api('POST', '/messages', { data: 'all', receivers: { tags: ['t'] } });
    for (const [data] of await got) assert.equal(data.toString(), 'all');
    for (const socket of sockets) socket.terminate();
});

test('SIGHUP changes the certificate of new connections and drops no socket', async () => {
    const socket = await opened();
    const before = socket._socket.getPeerCertificate().serialNumber;
    const ca = makeCertificate();
    gateway.reload();
    const ends = Date.now() + 10000;
    let serial = before;
    while (serial === before && Date.now() < ends) {
        const request = https.request(`${gateway.address}/`, { agent: false, rejectUnauthorized: false });
        request.end();
        const [answer] = await next(request, 'response');
        serial = answer.socket.getPeerCertificate().serialNumber;
        answer.resume();
    }
    assert.notEqual(serial, before);
    assert.ok(ca.length > 0);
    const message = next(socket, 'message');
    await api('POST', '/messages', { data: 'still here', receivers: { tags: ['t'] } });
    assert.equal((await message)[0].toString(), 'still here');
    socket.terminate();
});
