// That everyone can use it: by keyboard, with a screen reader, on a phone, in the dark, and while the server is away.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { callAs, Console, environment, launchBrowser, openSocket, operatorToken, startGateway } from './support.mjs';

let gateway;
let chromium;

before(async () => {
    [gateway, chromium] = await Promise.all([startGateway(environment), launchBrowser()]);
    await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways`, { id: 'players', name: 'Players of the game', accessControl: 'none' });
});
after(async () => {
    await chromium?.close();
    await gateway?.stop();
});

const views = [
    ['overview', '#/', 'h1', 'Gateways'],
    ['live', '#/gateways/players/live', 'h2', 'Live'],
    ['sockets', '#/gateways/players/sockets', 'h2', 'Open sockets'],
    ['test', '#/gateways/players/test', 'h2', 'Test socket'],
    ['snippets', '#/gateways/players/snippets', 'h2', 'Snippets'],
    ['configuration', '#/gateways/players/configuration', 'h2', 'Limits'],
    ['tokens', '#/gateways/players/tokens', 'h2', 'Security token'],
];
const screenshots = process.env.MWS_SCREENSHOTS;

/** Something to be seen: sockets with tags and users, and messages among them. */
async function traffic() {
    const users = ['ada', 'grace', 'linus', 'margaret'];
    const sockets = await Promise.all(users.map((user, i) => openSocket(gateway.address, 'players', { user, tags: [`users.${user}`, i % 2 ? 'red' : 'blue', 'lobby'] })));
    let turn = 0;
    const timer = setInterval(() => {
        turn += 1;
        for (let i = 0; i < 1 + Math.round(2 + 2 * Math.sin(turn / 12)); ++i)
            callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways/players/messages`, { data: 'x', receivers: { tags: [i % 2 ? 'lobby' : 'red'] } }).catch(() => {});
    }, 100);
    return () => {
        clearInterval(timer);
        sockets.forEach((socket) => socket.terminate());
    };
}

async function picture(tab, name) {
    if (!screenshots) return;
    fs.mkdirSync(screenshots, { recursive: true });
    await tab.page.screenshot({ path: path.join(screenshots, `console-${name}.png`) });
}

for (const [size, width, height] of [['desktop', 1280, 800], ['phone', 360, 740]])
    for (const theme of ['light', 'dark'])
        test(`all views, ${size}, ${theme}: accessible, and no wider than the window`, async () => {
            const stop = await traffic();
            const tab = await Console.open(chromium.browser, gateway.address, { width, height, theme });
            try {
                await tab.untilText('h1', 'Sign in');
                assert.deepEqual(await tab.accessibilityProblems(), []);
                await picture(tab, `sign-in-${size}-${theme}`);
                await tab.enter();
                if (screenshots) await tab.page.waitForFunction(() => document.querySelector('polyline')?.points.length >= 25, { timeout: 120000 });
                for (const [name, hash, at, text] of views) {
                    await tab.go(hash);
                    await tab.untilText(`main ${at}`, text);
                    if (name === 'sockets') await tab.until(() => document.querySelectorAll('tbody tr').length === 4);
                    if (name === 'test') {
                        await tab.press('Open a socket');
                        await tab.untilText('.result', 'Open');
                        await tab.press('Send');
                        await tab.untilText('.log', 'Hello from the console');
                    }
                    await tab.page.evaluate(() => scrollTo(0, 0));
                    assert.deepEqual(await tab.accessibilityProblems(), [], name);
                    const wide = await tab.page.evaluate(() => {
                        const pill = document.getElementById('live');
                        const said = pill.textContent;
                        pill.textContent = 'Connecting …'; // the longest that it says
                        const width = document.scrollingElement.scrollWidth;
                        pill.textContent = said;
                        return width;
                    });
                    assert.ok(wide <= width, `${name} is ${wide} wide`);
                    await picture(tab, `${name}-${size}-${theme}`);
                }
                await tab.go('#/');
                await tab.press('New gateway');
                await tab.untilText('dialog h2', 'New gateway');
                assert.deepEqual(await tab.accessibilityProblems(), [], 'dialog');
                await picture(tab, `dialog-${size}-${theme}`);
                assert.deepEqual([...tab.errors, ...tab.violations], []);
            } finally {
                stop();
                await tab.close();
            }
        });

/** Presses Tab until the focused element has that name. */
async function tabTo(tab, name) {
    for (let i = 0; i < 80; ++i) {
        await tab.page.keyboard.press('Tab');
        const found = await tab.page.evaluate(() => {
            const now = document.activeElement;
            const style = getComputedStyle(now);
            return { text: (now.getAttribute('aria-label') ?? now.labels?.[0]?.textContent ?? now.textContent).trim(), outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
        });
        if (found.text === name) {
            assert.ok(found.outline, `the focus on ${name} cannot be seen`);
            return;
        }
    }
    throw new Error(`Tab does not come to ${name}`);
}

test('by keyboard alone', async () => {
    const tab = await Console.open(chromium.browser, gateway.address);
    const { keyboard } = tab.page;
    await tab.untilText('h1', 'Sign in');
    await tab.until(() => document.activeElement.name === 'token');
    await keyboard.type(operatorToken);
    await keyboard.press('Enter');
    await tab.untilText('h1', 'Gateways');
    await tabTo(tab, 'New gateway');
    await keyboard.press('Enter');
    await tab.untilText('dialog h2', 'New gateway');
    for (let i = 0; i < 12; ++i) {
        await keyboard.press('Tab'); // the focus stays in the dialog, or goes to the browser's own controls
        assert.ok(await tab.page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog')));
    }
    await keyboard.press('Escape');
    await tab.until(() => !document.querySelector('dialog'));
    assert.equal(await tab.page.evaluate(() => document.activeElement.textContent), 'New gateway');
    await keyboard.press('Enter');
    await tabTo(tab, 'Id');
    await keyboard.type('by-keyboard');
    await keyboard.press('Enter');
    await tab.untilText('dialog h2', 'Security token');
    await tabTo(tab, 'I have stored it');
    await keyboard.press('Enter');
    await tab.untilText('h1', 'by-keyboard');
    await tabTo(tab, 'Test');
    await keyboard.press('Enter');
    await tab.untilText('h2', 'Test socket');
    await tabTo(tab, 'Open a socket');
    await keyboard.press('Enter');
    await tab.untilText('.result', 'Open');
    await tabTo(tab, 'Skip to the content').catch(() => {});
    assert.deepEqual([...tab.errors, ...tab.violations], []);
    await tab.close();
});

test('who wants no motion gets none', async () => {
    const tab = await Console.open(chromium.browser, gateway.address);
    const duration = () => tab.page.$eval('button.primary', (button) => getComputedStyle(button).transitionDuration);
    assert.notEqual(await duration(), '0s');
    await tab.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    assert.equal(await duration(), '0s');
    await tab.close();
});

test('says that it is offline, and comes back by itself', async () => {
    const first = await startGateway(environment);
    const tab = await Console.open(chromium.browser, first.address);
    tab.expectsLoss = true;
    await tab.enter();
    await tab.untilText('#live', 'Live');
    await first.stop();
    await tab.untilText('#live', 'Offline');
    const second = await startGateway({ ...environment, MWS_SERVER_PORT: new URL(first.address).port });
    await tab.untilText('#live', 'Live');
    assert.deepEqual([...tab.errors, ...tab.violations], []);
    await tab.close();
    await second.stop();
});

test('a server without an operator token says what is missing', async () => {
    const open = await startGateway({});
    const tab = await Console.open(chromium.browser, open.address);
    await tab.untilText('h1', 'no operator token');
    await tab.untilText('main', 'OPERATOR_TOKEN');
    assert.deepEqual(await tab.accessibilityProblems(), []);
    assert.deepEqual([...tab.errors, ...tab.answers], []);
    await tab.close();
    await open.stop();
});
