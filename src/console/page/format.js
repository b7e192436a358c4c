// Numbers and times as people read them.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes) {
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit += 1;
    }
    const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
    return `${value.toFixed(digits)} ${units[unit]}`;
}

export function formatCount(count) {
    return Math.round(count).toLocaleString('en');
}

/** A rate per second: whole numbers, but below ten with a digit behind the point. */
export function formatRate(rate) {
    if (rate >= 10 || Number.isInteger(rate)) return formatCount(rate);
    return rate.toFixed(1);
}

/** How long something is: `42 s`, `3 min`, `5 h 12 min`, `2 d 4 h`. */
export function formatAge(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    const restOf = (rest, unit) => (rest ? ` ${rest} ${unit}` : '');
    if (hours < 24) return `${hours} h${restOf(minutes % 60, 'min')}`;
    return `${Math.floor(hours / 24)} d${restOf(hours % 24, 'h')}`;
}

/** As formatAge(), of seconds. */
export function formatSeconds(seconds) {
    return formatAge(seconds * 1000);
}

export function formatTime(date) {
    return date.toLocaleTimeString('en-GB');
}

/** The largest of 1, 2, 5 · 10ⁿ that is not below `value`; at least 1. */
export function niceMaximum(value) {
    if (value <= 1) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}
