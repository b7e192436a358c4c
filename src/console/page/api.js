// The gateway's REST interface, as the operator calls it.
import { session } from './session.js';

/** Where the service is, seen from the page: before `/console`. */
export const base = location.pathname.replace(/\/console\/?$/, '');
/** The same as a whole address. */
export const baseUrl = location.origin + base;

/** An answer that is none of success, or that did not come (status 0). */
export class ApiError extends Error {
    constructor(status, message, errors = []) {
        super(message);
        this.status = status;
        this.errors = errors; // [{ reason, property, message }] of a 422
    }
}

let onUnauthorized = () => {};
/** What to do when the token is not, or no longer, good. */
export function whenUnauthorized(action) {
    onUnauthorized = action;
}

async function errorOf(answer) {
    let body;
    try {
        body = await answer.json();
    } catch {
        return new ApiError(answer.status, `The server answered ${answer.status}`);
    }
    if (Array.isArray(body.errors))
        return new ApiError(answer.status, body.errors.map((error) => error.message).join('; '), body.errors);
    const retry = answer.headers.get('Retry-After');
    const again = retry ? ` (try again in ${retry} s)` : '';
    return new ApiError(answer.status, (body.error?.message ?? `The server answered ${answer.status}`) + again);
}

/** Calls `path`, e.g. `/v1/gateways`; answers `{ status, body, headers }`. Throws an ApiError. */
export async function call(method, path, body, { signal } = {}) {
    const headers = { Authorization: `Bearer ${session.token}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let answer;
    try {
        answer = await fetch(base + path, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
            cache: 'no-store',
            credentials: 'omit',
            signal,
        });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new ApiError(0, 'The server cannot be reached');
    }
    if (!answer.ok) {
        const error = await errorOf(answer);
        if (answer.status === 401) onUnauthorized(error);
        throw error;
    }
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null, headers: answer.headers };
}

/** What /console/status.json says, without a token: whether the server has an operator's token. */
export async function fetchStatus() {
    const answer = await fetch(`${base}/console/status.json`, { cache: 'no-store', credentials: 'omit' });
    return answer.json();
}

/** The path of a gateway's calls. */
export function gatewayPath(id, rest = '') {
    return `/v1/gateways/${encodeURIComponent(id)}${rest}`;
}
