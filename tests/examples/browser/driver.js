'use strict';
// Drives headless Chromium for a test. One JSON object per line comes in, `{id, call, …}`, and one goes out for each:
// `{id, result}` or `{id, error}`. Ends with its input; Chromium ends with this process however that ends, because it
// is led by a pipe.
const readline = require('node:readline');
const { launchChromium } = require('../../support/chromium.js');

const [program, profile] = process.argv.slice(2);
const pages = new Map();
let browser;

/** What a page complains of, and where it reaches beyond this machine. */
function gatherErrors(page) {
    const errors = [];
    page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url ?? ''})`);
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && !['127.0.0.1', 'localhost'].includes(url.hostname))
            errors.push(`asks for ${request.url()}`);
    });
    return errors;
}

function pageOf(request) {
    const found = pages.get(request.page);
    if (!found) throw new Error(`there is no page ${request.page}`);
    return found.page;
}

const calls = {
    async open({ page: id, url, width, height, timeout }) {
        const context = await browser.createBrowserContext();
        const page = await context.newPage();
        pages.set(id, { page, context, errors: gatherErrors(page) });
        await page.setViewport({ width, height, deviceScaleFactor: 1 });
        const answer = await page.goto(url, { waitUntil: 'load', timeout });
        if (answer && answer.status() >= 400) throw new Error(`${url} is answered ${answer.status()}`);
    },
    async reload(request) {
        await pageOf(request).reload({ waitUntil: 'load', timeout: request.timeout });
    },
    async close({ page: id }) {
        await pages.get(id)?.context.close();
        pages.delete(id);
    },
    async click(request) {
        const element = await visible(request);
        await element.click();
    },
    /** Replaces what is in the field. */
    async type(request) {
        const element = await visible(request);
        await element.click({ count: 3 });
        await element.press('Delete');
        await element.type(request.text);
        if (request.enter) await element.press('Enter');
    },
    async waitFor(request) {
        const options = { timeout: request.timeout, polling: 'mutation' };
        // Conditions are not always about the document: what scripts know changes without a mutation.
        if (request.polling) options.polling = request.polling;
        await pageOf(request).waitForFunction(request.script, options);
    },
    async evaluate(request) {
        return (await pageOf(request).evaluate(request.script)) ?? null;
    },
    async text(request) {
        const element = await visible(request);
        return element.evaluate((node) => node.innerText);
    },
    async screenshot(request) {
        await pageOf(request).screenshot({ path: request.path });
    },
    async errors({ page: id }) {
        return pages.get(id)?.errors ?? [];
    },
};

function visible(request) {
    return pageOf(request).waitForSelector(request.selector, { visible: true, timeout: request.timeout });
}

async function answer(line) {
    const request = JSON.parse(line);
    try {
        const result = await calls[request.call](request);
        return { id: request.id, result: result ?? null };
    } catch (error) {
        return { id: request.id, error: String(error.message ?? error) };
    }
}

async function main() {
    browser = await launchChromium(program, profile);
    browser.on('disconnected', () => process.exit(1));
    process.stdout.write(`${JSON.stringify({ id: 0, result: await browser.version() })}\n`);
    const lines = readline.createInterface({ input: process.stdin });
    // Calls of different pages may overlap: nothing here waits for another.
    lines.on('line', async (line) => process.stdout.write(`${JSON.stringify(await answer(line))}\n`));
    lines.on('close', async () => {
        browser.off('disconnected');
        await browser.close();
        process.exit(0);
    });
}

main().catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
});
