'use strict';
// The chat's backend: serves the page, and reserves a socket in a room for whoever asks for one. Node.js and nothing else.
//   SECURITY_TOKEN=… node server.js        (PORT, GATEWAY: see below)
const http = require('node:http');
const fs = require('node:fs/promises');
const path = require('node:path');

const port = Number(process.env.PORT ?? 8090);
const gateway = process.env.GATEWAY ?? 'http://127.0.0.1:8080';
const token = process.env.SECURITY_TOKEN ?? '';

const files = {
    '/': ['index.html', 'text/html'],
    '/chat.js': ['chat.js', 'text/javascript'],
    '/chat.css': ['chat.css', 'text/css'],
};

// A socket with the room's tag: the gateway relays what its client sends to all others with that tag. Its answer is
// handed on as it is: MwsClient and the page take `uri` from it.
async function reserve(room) {
    const answer = await fetch(`${gateway}/v1/sockets`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify({ tags: [`room:${room}`] }),
        signal: AbortSignal.timeout(5000),
    });
    if (answer.status !== 201) throw new Error(`the gateway answered ${answer.status}: ${await answer.text()}`);
    return answer.text();
}

async function handle(request, response) {
    const send = (status, type, body) =>
        response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }).end(body);
    const sendJson = (status, value) => send(status, 'application/json', JSON.stringify(value));
    const { pathname } = new URL(request.url, 'http://localhost');
    if (request.method !== 'GET') return sendJson(405, { error: 'only GET is known here' });
    if (files[pathname]) {
        const [name, type] = files[pathname];
        return send(200, type, await fs.readFile(path.join(__dirname, 'page', name)));
    }
    // Where messages are POSTed to: the gateway itself.
    if (pathname === '/settings') return sendJson(200, { messages: `${gateway}/v1/messages` });
    const room = /^\/rooms\/([A-Za-z0-9_-]{1,40})\/socket$/.exec(pathname)?.[1];
    if (!room) return sendJson(404, { error: 'no such path; a room is 1 to 40 of A-Z a-z 0-9 _ -' });
    try {
        send(200, 'application/json', await reserve(room));
    } catch (error) {
        console.error(error.message);
        sendJson(503, { error: 'the gateway is away' }); // clients come again
    }
}

const server = http.createServer((request, response) => {
    handle(request, response).catch((error) => {
        console.error(error);
        response.destroy();
    });
});
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
