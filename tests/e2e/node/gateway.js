'use strict';
// Starts the real gateway for one test file.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

/** What the sanitizers' builds are told, so that the gateway is told it, too. */
function sanitizerOptions() {
    const names = ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS'];
    return Object.fromEntries(names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

/** Starts the gateway with `environment` on a free port; answers its address and how to stop it. */
async function startGateway(environment) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mws-e2e-'));
    const gateway = spawn(process.env.MWS_GATEWAY_EXECUTABLE, [], {
        cwd: folder,
        env: {
            PATH: process.env.PATH,
            ...sanitizerOptions(),
            MWS_SERVER_PORT: '0',
            MWS_SERVER_STATE_DIR: path.join(folder, 'state'),
            ...environment,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => gateway.once('exit', resolve));
    const port = await new Promise((resolve, reject) => {
        gateway.once('error', reject);
        gateway.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
        readline.createInterface({ input: gateway.stderr }).on('line', (line) => {
            const found = /listening.*port=(\d+)/.exec(line);
            if (found) resolve(Number(found[1]));
        });
    });
    return {
        address: `${environment.MWS_TLS_CERTIFICATE ? 'https' : 'http'}://127.0.0.1:${port}`,
        reload: () => gateway.kill('SIGHUP'),
        /** SIGTERM; answers the exit code. */
        async stop() {
            gateway.kill('SIGTERM');
            const code = await ended;
            fs.rmSync(folder, { recursive: true, force: true });
            return code;
        },
    };
}

/** The next `event` of an emitter, within ten seconds. */
function next(emitter, event) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event} within 10 s`)), 10000);
        emitter.once(event, (...values) => {
            clearTimeout(timer);
            resolve(values);
        });
    });
}

module.exports = { startGateway, next };
