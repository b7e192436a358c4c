// What is shown once, and the dialogs that lead there.
import { call, gatewayPath } from './api.js';
import { openDialog, openForm } from './dialog.js';
import { copyButton, h } from './dom.js';
import { makeField, selectInput, textInput } from './fields.js';
import { formatSeconds } from './format.js';

/** Shows a security token, once; `onclose` when the user has it. */
export function showToken(id, token, remark, onclose) {
    const value = h('code', { class: 'secret', tabindex: '0' }, token);
    const dialog = openDialog('Security token', h('div', {},
        h('p', {}, 'The secret with which your backend calls the gateway ', h('b', {}, id), '. It is shown this once, and cannot be looked up later: put it where your backend reads SECURITY_TOKEN from.'),
        h('div', { class: 'secret-row' }, value, copyButton(() => token)),
        remark && h('p', {}, remark),
        h('div', { class: 'actions' }, h('button', { class: 'primary', type: 'button', onclick: () => dialog.close() }, 'I have stored it'))),
    { dismissable: false, onclose });
}

const modes = [
    { value: 'custom', label: 'custom: only the security token' },
    { value: 'none', label: 'none: anyone' },
    { value: 'eds', label: 'eds: Enginio access tokens' },
    { value: 'jwt', label: 'jwt: JSON Web Tokens' },
];

/** Asks for a new gateway; `done(id)` when its token was shown. */
export function createGateway(done) {
    const fields = {
        id: makeField('Id', textInput({ maxlength: 64, name: 'id' }), { hint: 'A part of its addresses: letters, digits, _ and -. Empty: one is made up.' }),
        name: makeField('Name', textInput({ name: 'name' }), { hint: 'For people.' }),
        accessControl: makeField('Access control', selectInput(modes, 'custom'), { hint: 'Who may fetch addresses of sockets, and send messages. Can be changed later.' }),
    };
    function showError(error) {
        const named = (error.errors ?? []).filter((one) => fields[one.property]);
        for (const one of named) fields[one.property].showError(one.message);
        if (error.status === 409) fields.id.showError(error.message);
        const first = error.status === 409 ? fields.id : fields[named[0]?.property];
        first?.input.focus();
        return Boolean(first);
    }
    openForm('New gateway', h('div', {}, Object.values(fields).map((field) => field.element)), {
        action: 'Create',
        showError,
        async submit() {
            for (const field of Object.values(fields)) field.showError('');
            const body = { name: fields.name.input.value.trim(), accessControl: fields.accessControl.input.value };
            if (fields.id.input.value.trim()) body.id = fields.id.input.value.trim();
            const answer = await call('POST', '/v1/gateways', body);
            return () => showToken(answer.body.id, answer.body.securityToken, null, () => done(answer.body.id));
        },
    });
}

/** Makes a new security token after a question. `grace`: seconds that the ones before stay good. */
export function rotateToken(id, grace) {
    openForm('Rotate the security token?', h('p', {}, `A new security token is made and shown once. The ones before stay good for ${formatSeconds(grace)} (token_grace of the server), so that your backends can change over.`), {
        action: 'Rotate',
        async submit() {
            const { body } = await call('POST', gatewayPath(id, '/security_token'), {});
            const until = new Date(body.previousValidUntil).toLocaleString('en-GB');
            return () => showToken(id, body.securityToken, `Tokens from before are good until ${until}.`);
        },
    });
}

/** Deletes a gateway, if its id is typed. */
export function deleteGateway(id, done) {
    const field = makeField(`Type ${id} to confirm`, textInput({ name: 'confirm' }));
    openForm('Delete this gateway?', h('div', {}, h('p', {}, 'Its sockets are closed (1001), its configuration and tokens are forgotten. This cannot be undone.'), field.element), {
        action: 'Delete',
        kind: 'danger',
        showError: (error) => {
            if (error.status) return false;
            field.showError(error.message);
            field.input.focus();
            return true;
        },
        async submit() {
            if (field.input.value.trim() !== id) throw new Error('This is not its id');
            await call('DELETE', gatewayPath(id));
            return () => done();
        },
    });
}
