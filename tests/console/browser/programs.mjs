// Programs that a test writes into a folder of its own and runs there.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { until } from './support.mjs';

export class Programs {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mws-snippets-'));
    #running = new Set();

    write(name, text) {
        const file = path.join(this.folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text);
        return file;
    }

    /** Starts one; `output()` is what it wrote so far, `ended` its exit code, `says(text)` waits until it wrote that. */
    run(command, parameters, environment = {}) {
        const child = spawn(command, parameters, { cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
        this.#running.add(child);
        let text = '';
        child.stdout.on('data', (data) => (text += data));
        child.stderr.on('data', (data) => (text += data));
        const ended = new Promise((resolve) => {
            child.once('error', (error) => (text += error));
            child.once('close', (code) => {
                this.#running.delete(child);
                resolve(code);
            });
        });
        const says = async (wanted) => {
            await until(() => text.includes(wanted) || !this.#running.has(child), wanted).catch(() => {});
            if (!text.includes(wanted)) throw new Error(`${command} does not say ${wanted}, but:\n${text}`);
        };
        return { ended, says, output: () => text, stop: () => child.kill() };
    }

    /** Ends what still runs, and takes the folder away. */
    end() {
        for (const child of this.#running) child.kill('SIGKILL');
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}
