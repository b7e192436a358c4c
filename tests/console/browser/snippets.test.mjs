// The snippets, taken from the page and run.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Programs } from './programs.mjs';
import { callAs, Console, environment, launchBrowser, openSocket, operatorToken, startGateway, until } from './support.mjs';

let gateway;
let chromium;
let tab;
let token;
let programs;

before(async () => {
    [gateway, chromium] = await Promise.all([startGateway(environment), launchBrowser()]);
    programs = new Programs();
    fs.symlinkSync(process.env.NODE_PATH, path.join(programs.folder, 'node_modules'));
    token = (await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways`, { id: 'players', accessControl: 'none' })).body.securityToken;
    tab = await Console.open(chromium.browser, gateway.address);
    await tab.enter();
    await tab.section('players', 'snippets', 'Snippets');
});
after(async () => {
    await chromium?.close();
    await gateway?.stop();
    programs?.end();
});

const codeOf = (id) => tab.page.$eval(`#code-${id}`, (code) => code.textContent);

const run = (command, parameters) => programs.run(command, parameters, { SECURITY_TOKEN: token });

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
    const receiver = run(process.execPath, [programs.write('receive.mjs', await codeOf('node-receive'))]);
    await receiver.says('open');
    const sender = run(process.execPath, [programs.write('send.mjs', await codeOf('node-send'))]);
    assert.equal(await sender.ended, 0, sender.output());
    assert.match(sender.output(), /matched=1/);
    await receiver.says('received: Hello');
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
