'use strict';
// Makes a socket URI without asking the gateway. node mint.js WS_BASE TAG...
// MWS_GATEWAY_SIGNING_KEY is the key that the gateway was given; GATEWAY_ID its id.
const crypto = require('node:crypto');

const key = Buffer.from(process.env.MWS_GATEWAY_SIGNING_KEY || '', 'base64');
if (key.length < 32) throw new Error('MWS_GATEWAY_SIGNING_KEY: base64 of at least 32 bytes');

/** `length` characters of A-Za-z0-9. */
function randomId(length) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    return Array.from({ length }, () => letters[crypto.randomInt(letters.length)]).join('');
}

function mint(gateway, tags, seconds = 300) {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
        iss: 'mws',
        gw: gateway,
        sid: randomId(32),
        tags,
        iat: now,
        exp: now + seconds,
        jti: randomId(22),
    };
    const encode = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${signed}.${crypto.createHmac('sha256', key).update(signed).digest('base64url')}`;
}

const [base = 'ws://127.0.0.1:8080', ...tags] = process.argv.slice(2);
const gateway = process.env.GATEWAY_ID || 'default';
console.log(`${base}/v1/gateways/${gateway}/socket?token=${mint(gateway, tags)}`);
