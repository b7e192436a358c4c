// The real gateway, and headless Chromium with the console in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url); // which looks into NODE_PATH
const { launchChromium } = require('../../support/chromium.js');
export const WebSocket = require('ws');
const axePath = require.resolve('axe-core/axe.min.js');
export const { startGateway } = require('../../e2e/node/gateway.js');

export const operatorToken = 'operator-secret-of-the-console-tests-5d08e4b7';
export const patience = Number(process.env.MWS_PATIENCE ?? 30000);

export const environment = { OPERATOR_TOKEN: operatorToken, SECURITY_TOKEN: 'security-token-of-the-console-tests', ACCESS_CONTROL: 'custom' };

export async function launchBrowser() {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'mws-console-'));
    const browser = await launchChromium(process.env.MWS_CHROMIUM ?? '/usr/bin/chromium', profile);
    return {
        browser,
        async close() {
            await browser.close();
            fs.rmSync(profile, { recursive: true, force: true });
        },
    };
}

/** One tab with the console, and all that it complained of. */
export class Console {
    errors = []; // that no test expects
    violations = []; // of the Content-Security-Policy
    answers = []; // `METHOD path` of calls that were not 2xx

    static async open(browser, address, { width = 1280, height = 800, theme = 'light' } = {}) {
        const tab = new Console();
        tab.address = address;
        tab.context = await browser.createBrowserContext();
        tab.page = await tab.context.newPage();
        tab.page.setDefaultTimeout(patience);
        await tab.page.setViewport({ width, height });
        await tab.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await tab.#watch();
        await tab.page.goto(`${address}/console`, { waitUntil: 'load' });
        return tab;
    }

    async #watch() {
        const { page } = this;
        page.on('console', (message) => {
            // What the server refuses is written down by Chromium, too; the tests look at the answers.
            const isRefusal = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
            const isLost = /net::ERR_|WebSocket connection to/.test(message.text());
            if (message.type() === 'error' && !isRefusal && !(this.expectsLoss && isLost)) this.errors.push(message.text());
        });
        page.on('pageerror', (error) => this.errors.push(String(error)));
        page.on('dialog', (dialog) => {
            this.errors.push(`a dialog of the browser: ${dialog.message()}`);
            dialog.dismiss();
        });
        page.on('request', (request) => {
            if (!request.url().startsWith(`${this.address}/`)) this.errors.push(`asks for ${request.url()}`);
            assert.ok(!request.url().includes(operatorToken), 'the token is in an address');
        });
        page.on('response', (response) => {
            if (!response.ok() && response.status() !== 304) this.answers.push(`${response.request().method()} ${new URL(response.url()).pathname} ${response.status()}`);
        });
        await page.exposeFunction('reportViolation', (text) => this.violations.push(text));
        await page.evaluateOnNewDocument(() => {
            addEventListener('securitypolicyviolation', (event) => window.reportViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
        });
    }

    /** The one visible element with that role and name, as a screen reader finds it. */
    byRole(role, name) {
        return this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`);
    }

    async press(name) {
        await this.byRole('button', name).click();
    }

    async follow(name) {
        await this.byRole('link', name).click();
    }

    async fill(selector, text) {
        await this.page.locator(selector).fill(text);
    }

    /** Waits until a condition of the page holds: a function, with its arguments. */
    async until(condition, ...values) {
        await this.page.waitForFunction(condition, { timeout: patience, polling: 100 }, ...values);
    }

    async untilText(selector, part) {
        await this.until((at, text) => [...document.querySelectorAll(at)].some((one) => one.textContent.includes(text)), selector, part);
    }

    async signIn(token = operatorToken) {
        await this.fill('input[name=token]', token);
        await this.press('Sign in');
    }

    /** Signs in and waits for what follows. */
    async enter() {
        await this.signIn();
        await this.untilText('h1', 'Gateways');
    }

    async go(hash) {
        await this.page.evaluate((to) => {
            location.hash = to;
        }, hash);
    }

    /** Goes to a section of a gateway and waits for it. */
    async section(id, name, heading) {
        await this.go(`#/gateways/${id}/${name}`);
        await this.untilText('main h2', heading);
    }

    /** What axe-core has to say of the page, as lines. */
    async accessibilityProblems() {
        if (!this.axe) this.axe = fs.readFileSync(axePath, 'utf8');
        await this.page.evaluate(this.axe); // by the debugger, which the policy does not bind
        const results = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
        return results.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
    }

    close() {
        return this.context.close();
    }
}

/** The next `event` of an emitter. */
export function next(emitter, event) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event} within ${patience} ms`)), patience);
        emitter.once(event, (...values) => {
            clearTimeout(timer);
            resolve(values);
        });
        if (event !== 'error') emitter.once('error', reject);
    });
}

/** A call of the REST interface by somebody else. */
export async function callAs(token, method, url, body) {
    const answer = await fetch(url, { method, headers: { Authorization: `Bearer ${token}` }, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** An open WebSocket of a gateway, with the messages that came. */
export async function openSocket(address, id, reservation = {}) {
    const { body } = await callAs(operatorToken, 'POST', `${address}/v1/gateways/${id}/sockets`, reservation);
    const socket = new WebSocket(body.uri);
    socket.messages = [];
    socket.on('message', (data) => socket.messages.push(data.toString()));
    await next(socket, 'open');
    return Object.assign(socket, { id: body.id });
}

/** Waits until `condition()` holds. */
export async function until(condition, what) {
    const end = Date.now() + patience;
    while (!(await condition())) {
        if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
