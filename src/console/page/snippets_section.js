import { copyButton, h } from './dom.js';
import { snippetsFor } from './snippets.js';

/** Programs to copy, with this gateway's addresses. */
export function snippetsSection({ url, configuration }) {
    const items = snippetsFor(url, configuration.accessControl).map(({ id, title, code }) => {
        const heading = `snippet-${id}`;
        return h('section', { class: 'card', 'aria-labelledby': heading },
            h('div', { class: 'title' }, h('h3', { id: heading }, title), copyButton(() => code)),
            h('pre', { tabindex: '0', 'aria-labelledby': heading }, h('code', { id: `code-${id}` }, code)));
    });
    return {
        element: h('div', {}, h('div', { class: 'card note' }, h('h2', {}, 'Snippets'), h('p', {}, 'Complete as they stand. Secrets are only named: the security token belongs to your backend, never into what users are given.')), items),
    };
}
