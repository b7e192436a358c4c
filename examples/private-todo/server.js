'use strict';
// A backend with users: it logs them in, keeps their todos, and gives each a private socket of the gateway, tagged with who
// he is. A change is sent to that tag, to all that its user has open and to nobody else.
//
// Environment: PORT (0: a free one), DATABASE (a file), GATEWAY (an address), SECURITY_TOKEN (the gateway's).
const path = require('node:path');
const express = require('express');
const Qtc = require('qtc');
const { Accounts } = require('./accounts.js');
const { openDatabase } = require('./database.js');
const { Todos } = require('./todos.js');

for (const name of ['DATABASE', 'GATEWAY', 'SECURITY_TOKEN']) {
    if (process.env[name]) continue;
    console.error(`${name} is not set`);
    process.exit(2);
}
const { DATABASE, GATEWAY, SECURITY_TOKEN } = process.env;
const database = openDatabase(DATABASE);
const accounts = new Accounts(database);
const todos = new Todos(database);
const mws = new Qtc.Mws({ address: GATEWAY, secret: SECURITY_TOKEN });
const app = express();

class Refusal extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}

function titleOf(body) {
    const title = typeof body?.title === 'string' ? body.title.trim() : '';
    if (title === '' || title.length > 200) throw new Refusal(422, 'title: must be text of 1 to 200 characters');
    return title;
}

/** Sends a change to what its user has open. A client that misses one sees it by the revision of the next. */
function announce(user, change) {
    mws.send(JSON.stringify(change), { tags: [`user:${user.id}`] }, (error) => {
        if (error) console.error(`not sent: ${error}`);
    });
}

/** Answers a change and announces it; undefined is a todo that this user does not have. */
function conclude(request, response, status, change) {
    if (!change) throw new Refusal(404, 'There is no such todo');
    announce(request.user, change);
    response.status(status).json(change);
}

function bearer(request) {
    return /^Bearer ([\w-]{43})$/.exec(request.get('Authorization') ?? '')?.[1];
}

function requireUser(request, response, next) {
    const token = bearer(request);
    request.user = token && accounts.userOf(token);
    if (!request.user) throw new Refusal(401, 'Not logged in');
    next();
}

app.disable('x-powered-by');
app.use((request, response, next) => {
    // Scripts and styles from here only; sockets of the gateway, whose address the page learns with each URI.
    const gateway = GATEWAY.replace(/^http/, 'ws');
    response.set('Content-Security-Policy', `default-src 'self'; img-src 'self' data:; connect-src 'self' ${gateway}`);
    response.set('X-Content-Type-Options', 'nosniff');
    next();
});
app.use(express.static(path.join(__dirname, 'public')));
app.use('/api', express.json({ limit: '16kb' }), (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
});

app.post('/api/login', async (request, response) => {
    const { name, password } = request.body ?? {};
    if (typeof name !== 'string' || typeof password !== 'string' || name.length > 64 || password.length > 256)
        throw new Refusal(422, 'name and password: must be text');
    if (accounts.isThrottled(name)) throw new Refusal(429, 'Too many attempts, try again in a minute');
    const session = await accounts.login(name, password);
    if (!session) throw new Refusal(401, 'Name or password is wrong');
    response.status(201).json(session);
});

app.use('/api', requireUser);

app.delete('/api/login', async (request, response) => {
    accounts.logout(bearer(request));
    // What this session has open ends with it. Closing by tag is newer than the SDK.
    await fetch(`${GATEWAY}/v1/sockets?tag=session:${request.user.session}`, {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${SECURITY_TOKEN}` },
        signal: AbortSignal.timeout(5000),
    }).catch((error) => console.error(`sockets not closed: ${error.message}`));
    response.sendStatus(204);
});

app.post('/api/socket', (request, response, next) => {
    const tags = [`user:${request.user.id}`, `session:${request.user.session}`];
    mws.createSocket(tags, (error, socket) => {
        if (error) next(new Refusal(503, 'The gateway does not answer, try again'));
        else response.status(201).json({ uri: socket.uri, expiresAt: socket.expiresAt });
    });
});

app.get('/api/todos', (request, response) => response.json(todos.all(request.user.id)));

app.post('/api/todos', (request, response) =>
    conclude(request, response, 201, todos.add(request.user.id, titleOf(request.body))),
);

app.patch('/api/todos/:id', (request, response) => {
    const { done } = request.body ?? {};
    if (done !== undefined && typeof done !== 'boolean') throw new Refusal(422, 'done: must be true or false');
    const title = request.body?.title === undefined ? undefined : titleOf(request.body);
    conclude(request, response, 200, todos.update(request.user.id, request.params.id, { title, done }));
});

app.delete('/api/todos/:id', (request, response) =>
    conclude(request, response, 200, todos.remove(request.user.id, request.params.id)),
);

app.use((request) => {
    throw new Refusal(404, `There is no ${request.path}`);
});

// Four parameters: express knows error handlers by that.
app.use((error, request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) console.error(error.stack);
    response.status(status).json({ error: status === 500 ? 'Internal error' : error.message });
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => {
    server.close(() => {
        database.close();
        process.exit(0);
    });
    server.closeAllConnections();
});
