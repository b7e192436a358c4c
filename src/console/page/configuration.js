// The configuration as a form, without the page: which fields there are, what is in them, and what has changed.
import { formatBytes, formatCount, formatSeconds } from './format.js';

const groups = [
    { title: 'General', match: (key) => ['name', 'publicUrl', 'reuse', 'clientMessages'].includes(key) },
    {
        title: 'Access',
        match: (key) => ['accessControl', 'allowedOrigins', 'subprotocols'].includes(key) || key.startsWith('permissions.'),
    },
    { title: 'Identity provider', match: (key) => key.startsWith('identityProvider.') },
    { title: 'Anonymous sockets', match: (key) => key.startsWith('anonymousSockets.') },
    { title: 'Events for your backend', match: (key) => key.startsWith('events.') },
    { title: 'Rates', match: (key) => /^limits\.(.*PerSecond|burst|socketsPerAddress|slowReaders)$/.test(key) },
    { title: 'Limits', match: (key) => key.startsWith('limits.') },
    { title: 'Further', match: () => true },
];

/** The keys of the server in groups: `[{ title, keys }]`, empty groups left out. */
export function groupKeys(keys) {
    const sorted = groups.map(({ title }) => ({ title, keys: [] }));
    for (const key of keys) sorted[groups.findIndex((group) => group.match(key.key))].keys.push(key);
    return sorted.filter((group) => group.keys.length);
}

const labels = {
    'permissions.read': 'Who may read',
    'permissions.write': 'Who may write',
    'anonymousSockets.enabled': 'Sockets without a token',
    'anonymousSockets.tags': 'Their tags',
    reuse: 'Addresses open again',
};

/** `limits.queueBytes` as `Queue bytes`. */
export function labelOf(key) {
    if (labels[key]) return labels[key];
    const words = key
        .split('.')
        .at(-1)
        .replace(/([A-Z])/g, ' $1')
        .toLowerCase()
        .trim();
    const named = words.replace(/\b(url|uri|id)\b/g, (word) => word.toUpperCase()).replace(/\bjwks\b/, 'JWKS').replace(/\beds\b/, 'Enginio');
    return named[0].toUpperCase() + named.slice(1);
}

const shownAs = { bytes: formatBytes, seconds: formatSeconds };

/** The bounds in words: `1 KiB to 1 GiB`; empty where there are none. */
export function boundsOf(key) {
    if (key.type !== 'number') return '';
    const show = shownAs[key.unit] ?? formatCount;
    const unit = key.unit ? `, in ${key.unit}` : '';
    return key.max === undefined ? `At least ${show(key.min)}${unit}.` : `${show(key.min)} to ${show(key.max)}${unit}.`;
}

/** The value at a dotted path; undefined where there is none. */
export function valueAt(configuration, path) {
    return path.split('.').reduce((value, name) => value?.[name], configuration) ?? undefined;
}

/** What stands in the field: a text, or for a flag true or false. Lists have a line for each item. */
export function textOf(key, value) {
    if (key.type === 'flag') return value === true;
    if (value === undefined) return '';
    return Array.isArray(value) ? value.join('\n') : String(value);
}

/** What PUT takes for what stands in the field; null: back to what file or environment say. */
export function parsed(key, text) {
    if (key.type === 'flag') return text;
    if (key.type === 'list')
        return text
            .split('\n')
            .map((line) => line.trim())
            .filter(Boolean);
    const trimmed = text.trim();
    if (trimmed === '') return null;
    if (key.type === 'number' && /^-?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed))) return Number(trimmed);
    return trimmed; // a number that is none: the server says what is wrong with it
}

/** The body of PUT: only what differs. `fields`: `[{ key, before, now }]` with texts of fields. */
export function changedOf(fields) {
    const body = {};
    for (const { key, before, now } of fields) {
        if (before === now) continue;
        const path = key.key.split('.');
        const last = path.pop();
        let at = body;
        for (const name of path) at = at[name] ??= {};
        at[last] = parsed(key, now);
    }
    return body;
}

/** The key that an error's property means: `permissions.read[1]` is permissions.read. */
export function keyOfProperty(property) {
    return property.replace(/\[\d+\]$/, '');
}
