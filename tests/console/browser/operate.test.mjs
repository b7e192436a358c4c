// What an operator does, one thing after the other, against the real gateway.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { callAs, Console, environment, launchBrowser, next, openSocket, operatorToken, startGateway, until } from './support.mjs';

const evil = '<img src=x onerror="alert(1)">';
let gateway;
let chromium;
let tab;
const url = (path) => `${gateway.address}/v1/gateways/${path}`;

before(async () => {
    [gateway, chromium] = await Promise.all([startGateway(environment), launchBrowser()]);
    tab = await Console.open(chromium.browser, gateway.address);
});
after(async () => {
    await chromium?.close();
    await gateway?.stop();
});

test('a wrong token is refused at its field, the right one signs in', async () => {
    await tab.signIn('wrong');
    await tab.untilText('.problem', 'not the operator’s token');
    assert.equal(await tab.page.$eval('input[name=token]', (input) => input.getAttribute('aria-invalid')), 'true');
    assert.equal(await tab.page.evaluate(() => sessionStorage.length), 0);
    await tab.enter();
    assert.deepEqual(await tab.page.evaluate(() => [localStorage.length, document.cookie]), [0, '']);
    await tab.untilText('#live', 'Live');
    await tab.untilText('dl', 'Ready');
});

test('a gateway is created, and its token shown once', async () => {
    await tab.press('New gateway');
    await tab.fill('input[name=id]', 'default');
    await tab.press('Create');
    await tab.untilText('dialog .problem', 'exists');
    await tab.fill('input[name=id]', '_mine');
    await tab.press('Create');
    await tab.untilText('dialog .problem', 'first of them no _');
    await tab.fill('input[name=id]', 'players');
    await tab.fill('input[name=name]', evil);
    await tab.press('Create');
    await tab.untilText('dialog h2', 'Security token');
    const token = await tab.page.$eval('dialog .secret', (element) => element.textContent);
    assert.equal((await callAs(token, 'GET', url('players/sockets'))).status, 200);
    await tab.press('I have stored it');
    await tab.untilText('h1', evil);
    assert.ok(!(await tab.page.content()).includes(token));
    await tab.section('players', 'tokens', 'Security token');
    assert.ok(!(await tab.page.content()).includes(token));

    await tab.press('Rotate the token');
    await tab.press('Rotate');
    await tab.untilText('dialog', 'Tokens from before are good until');
    const rotated = await tab.page.$eval('dialog .secret', (element) => element.textContent);
    assert.notEqual(rotated, token);
    for (const one of [rotated, token]) assert.equal((await callAs(one, 'GET', url('players/sockets'))).status, 200);
    await tab.press('I have stored it');
});

test('what the server refuses of a configuration is shown at its field', async () => {
    await tab.section('players', 'configuration', 'Limits');
    await tab.fill('input[name="limits.queueBytes"]', '12');
    await tab.press('Save');
    await tab.until(() => document.querySelector('input[name="limits.queueBytes"]').getAttribute('aria-invalid') === 'true');
    assert.equal(await tab.page.evaluate(() => document.activeElement.name), 'limits.queueBytes');
    assert.equal(await tab.page.$$eval('[aria-invalid=true]', (all) => all.length), 1);
    await tab.fill('input[name="limits.queueBytes"]', '65536');
    await tab.fill('textarea[name="permissions.read"]', 'users.a\nnobody');
    await tab.press('Save');
    await tab.until(() => document.querySelector('textarea[name="permissions.read"]').getAttribute('aria-invalid') === 'true');
    await tab.fill('textarea[name="permissions.read"]', 'users.a');
    await tab.fill('input[name=name]', `${evil} & co`);
    await tab.press('Save');
    await tab.untilText('.toast', 'Saved');
    await tab.untilText('h1', '& co');
    const { configuration } = (await callAs(operatorToken, 'GET', url('players'))).body;
    assert.equal(configuration.limits.queueBytes, 65536);
    assert.deepEqual(configuration.permissions.read, ['users.a']);
    assert.equal(configuration.name, `${evil} & co`);
    await tab.fill('input[name="limits.queueBytes"]', '');
    await tab.press('Save');
    await tab.until(() => document.querySelector('input[name="limits.queueBytes"]').value === '1048576');
});

test('a test socket opens and shows the message; what comes from outside is text', async () => {
    await tab.section('players', 'test', 'Test socket');
    await tab.fill('input[name=tags]', `red, ${evil}`);
    await tab.fill('input[name=user]', evil);
    await tab.press('Open a socket');
    await tab.untilText('.result', 'Open');
    await tab.fill('textarea[name=data]', `to all ${evil}`);
    await tab.press('Send');
    await tab.untilText('.result', '1 socket matched');
    await tab.untilText('.log', `to all ${evil}`);
    await tab.page.select('select[name=to]', 'tag');
    await tab.fill('input[name=receiver]', 'blue');
    await tab.press('Send');
    await tab.untilText('.result', '0 sockets matched');
    await tab.fill('input[name=receiver]', 'red');
    await tab.fill('textarea[name=data]', 'to red');
    await tab.press('Send');
    await tab.untilText('.log', 'to red');
    const { results } = (await callAs(operatorToken, 'GET', url('players/sockets'))).body;
    await tab.page.select('select[name=to]', 'socket');
    await tab.fill('input[name=receiver]', results[0].id);
    await tab.fill('textarea[name=data]', 'to one');
    await tab.press('Send');
    await tab.untilText('.log', 'to one');
    assert.equal(await tab.page.$$eval('.log p', (items) => items.length), 3);
    assert.equal(await tab.page.$$eval('main img, dialog img', (images) => images.length), 0);
    await tab.press('Only an address');
    await until(async () => /\/v1\/gateways\/players\/socket\?token=/.test(await tab.page.$eval('.secret', (one) => one.textContent)), 'an address');
});

test('the list of sockets follows, is filtered, and closes one', async () => {
    const open = await openSocket(gateway.address, 'players', { tags: ['green', evil], user: evil });
    await tab.section('players', 'sockets', 'Open sockets');
    await tab.untilText('td .tag', 'green');
    await tab.untilText('td', evil);
    assert.equal(await tab.page.$$eval('main img', (images) => images.length), 0);
    const second = await openSocket(gateway.address, 'players', { tags: ['green'] });
    await tab.untilText('tbody th', second.id); // by itself
    await tab.fill('input[name=tag]', 'nobody');
    await tab.press('Filter');
    await tab.untilText('.empty', 'No open socket has this tag');
    await tab.fill('input[name=tag]', 'green');
    await tab.press('Filter');
    await tab.until(() => document.querySelectorAll('tbody tr').length === 2);
    const closed = next(second, 'close');
    await tab.press(`Close socket ${second.id}`);
    await tab.press('Close it');
    assert.equal((await closed)[0], 1000);
    await tab.until(() => document.querySelectorAll('tbody tr').length === 1);
    open.close();
});

test('many sockets come in pages', async () => {
    await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways`, { id: 'many' });
    const sockets = await Promise.all(Array.from({ length: 60 }, () => openSocket(gateway.address, 'many')));
    await tab.section('many', 'sockets', 'Open sockets');
    await tab.until(() => document.querySelectorAll('tbody tr').length === 50);
    await tab.press('Next');
    await tab.until(() => document.querySelectorAll('tbody tr').length === 10);
    await tab.untilText('[role=status]', 'Page 2, 10 sockets');
    const ids = new Set(await tab.page.$$eval('tbody th', (all) => all.map((one) => one.textContent)));
    await tab.press('Previous');
    await tab.until(() => document.querySelectorAll('tbody tr').length === 50);
    for (const id of await tab.page.$$eval('tbody th', (all) => all.map((one) => one.textContent))) ids.add(id);
    assert.deepEqual([...ids].sort(), sockets.map((socket) => socket.id).sort());
    sockets.forEach((socket) => socket.terminate());
});

test('the chart draws what is sent, and says it', async () => {
    await tab.section('many', 'live', 'Live');
    const sending = setInterval(() => callAs(operatorToken, 'POST', url('many/messages'), { data: 'x', receivers: { sockets: ['*'] } }), 100);
    try {
        await tab.until(() => document.querySelector('polyline.messages').points.length >= 3);
        await tab.until(() => /Messages: now [1-9]/.test(document.querySelector('svg title').textContent));
        const heights = await tab.page.$eval('polyline.messages', (line) => [...line.points].map((point) => point.y));
        assert.ok(Math.min(...heights) < Math.max(...heights), `a flat line: ${heights}`);
    } finally {
        clearInterval(sending);
    }
    await tab.page.click('summary');
    await tab.until(() => document.querySelectorAll('details tbody tr').length >= 3);
});

test('what waits for a slow reader is shown of its gateway, until it is read', async () => {
    const socket = await openSocket(gateway.address, 'players');
    const queued = async () => (await callAs(operatorToken, 'GET', url(`players/sockets/${socket.id}`))).body.queuedBytes;
    const shown = () => [...document.querySelectorAll('tbody tr')].find((row) => row.textContent.includes('players')).children[5].textContent;
    socket.pause();
    const data = 'x'.repeat(200000);
    await until(async () => {
        assert.equal((await callAs(operatorToken, 'POST', url('players/messages'), { data, receivers: { sockets: [socket.id] } })).status, 201);
        return (await queued()) > 0;
    }, 'that something waits');
    await tab.go('#/');
    await tab.untilText('thead th', 'Queued');
    await until(async () => /^[1-9][\d.]* (KiB|MiB)$/.test(await tab.page.evaluate(shown).catch(() => '')), 'the queue in the list');
    await tab.section('players', 'live', 'Live');
    await tab.until(() => /[1-9][\d.]* [KM]iB queued/.test(document.querySelector('.figures-line').textContent));
    socket.resume();
    await tab.untilText('.figures-line', ' 0 B queued');
    await tab.go('#/');
    await until(async () => (await tab.page.evaluate(shown).catch(() => '')) === '0 B', 'that nothing waits in the list');
    socket.close();
});

test('its own socket is in no list', async () => {
    const { results } = (await callAs(operatorToken, 'GET', `${gateway.address}/v1/gateways`)).body;
    assert.deepEqual(results.map((one) => one.id).sort(), ['default', 'many', 'players']);
    for (const path of ['_console', '_console/sockets', '_console/configuration'])
        assert.equal((await callAs(operatorToken, 'GET', url(path))).status, 404, path);
    assert.equal((await callAs(operatorToken, 'POST', url('_console/messages'), { data: 'x', receivers: { sockets: ['*'] } })).status, 404);
});

test('a gateway is deleted when its id is typed', async () => {
    await tab.section('many', 'tokens', 'Delete');
    await tab.press('Delete the gateway');
    await tab.fill('input[name=confirm]', 'man');
    await tab.press('Delete');
    await tab.untilText('dialog .problem', 'not its id');
    await tab.fill('input[name=confirm]', 'many');
    await tab.press('Delete');
    await tab.untilText('h1', 'Gateways');
    assert.equal((await callAs(operatorToken, 'GET', url('many'))).status, 404);
    await tab.go('#/gateways/many');
    await tab.untilText('h1', 'There is no such gateway');
});

test('nothing of this broke the policy, left the origin or failed', async () => {
    assert.deepEqual(tab.violations, []);
    assert.deepEqual(tab.errors, []);
    // That it would have been seen:
    await tab.page.evaluate(() => {
        const script = document.createElement('div');
        script.setAttribute('style', 'color: red');
        const image = document.createElement('img');
        image.src = 'https://elsewhere.example/x.png';
        document.body.append(script, image);
    });
    await until(() => tab.violations.some((one) => one.startsWith('style-src')) && tab.violations.some((one) => one.startsWith('img-src')), 'violations');
});

test('who signs out has no token left', async () => {
    await tab.press('Sign out');
    await tab.untilText('h1', 'Sign in');
    assert.equal(await tab.page.evaluate(() => sessionStorage.length), 0);
    assert.ok(!(await tab.page.content()).includes(operatorToken));
});
