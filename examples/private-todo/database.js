'use strict';
// Users, sessions and todos in a SQLite file.
//
// node-sqlite3-wasm is SQLite compiled to WebAssembly: npm alone installs it, where better-sqlite3 and sqlite3 build native
// code or fetch it from elsewhere; unlike sql.js it writes to the file itself; and node:sqlite came only with Node.js 22.
const { Database } = require('node-sqlite3-wasm');

const schema = `
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id), expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS todos (
    id TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id), place INTEGER NOT NULL,
    title TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS todos_of_user ON todos(user, place);`;

function openDatabase(file) {
    const database = new Database(file);
    database.exec(schema);
    return database;
}

/** Runs `work` as one transaction; answers what it returns. */
function atomically(database, work) {
    database.exec('BEGIN IMMEDIATE');
    try {
        const result = work();
        database.exec('COMMIT');
        return result;
    } catch (error) {
        database.exec('ROLLBACK');
        throw error;
    }
}

module.exports = { openDatabase, atomically };
