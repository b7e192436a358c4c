import { call, fetchStatus } from './api.js';
import { h } from './dom.js';
import { makeField } from './fields.js';
import { session } from './session.js';

function explanation() {
    return h('div', { class: 'card note', id: 'no-token' },
        h('h1', {}, 'This server has no operator token'),
        h('p', {}, 'The console works with the operator’s token, a secret that you choose. Whoever has it may create, configure and delete gateways. Set it in the environment of the gateway, at least 32 random characters, and start it again:'),
        h('pre', { tabindex: '0' }, h('code', {}, 'OPERATOR_TOKEN="$(openssl rand -hex 32)"')),
        h('p', {}, 'In the configuration file it is operator_token in the section [server].'));
}

/** The page for who has no good token. `problem`: why the one before was refused. */
export function signInView(problem, onSignedIn) {
    const input = h('input', { type: 'password', name: 'token', autocomplete: 'current-password', spellcheck: 'false', required: true });
    const field = makeField('Operator token', input, { hint: 'OPERATOR_TOKEN of the server. It is kept in this tab only, until you close it or sign out.' });
    const button = h('button', { class: 'primary' }, 'Sign in');
    const place = h('div');
    const form = h('form', { class: 'card narrow', novalidate: true, onsubmit: signIn }, h('h1', {}, 'Sign in'), field.element, h('div', { class: 'actions' }, button));
    if (problem) field.showError(problem);

    async function signIn(event) {
        event.preventDefault();
        field.showError('');
        if (!input.value.trim()) {
            field.showError('Enter the token');
            return input.focus();
        }
        button.disabled = true;
        session.token = input.value.trim();
        try {
            onSignedIn((await call('GET', '/v1/console')).body);
        } catch (error) {
            session.token = '';
            field.showError(error.status === 401 ? 'This is not the operator’s token' : error.message);
            input.focus();
            input.select();
        } finally {
            button.disabled = false;
        }
    }

    fetchStatus()
        .then((status) => {
            if (status.operatorToken) return;
            place.append(explanation());
            form.hidden = true;
        })
        .catch(() => field.showError('The server cannot be reached'));
    return { title: 'Sign in', element: h('div', { class: 'sign-in' }, form, place), focus: () => input.focus() };
}
