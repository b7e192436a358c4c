'use strict';
// Headless Chromium for tests, led by a pipe: it ends with the node process that started it, however that ends.
const puppeteer = require('puppeteer-core'); // of whoever started this, by NODE_PATH

const parameters = [
    '--no-sandbox', // root has no sandbox; only pages of tests are opened
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-proxy-server',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-crash-reporter',
    '--disable-breakpad',
    '--force-color-profile=srgb',
    '--font-render-hinting=none',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1', // nothing beyond this machine
];

/** Starts `program` with a profile folder of the caller's; answers puppeteer's browser. */
function launchChromium(program, profile) {
    return puppeteer.launch({
        executablePath: program,
        userDataDir: profile,
        pipe: true,
        headless: true,
        timeout: 60000,
        protocolTimeout: 120000,
        args: parameters,
    });
}

module.exports = { launchChromium };
