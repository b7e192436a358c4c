// The snippets, taken from the page and run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { callAs, Console, environment, launchBrowser, openSocket, operatorToken, startGateway, until } from './support.mjs';

let gateway;
let chromium;
let tab;
let token;
let folder;

before(async () => {
    [gateway, chromium] = await Promise.all([startGateway(environment), launchBrowser()]);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mws-snippets-'));
    fs.symlinkSync(process.env.NODE_PATH, path.join(folder, 'node_modules'));
    token = (await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways`, { id: 'players', accessControl: 'none' })).body.securityToken;
    tab = await Console.open(chromium.browser, gateway.address);
    await tab.enter();
    await tab.section('players', 'snippets', 'Snippets');
});
after(async () => {
    await chromium?.close();
    await gateway?.stop();
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
});

const codeOf = (id) => tab.page.$eval(`#code-${id}`, (code) => code.textContent);

/** Runs a program; `output()` is what it wrote so far. */
function run(command, parameters) {
    const child = spawn(command, parameters, { cwd: folder, env: { PATH: process.env.PATH, SECURITY_TOKEN: token }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return { ended, output: () => text, stop: () => child.kill() };
}

function script(name, code) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, code);
    return file;
}

test('no snippet has a secret in it', async () => {
    for (const code of await tab.page.$$eval('pre code', (all) => all.map((one) => one.textContent))) {
        assert.ok(!code.includes(token) && !code.includes(operatorToken));
        assert.ok(code.includes(`${gateway.address}/v1/gateways/players`));
    }
});

test('curl sends, and gets an address', async () => {
    const socket = await openSocket(gateway.address, 'players');
    const sent = run('bash', ['-c', await codeOf('curl-send')]);
    assert.equal(await sent.ended, 0, sent.output());
    await until(() => socket.messages.includes('Hello'), 'the message of curl');
    const reserved = run('bash', ['-c', await codeOf('curl-reserve')]);
    assert.equal(await reserved.ended, 0, reserved.output());
    assert.match(reserved.output(), /"uri":"ws:.*"tags":\["players"\]/);
    socket.close();
});

test('node sends and receives', async () => {
    const receiver = run(process.execPath, [script('receive.mjs', await codeOf('node-receive'))]);
    await until(() => receiver.output().includes('open'), 'the socket of node');
    const sender = run(process.execPath, [script('send.mjs', await codeOf('node-send'))]);
    assert.equal(await sender.ended, 0, sender.output());
    assert.match(sender.output(), /matched=1/);
    await until(() => receiver.output().includes('received: Hello'), 'what node receives');
    receiver.stop();
    await receiver.ended;
});

test('the browser receives', async () => {
    const lines = [];
    tab.page.on('console', (message) => lines.push(message.text()));
    await tab.page.evaluate(`{${await codeOf('browser')}}`);
    await until(() => lines.includes('open'), 'the socket of the browser');
    await callAs(token, 'POST', `${gateway.address}/v1/gateways/players/messages`, { data: 'to the browser', receivers: { sockets: ['*'] } });
    await until(() => lines.includes('received: to the browser'), 'what the browser receives');
    assert.deepEqual([...tab.errors, ...tab.violations], []);
});
