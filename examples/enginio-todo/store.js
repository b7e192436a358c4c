'use strict';
// A small stand-in for Enginio, the data store of Qt Cloud Services: objects of one collection over REST, kept in memory.
// Each change calls a webhook as Enginio did, in the order of the changes.
//
// Environment: PORT (0: a free one), BACKEND_ID, WEBHOOK_URL, WEBHOOK_TOKEN.
const crypto = require('node:crypto');
const http = require('node:http');

const backendId = process.env.BACKEND_ID ?? '532831a2698b3c6ae8091d6d';
const collection = 'objects.todos';
const bodyLimit = 64 * 1024;
const webhookTimeout = 10000;
const webhookAttempts = 12;
const todos = new Map();

class Refusal extends Error {
    constructor(status, reason, message, property) {
        super(message);
        Object.assign(this, { status, reason, property });
    }
}

/** Events that wait for the webhook. One call at a time, so that no update overtakes another. */
const webhook = {
    waiting: [],
    isBusy: false,

    announce(eventName, object) {
        this.waiting.push({
            payload: { object, meta: { backendId, eventName } },
            receivers: [{ id: '*', objectType: 'aclSubject' }],
        });
        if (!this.isBusy) this.work();
    },

    async work() {
        this.isBusy = true;
        while (this.waiting.length > 0) await this.call(this.waiting.shift());
        this.isBusy = false;
    },

    /** A gateway that restarts is waited for; clients fetch all objects when they come back, so that giving up loses nothing. */
    async call(event) {
        for (let attempt = 1; attempt <= webhookAttempts; ++attempt) {
            const status = await post(event);
            if (status >= 200 && status < 300) return;
            if (status >= 400 && status < 500 && status !== 429) {
                console.error(`webhook: refused with ${status}`);
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** attempt, 5000)));
        }
        console.error('webhook: given up');
    },
};

/** The status of the answer; 0 if there is none. */
async function post(event) {
    try {
        const answer = await fetch(process.env.WEBHOOK_URL, {
            method: 'POST',
            headers: { Authorization: `Bearer ${process.env.WEBHOOK_TOKEN}`, 'Content-Type': 'application/json' },
            body: JSON.stringify(event),
            redirect: 'error',
            signal: AbortSignal.timeout(webhookTimeout),
        });
        await answer.arrayBuffer();
        return answer.status;
    } catch (error) {
        console.error(`webhook: ${error.cause?.code ?? error.message}`);
        return 0;
    }
}

async function bodyOf(request) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size > bodyLimit) throw new Refusal(413, 'TooLarge', `The body has more than ${bodyLimit} bytes`);
        chunks.push(chunk);
    }
    try {
        return JSON.parse(Buffer.concat(chunks).toString());
    } catch {
        throw new Refusal(400, 'InvalidJson', 'The body is not JSON');
    }
}

/** The properties of a todo that a client may set, checked. */
function checked(body) {
    const refuse = (property, message) => {
        throw new Refusal(400, 'ValidationFailed', `${property}: ${message}`, property);
    };
    if (body === null || typeof body !== 'object' || Array.isArray(body)) refuse('', 'must be an object');
    const result = {};
    if ('title' in body) {
        if (typeof body.title !== 'string' || body.title.trim() === '' || body.title.length > 200)
            refuse('title', 'must be text of 1 to 200 characters');
        result.title = body.title.trim();
    }
    if ('completed' in body) {
        if (typeof body.completed !== 'boolean') refuse('completed', 'must be true or false');
        result.completed = body.completed;
    }
    return result;
}

function known(id) {
    const todo = todos.get(id);
    if (!todo) throw new Refusal(404, 'NotFound', `There is no object ${id} in ${collection}`);
    return todo;
}

const handlers = {
    GET: (id) => [200, id ? known(id) : { results: [...todos.values()] }],

    async POST(id, request) {
        const values = checked(await bodyOf(request));
        if (values.title === undefined) throw new Refusal(400, 'ValidationFailed', 'title: is missing', 'title');
        const now = new Date().toISOString();
        const todo = { id: crypto.randomBytes(12).toString('hex'), createdAt: now, updatedAt: now };
        Object.assign(todo, { completed: false, ...values, objectType: collection });
        todos.set(todo.id, todo);
        webhook.announce('create', todo);
        return [201, todo];
    },

    async PUT(id, request) {
        const values = checked(await bodyOf(request));
        const todo = { ...known(id), ...values, updatedAt: new Date().toISOString() };
        todos.set(id, todo);
        webhook.announce('update', todo);
        return [200, todo];
    },

    DELETE(id) {
        const todo = known(id);
        todos.delete(id);
        webhook.announce('delete', todo);
        return [200, {}];
    },
};

async function answer(request) {
    const path = /^\/v1\/objects\/todos(?:\/([0-9a-f]{24}))?$/.exec(new URL(request.url, 'http://store').pathname);
    if (!path) throw new Refusal(404, 'NotFound', 'There is no such collection');
    if (request.headers['enginio-backend-id'] !== backendId)
        throw new Refusal(400, 'BadRequest', 'Enginio-Backend-Id is missing or unknown');
    const takesId = { GET: [true, false], POST: [false], PUT: [true], DELETE: [true] }[request.method];
    if (!takesId?.includes(path[1] !== undefined)) throw new Refusal(405, 'MethodNotAllowed', 'Not here');
    return handlers[request.method](path[1], request);
}

const server = http.createServer(async (request, response) => {
    let status;
    let body;
    try {
        [status, body] = await answer(request);
    } catch (error) {
        if (!(error instanceof Refusal)) console.error(error);
        status = error.status ?? 500;
        const { reason = 'InternalError', property } = error;
        body = { errors: [{ reason, property, message: error.status ? error.message : 'Internal error' }] };
    }
    console.log(`${request.method} ${request.url} ${status}`);
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(body));
});

for (const name of ['WEBHOOK_URL', 'WEBHOOK_TOKEN']) {
    if (process.env[name]) continue;
    console.error(`${name} is not set`);
    process.exit(2);
}
process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
