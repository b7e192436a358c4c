import { call, gatewayPath } from './api.js';
import { boundsOf, changedOf, groupKeys, keyOfProperty, labelOf, textOf, valueAt } from './configuration.js';
import { h, toast } from './dom.js';
import { makeField, selectInput, textInput } from './fields.js';

function inputFor(key, text) {
    if (key.type === 'flag') return h('input', { type: 'checkbox', checked: text });
    if (key.type === 'word') return selectInput(key.words, text);
    if (key.type === 'list') return Object.assign(h('textarea', { rows: Math.min(6, Math.max(2, text.split('\n').length)), spellcheck: 'false' }), { value: text });
    return textInput({ value: text, inputmode: key.type === 'number' ? 'numeric' : null });
}

function hintOf(key) {
    const remarks = [key.sentence.replaceAll('`', '')];
    if (key.type === 'list') remarks.push('One in each line.');
    if (key.secret) remarks.push('What is stored is not shown; empty leaves it as it is.');
    if (key.type === 'number') remarks.push(boundsOf(key), `Empty: back to the default (${key.default.replaceAll('"', '')}).`);
    return remarks.join(' ');
}

/** A form of all keys of the configuration. The server decides what is good; its errors come to their fields. */
export function configurationSection({ id, overview, configuration, renamed }) {
    const fields = overview.configurationKeys.map((key) => {
        const before = textOf(key, valueAt(configuration, key.key));
        const input = inputFor(key, before);
        input.name = key.key;
        return { key, before, input, ...makeField(labelOf(key.key), input, { hint: hintOf(key), mono: key.type === 'list' }) };
    });
    const byKey = new Map(fields.map((field) => [field.key.key, field]));
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const save = h('button', { class: 'primary' }, 'Save');
    const group = ({ title, keys }) => h('fieldset', { class: 'card' }, h('legend', {}, h('h2', {}, title)), h('div', { class: 'fields' }, keys.map((key) => byKey.get(key.key).element)));
    const form = h('form', { novalidate: true, onsubmit: submit }, groupKeys(overview.configurationKeys).map(group),
        h('div', { class: 'card sticky' }, problem, h('div', { class: 'actions' }, h('p', { class: 'hint' }, 'In force on all workers as soon as it is saved.'), save)));

    const nowOf = ({ key, input }) => (key.type === 'flag' ? input.checked : input.value);

    function showErrors(error) {
        let first = null;
        const rest = [];
        for (const one of error.errors ?? []) {
            const field = byKey.get(keyOfProperty(one.property));
            field?.showError(one.message);
            if (!field) rest.push(one.property ? `${one.property}: ${one.message}` : one.message);
            first ??= field;
        }
        if (!error.errors?.length) rest.push(error.message);
        problem.textContent = first ? `Nothing was saved: ${labelOf(first.key.key)}: ${error.message}` : `Nothing was saved. ${rest.join('; ')}`;
        problem.hidden = false;
        first?.input.focus();
    }

    function take(answer) {
        for (const field of fields) {
            if (field.key.secret) field.input.value = '';
            field.before = textOf(field.key, valueAt(answer, field.key.key));
            if (field.key.type === 'flag') field.input.checked = field.before;
            else field.input.value = field.before;
        }
        renamed(answer.name);
    }

    async function submit(event) {
        event.preventDefault();
        problem.hidden = true;
        for (const field of fields) field.showError('');
        const body = changedOf(fields.map((field) => ({ key: field.key, before: field.before, now: nowOf(field) })));
        if (!Object.keys(body).length) return toast('There is nothing to save');
        save.disabled = true;
        try {
            take((await call('PUT', gatewayPath(id, '/configuration'), body)).body);
            toast('Saved');
        } catch (error) {
            showErrors(error);
        } finally {
            save.disabled = false;
        }
    }
    return { element: form };
}
