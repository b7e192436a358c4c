'use strict';
// A login whose users may use the gateway: it signs a JWT for whoever knows a password, and serves the key that verifies it.
//   node login.js [PORT]
//   ACCESS_CONTROL=jwt MWS_GATEWAY_JWT_JWKS=http://127.0.0.1:8081/jwks.json MWS_GATEWAY_JWT_AUDIENCE=push \
//       EDS_PERMISSIONS='{"read": ["*"], "write": ["usergroups.admins"]}' build/release/mws-gateway
//   curl -s -d '{"user": "eva", "password": "e"}' http://127.0.0.1:8081/login
// Needs nothing but Node.js. A real login keeps its key, and hashes of passwords.
const crypto = require('node:crypto');
const http = require('node:http');

const users = { eva: { password: 'e', groups: [] }, adam: { password: 'a', groups: ['usergroups.admins'] } };
const keys = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const kid = crypto.randomUUID();
const jwks = { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(user, groups, seconds = 300) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: user, aud: 'push', iat: now, exp: now + seconds, groups };
    const input = `${encode({ alg: 'ES256', typ: 'JWT', kid })}.${encode(claims)}`;
    // RFC 7518 §3.4: r and s, not the DER that Node.js makes by default.
    const signature = crypto.sign('sha256', Buffer.from(input), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
}

function answer(response, status, body) {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(body));
}

function login(request, response) {
    let body = '';
    request.on('data', (chunk) => { body += chunk; if (body.length > 1000) request.destroy(); });
    request.on('end', () => {
        let asked = {};
        try { asked = JSON.parse(body); } catch { /* answered 401 */ }
        const known = Object.hasOwn(users, asked.user) ? users[asked.user] : undefined;
        if (!known || known.password !== asked.password)
            return answer(response, 401, { error: 'no such user, or another password' });
        answer(response, 200, { token: sign(asked.user, known.groups) });
    });
}

const server = http.createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/jwks.json')
        return answer(response, 200, jwks);
    if (request.method === 'POST' && request.url === '/login')
        return login(request, response);
    answer(response, 404, { error: 'not found' });
});
server.listen(Number(process.argv[2] || 8081), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
