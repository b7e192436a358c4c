'use strict';
// Who somebody is: passwords by scrypt, sessions by random tokens of which only a digest is kept.
const crypto = require('node:crypto');
const { promisify } = require('node:util');

const scrypt = promisify(crypto.scrypt);
const cost = { N: 16384, r: 8, p: 5 }; // as OWASP recommends for scrypt with 16 MiB
const sessionSeconds = 12 * 60 * 60;
const failuresPerMinute = 10;

const seconds = () => Math.floor(Date.now() / 1000);
const digest = (token) => crypto.createHash('sha256').update(token).digest('hex');

class Accounts {
    constructor(database) {
        this.database = database;
        this.failures = new Map(); // by name
    }

    async addUser(name, password) {
        if (!/^[a-z0-9]{1,32}$/.test(name)) throw new Error('a name is 1 to 32 of a-z and 0-9');
        if (password.length < 8) throw new Error('a password has at least 8 characters');
        const salt = crypto.randomBytes(16);
        const hash = await scrypt(password, salt, 32, cost);
        this.database.run('INSERT INTO users (name, salt, hash) VALUES (?, ?, ?)', [
            name,
            salt.toString('hex'),
            hash.toString('hex'),
        ]);
    }

    /** `{token, user}`; null if name and password do not match. It takes as long for a name that nobody has. */
    async login(name, password) {
        const user = this.database.get('SELECT id, name, salt, hash FROM users WHERE name = ?', [name]);
        const salt = Buffer.from(user?.salt ?? '00'.repeat(16), 'hex');
        const hash = await scrypt(password, salt, 32, cost);
        if (!user || !crypto.timingSafeEqual(hash, Buffer.from(user.hash, 'hex'))) {
            this.noteFailure(name);
            return null;
        }
        const token = crypto.randomBytes(32).toString('base64url');
        this.database.run('DELETE FROM sessions WHERE expires <= ?', [seconds()]);
        this.database.run('INSERT INTO sessions VALUES (?, ?, ?)', [digest(token), user.id, seconds() + sessionSeconds]);
        return { token, user: { id: user.id, name: user.name } };
    }

    /** Whether someone has tried this name too often within the last minute. */
    isThrottled(name) {
        const failure = this.failures.get(name);
        return failure !== undefined && failure.until > Date.now() && failure.count >= failuresPerMinute;
    }

    noteFailure(name) {
        const now = Date.now();
        for (const [other, { until }] of this.failures) if (until <= now) this.failures.delete(other);
        const failure = this.failures.get(name) ?? { count: 0, until: now + 60000 };
        ++failure.count;
        this.failures.set(name, failure);
    }

    /** `{id, name, session}` of the bearer of a token; undefined if it is not one, or no longer. `session` is no secret. */
    userOf(token) {
        const found = this.database.get(
            'SELECT users.id, users.name FROM sessions JOIN users ON users.id = sessions.user WHERE digest = ? AND expires > ?',
            [digest(token), seconds()],
        );
        return found ? { ...found, session: digest(token).slice(0, 16) } : undefined;
    }

    logout(token) {
        this.database.run('DELETE FROM sessions WHERE digest = ?', [digest(token)]);
    }
}

module.exports = { Accounts };
