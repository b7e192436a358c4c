// Modal dialogs: the browser's own <dialog> keeps the focus inside and closes with Escape.
import { h, newId } from './dom.js';

/**
 * Opens a dialog and answers its element. `content` is put below the title; `dismissable: false` takes Escape away
 * (for what is shown only once). The focus goes back to where it was.
 */
export function openDialog(title, content, { dismissable = true, onclose } = {}) {
    const before = document.activeElement;
    const titleId = newId('dialog');
    const dialog = h('dialog', { 'aria-labelledby': titleId }, h('h2', { id: titleId }, title), content);
    dialog.addEventListener('cancel', (event) => {
        if (!dismissable) event.preventDefault();
    });
    dialog.addEventListener('close', () => {
        dialog.remove();
        before?.focus?.();
        onclose?.();
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

/** A form in a dialog: `submit(form)` may throw an error, which is shown; else the dialog closes. */
export function openForm(title, content, { action, kind = 'primary', submit, showError }) {
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const go = h('button', { class: kind }, action);
    const cancel = h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
    const form = h('form', { novalidate: true, onsubmit: send }, content, problem, h('div', { class: 'actions' }, cancel, go));
    const dialog = openDialog(title, form);

    async function send(event) {
        event.preventDefault();
        problem.hidden = true;
        go.disabled = true;
        try {
            const then = await submit(form);
            dialog.close();
            then?.();
        } catch (error) {
            if (!showError?.(error)) {
                problem.textContent = error.message;
                problem.hidden = false;
            }
        } finally {
            go.disabled = false;
        }
    }
    return dialog;
}
