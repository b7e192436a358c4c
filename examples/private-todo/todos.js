'use strict';
// A user's todos. Each change has the next revision of its user, so that a client sees whether it has missed one.
const crypto = require('node:crypto');
const { atomically } = require('./database.js');

const columns = 'SELECT id, title, done FROM todos';
const shown = (row) => ({ id: row.id, title: row.title, done: row.done === 1 });

class Todos {
    constructor(database) {
        this.database = database;
    }

    all(user) {
        return atomically(this.database, () => ({
            revision: this.revision(user),
            todos: this.database.all(`${columns} WHERE user = ? ORDER BY place`, [user]).map(shown),
        }));
    }

    revision(user) {
        return this.database.get('SELECT revision FROM users WHERE id = ?', [user]).revision;
    }

    /** undefined if there is none of that id, or it is another user's: to him there is no difference. */
    one(user, id) {
        const row = this.database.get(`${columns} WHERE user = ? AND id = ?`, [user, id]);
        return row && shown(row);
    }

    add(user, title) {
        return this.change(user, 'added', () => {
            const id = crypto.randomBytes(9).toString('base64url');
            this.database.run(
                `INSERT INTO todos (id, user, place, title)
                 VALUES (?, ?, (SELECT COALESCE(MAX(place), 0) + 1 FROM todos WHERE user = ?), ?)`,
                [id, user, user, title],
            );
            return this.one(user, id);
        });
    }

    update(user, id, { title, done }) {
        return this.change(user, 'changed', () => {
            const old = this.one(user, id);
            if (!old) return undefined;
            const todo = { ...old, title: title ?? old.title, done: done ?? old.done };
            this.database.run('UPDATE todos SET title = ?, done = ? WHERE user = ? AND id = ?', [
                todo.title,
                todo.done ? 1 : 0,
                user,
                id,
            ]);
            return todo;
        });
    }

    remove(user, id) {
        return this.change(user, 'removed', () => {
            const old = this.one(user, id);
            if (old) this.database.run('DELETE FROM todos WHERE user = ? AND id = ?', [user, id]);
            return old;
        });
    }

    /** `{event, revision, todo}`; undefined if `work` found nothing to change. */
    change(user, event, work) {
        return atomically(this.database, () => {
            const todo = work();
            if (!todo) return undefined;
            this.database.run('UPDATE users SET revision = revision + 1 WHERE id = ?', [user]);
            return { event, revision: this.revision(user), todo };
        });
    }
}

module.exports = { Todos };
