import assert from 'node:assert/strict';
import test from 'node:test';
import { snippetsFor } from '../../src/console/page/snippets.js';

const url = 'https://push.example.com/v1/gateways/players';

test('every snippet has the real address, and no secret', () => {
    for (const mode of ['none', 'custom', 'eds', 'jwt'])
        for (const { id, code } of snippetsFor(url, mode)) {
            const isOwnBackend = mode === 'custom' && ['browser', 'qt', 'qml'].includes(id);
            assert.equal(code.includes(url), !isOwnBackend, `${mode} ${id}`);
            assert.doesNotMatch(code, /undefined|\[object/, `${mode} ${id}`);
        }
});

test('clients fetch their address as the mode asks', () => {
    const code = (mode, id) => snippetsFor(url, mode).find((one) => one.id === id).code;
    assert.match(code('none', 'browser'), /websocket_uri/);
    assert.doesNotMatch(code('none', 'browser'), /Authorization/);
    assert.match(code('jwt', 'browser'), /Bearer \$\{accessToken\}/);
    assert.match(code('custom', 'browser'), /push-address/);
    assert.match(code('eds', 'qt'), /setBearer/);
    assert.match(code('jwt', 'qml'), /bearer: accessToken/);
    assert.doesNotMatch(code('none', 'qml'), /accessToken/);
});

test('an address cannot leave its quotes', () => {
    const odd = `https://a.example/'"$(x)`;
    const code = (id) => snippetsFor(odd, 'none').find((one) => one.id === id).code;
    assert.ok(code('curl-send').includes(`'https://a.example/'\\''"$(x)/messages'`));
    assert.ok(code('browser').includes(JSON.stringify(`${odd}/websocket_uri`)));
});
