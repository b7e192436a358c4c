'use strict';
// Adds a user, or several: node add_user.js FILE NAME…, with a password for each on a line of the input.
const fs = require('node:fs');
const { Accounts } = require('./accounts.js');
const { openDatabase } = require('./database.js');

async function main([file, ...names]) {
    if (!file || names.length === 0) throw new Error('usage: node add_user.js FILE NAME… (passwords on lines of the input)');
    const passwords = fs.readFileSync(0, 'utf8').split('\n');
    const database = openDatabase(file);
    try {
        for (const [index, name] of names.entries()) await new Accounts(database).addUser(name, passwords[index] ?? '');
    } finally {
        database.close();
    }
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
