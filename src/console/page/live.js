// Statistics every second, by a WebSocket through the gateway itself. Comes back by itself when it is lost.
import { base, call } from './api.js';
import { backoff } from './backoff.js';
import { History, StatisticsSum } from './statistics.js';

/** The issued address at the place that the page came from: it is the way that is known to work. */
export function sameOriginUri(uri) {
    const issued = new URL(uri);
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    return `${scheme}//${location.host}${base}${issued.pathname}${issued.search}`;
}

/** Events: `status` when `status` changes, `sample` each second while it is 'live'. */
export class LiveFeed extends EventTarget {
    status = 'connecting'; // or 'live', 'offline'
    retryAt = 0; // when offline: performance.now() of the next attempt
    last = null; // the newest sum
    history = new History();
    #sum = new StatisticsSum();
    #socket = null;
    #attempt = 0;
    #timer = 0;
    #ticker = 0;
    #stopped = false;

    start() {
        this.#connect();
        this.#ticker = setInterval(() => this.#tick(), 1000);
        addEventListener('online', this.#hurry);
    }

    stop() {
        this.#stopped = true;
        clearTimeout(this.#timer);
        clearInterval(this.#ticker);
        removeEventListener('online', this.#hurry);
        this.#socket?.close();
    }

    #hurry = () => {
        if (this.status !== 'offline') return;
        clearTimeout(this.#timer);
        this.#connect();
    };

    async #connect() {
        try {
            const { body } = await call('POST', '/v1/console/socket', {});
            if (this.#stopped) return;
            this.#open(sameOriginUri(body.uri));
        } catch {
            if (!this.#stopped) this.#lost();
        }
    }

    #open(uri) {
        const socket = new WebSocket(uri);
        this.#socket = socket;
        socket.onopen = () => {
            this.#attempt = 0;
        };
        socket.onmessage = (event) => {
            if (!this.#sum.add(JSON.parse(event.data), performance.now())) return;
            if (this.status !== 'live') {
                this.#setStatus('live');
                this.#tick();
            }
        };
        socket.onclose = () => {
            if (!this.#stopped && this.#socket === socket) this.#lost();
        };
    }

    #lost() {
        const delay = backoff(this.#attempt);
        this.#attempt += 1;
        this.retryAt = performance.now() + delay;
        this.#setStatus('offline');
        this.#timer = setTimeout(() => this.#connect(), delay);
    }

    #tick() {
        const sum = this.#sum.sum(performance.now());
        if (!sum) {
            if (this.status === 'live') this.#setStatus('connecting'); // open, and nothing comes
            return;
        }
        this.last = sum;
        this.history.add(sum);
        this.dispatchEvent(new Event('sample'));
    }

    #setStatus(status) {
        if (this.status === status && status !== 'offline') return;
        this.status = status;
        this.dispatchEvent(new Event('status'));
    }
}
