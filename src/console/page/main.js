// Signs in, and shows what the address says behind its #.
import { call, whenUnauthorized } from './api.js';
import { h, setText } from './dom.js';
import { gatewayView } from './gateway_view.js';
import { LiveFeed } from './live.js';
import { overviewView } from './overview_view.js';
import { session } from './session.js';
import { signInView } from './sign_in_view.js';

const place = document.getElementById('view');
const pill = document.getElementById('live');
const signOut = document.getElementById('sign-out');
let overview = null;
let feed = null;
let current = null;
let turn = 0; // counts what is shown, so that a late answer does not replace what came after it

function put(view, focus) {
    current?.stop?.();
    current = view;
    document.title = `${view.title} – MWS Gateway console`;
    place.replaceChildren(view.element);
    place.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    if (view.focus) view.focus();
    else if (focus) place.focus();
}

function problemView(error) {
    const isMissing = error.status === 404;
    return {
        title: 'Problem',
        element: h('div', { class: 'card note' }, h('h1', {}, isMissing ? 'There is no such gateway' : 'This did not work'), h('p', { class: 'problem' }, isMissing ? 'It may have been deleted.' : error.message),
            h('div', { class: 'actions start' }, h('a', { class: 'button', href: '#/' }, 'All gateways'), h('button', { type: 'button', onclick: () => (overview ? show(true) : start()) }, 'Try again'))),
    };
}

async function show(focus) {
    if (!overview) return;
    turn += 1;
    const mine = turn;
    const [, id, section] = /^#\/gateways\/([A-Za-z0-9_-]+)(?:\/([a-z]+))?$/.exec(location.hash) ?? [];
    const context = { overview, feed, go };
    let view;
    try {
        view = id ? await gatewayView(context, id, section) : overviewView(context);
        await view.loaded;
    } catch (error) {
        view = problemView(error);
    }
    if (mine === turn && overview) put(view, focus);
    else view.stop?.();
}

function go(hash) {
    if (location.hash === hash) show(true);
    else location.hash = hash;
}

const states = { connecting: 'Connecting …', live: 'Live', offline: 'Offline' };
function showStatus() {
    pill.hidden = false;
    pill.className = `pill ${feed.status}`;
    setText(pill, states[feed.status]);
    pill.title = feed.status === 'offline' ? 'The connection is lost; it is tried again by itself' : '';
}

function begin(known) {
    overview = known;
    feed = new LiveFeed();
    feed.addEventListener('status', showStatus);
    feed.start();
    showStatus();
    signOut.hidden = false;
    show(true);
}

function end(problem) {
    session.token = '';
    overview = null;
    turn += 1;
    feed?.stop();
    feed = null;
    pill.hidden = true;
    signOut.hidden = true;
    document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
    put(signInView(problem, begin));
}

async function start() {
    if (!session.token) return end();
    try {
        begin((await call('GET', '/v1/console')).body);
    } catch (error) {
        if (error.status !== 401) put(problemView(error)); // 401 has signed out already
    }
}

whenUnauthorized((error) => {
    if (overview || !document.querySelector('form input[name=token]')) end(overview ? 'The server does not take this token any more' : error.message);
});
signOut.addEventListener('click', () => end());
addEventListener('hashchange', () => show(true));
start();
