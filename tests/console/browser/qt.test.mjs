// The snippets in C++ and QML, taken from the page: built with the installed client library, and run until a message comes.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Programs } from './programs.mjs';
import { callAs, Console, environment, launchBrowser, operatorToken, startGateway } from './support.mjs';

const key = 'secret-of-the-identity-provider-of-the-snippets';
const forUsers = { ACCESS_CONTROL: 'jwt', MWS_GATEWAY_JWT_SECRET: key, MWS_GATEWAY_PERMISSIONS_READ: '*' }; // of `default`
let gateway;
let chromium;
let programs;
let prefix;
const snippets = {}; // by gateway: { qt, qml }

/** An access token of the identity provider: a JWT. */
function accessToken() {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'eva', exp: Math.floor(Date.now() / 1000) + 600 })}`;
    return `${input}.${crypto.createHmac('sha256', key).update(input).digest('base64url')}`;
}

/** What the sanitizers' builds are told, and what Qt is. */
function programEnvironment() {
    const kept = Object.entries(process.env).filter(([name]) => name.endsWith('SAN_OPTIONS'));
    return { ...Object.fromEntries(kept), QT_QPA_PLATFORM: 'offscreen', QT_FORCE_STDERR_LOGGING: '1' };
}

async function well(command, parameters) {
    const done = programs.run(command, parameters, programEnvironment());
    assert.equal(await done.ended, 0, `${command} ${parameters.join(' ')}\n${done.output()}`);
}

async function readSnippets() {
    const tab = await Console.open(chromium.browser, gateway.address);
    await tab.enter();
    for (const id of ['open', 'default']) {
        await tab.section(id, 'snippets', 'Snippets');
        await tab.untilText('#code-qt', `/v1/gateways/${id}/`);
        const codeOf = (name) => tab.page.$eval(`#code-${name}`, (code) => code.textContent);
        snippets[id] = { qt: await codeOf('qt'), qml: await codeOf('qml') };
    }
    await tab.close();
}

before(async () => {
    programs = new Programs();
    prefix = path.join(programs.folder, 'prefix');
    [gateway, chromium] = await Promise.all([startGateway({ ...environment, ...forUsers }), launchBrowser()]);
    assert.equal((await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways`, { id: 'open', accessControl: 'none' })).status, 201);
    await readSnippets();
    await well(process.env.MWS_CMAKE, ['--install', process.env.MWS_CLIENT_BUILD, '--prefix', prefix, '--component', 'MwsClient']);
});
after(async () => {
    await chromium?.close();
    await gateway?.stop();
    programs?.end();
});

/** The CMakeLists.txt that the snippet's first lines name. */
function projectOf(code) {
    const lines = code.split('\n');
    const end = lines.findIndex((line) => !line.startsWith('//'));
    return lines.slice(1, end).map((line) => line.replace(/^\/\/ {5}/, '')).join('\n');
}

/** Makes the program of a gateway's snippet; the first one makes the project, too. */
async function build(id) {
    const { qt } = snippets[id];
    const folder = path.join(programs.folder, 'build');
    programs.write('receive.cpp', qt);
    if (!fs.existsSync(folder)) {
        programs.write('CMakeLists.txt', projectOf(qt));
        await well(process.env.MWS_CMAKE, ['-G', process.env.MWS_CMAKE_GENERATOR, '-S', programs.folder, '-B', folder, `-DCMAKE_PREFIX_PATH=${prefix}`,
            `-DCMAKE_CXX_COMPILER=${process.env.MWS_CXX}`, `-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror ${process.env.MWS_CONSUMER_FLAGS ?? ''}`]);
    }
    await well(process.env.MWS_CMAKE, ['--build', folder]);
    return path.join(folder, 'receive');
}

/** Waits until the program is open, sends, and waits for the message. */
async function receives(id, command, parameters, more = {}) {
    const program = programs.run(command, parameters, { ...programEnvironment(), ...more });
    await program.says('open');
    const { status } = await callAs(operatorToken, 'POST', `${gateway.address}/v1/gateways/${id}/messages`, { data: `to ${id}`, receivers: { sockets: ['*'] } });
    assert.equal(status, 201);
    await program.says(`received: to ${id}`);
    assert.doesNotMatch(program.output(), /given up|again in/);
    program.stop();
    await program.ended;
}

test('C++ receives', async () => receives('open', await build('open'), []));

test('C++ receives as a user of the identity provider', async () => {
    const program = await build('default');
    await receives('default', program, [], { ACCESS_TOKEN: accessToken() });
    const refused = programs.run(program, [], programEnvironment()); // without a token
    await refused.says('given up:');
    refused.stop();
    await refused.ended;
});

const qml = process.env.MWS_QML;
const noQml = !qml && 'this build has no qml program, or it cannot load what a sanitizer made';

/** Runs a file as the snippet says. */
function withQml(id, file) {
    return receives(id, qml, [file], { QML_IMPORT_PATH: path.join(prefix, process.env.MWS_QML_INSTALL_DIR) });
}

test('QML receives', { skip: noQml }, () => withQml('open', programs.write('Receive.qml', snippets.open.qml)));

test('QML receives as a user of the identity provider', { skip: noQml }, () => {
    programs.write('default/Receive.qml', snippets.default.qml);
    return withQml('default', programs.write('default/Main.qml', `Receive { accessToken: "${accessToken()}" }\n`));
});
