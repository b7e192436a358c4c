// How long to wait before the next attempt, so that a server that comes back is not met by all at once.

const first = 500;
const longest = 30000;

/** Milliseconds before attempt number `attempt` (0: the first repetition); half of it by chance. */
export function backoff(attempt, random = Math.random()) {
    const whole = Math.min(longest, first * 2 ** Math.min(attempt, 16));
    return whole / 2 + (whole / 2) * random;
}
