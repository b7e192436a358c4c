// Form fields with label, hint and the server's error beside them.
import { h, newId } from './dom.js';

/** `{ element, input, showError(text) }`; `input` is the given control. */
export function makeField(label, input, { hint = '', mono = false } = {}) {
    const id = newId('field');
    input.id = id;
    const hintId = `${id}-hint`;
    const errorId = `${id}-error`;
    const error = h('p', { id: errorId, class: 'problem', hidden: true });
    input.setAttribute('aria-describedby', hint ? `${hintId} ${errorId}` : errorId);
    if (mono) input.classList.add('mono');
    const hintElement = hint && h('p', { id: hintId, class: 'hint' }, hint);
    const isCheck = input.type === 'checkbox';
    const element = isCheck
        ? h('div', { class: 'field' }, h('label', { class: 'check' }, input, label), hintElement, error)
        : h('div', { class: 'field' }, h('label', { for: id }, label), input, hintElement, error);
    function showError(text) {
        error.textContent = text;
        error.hidden = !text;
        if (text) input.setAttribute('aria-invalid', 'true');
        else input.removeAttribute('aria-invalid');
    }
    return { element, input, showError };
}

export function textInput(attributes = {}) {
    return h('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', ...attributes });
}

export function selectInput(options, value) {
    return h('select', {}, options.map((option) => h('option', { value: option.value ?? option, selected: (option.value ?? option) === value }, option.label ?? option)));
}
