'use strict';
// The C++ object `thermostat`, used as if it were here.

const byId = (id) => document.getElementById(id);
// As on the slides: an address and nothing else, /?server=ws://localhost:8080
const server = new URLSearchParams(location.search).get('server');
let thermostat; // while connected
let pair;       // so that the same thermostat is found again after a connection was lost
let attempt = 0;

// A new URI for each attempt: the host has one socket of the pair, this is the other one.
async function fetchUri() {
    if (server) return server;
    let answer = pair ? await fetch(`/pairs/${pair}`, { method: 'POST' }) : undefined;
    if (!answer || answer.status === 404) answer = await fetch('/pairs', { method: 'POST' });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const issued = await answer.json();
    pair = issued.pair;
    return issued.uri;
}

function later() {
    const limit = Math.min(60000, 1000 * 2 ** attempt++);
    setTimeout(connect, limit / 2 + Math.random() * limit / 2);
}

async function connect() {
    let uri;
    try {
        uri = await fetchUri();
    } catch (error) {
        console.warn('no URI:', error.message);
        return later();
    }
    const socket = new WebSocket(uri);
    let opened = 0;
    let asking;
    socket.onopen = () => {
        opened = Date.now();
        openChannel(socket);
        // On the slides nobody knows whether the other one is there yet: ask until it answers.
        asking = setInterval(() => { if (!thermostat) openChannel(socket); }, 2000);
    };
    socket.onclose = (event) => {
        clearInterval(asking);
        thermostat = undefined;
        show();
        if (event.code === 1000 || event.code >= 4000) return;   // the host ended it
        if (opened && Date.now() - opened > 10000) attempt = 0;  // it had worked
        later();
    };
}

function openChannel(socket) {
    const transport = { send: (text) => socket.send(text), onmessage: undefined };
    const channel = new QWebChannel(transport, (ready) => {
        if (transport !== socket.transport || thermostat) return;
        thermostat = ready.objects.thermostat;
        thermostat.temperatureChanged.connect(show);
        thermostat.targetChanged.connect(show);
        thermostat.heatingChanged.connect(show);
        thermostat.targetReached.connect((temperature, text) => {
            const line = document.createElement('li');
            line.textContent = text;
            byId('signals').replaceChildren(line);
        });
        show();
    });
    socket.transport = transport;
    const response = 10; // QWebChannel's word for an answer; one to a channel before this one is left out
    socket.onmessage = (event) => {
        const message = JSON.parse(event.data);
        if (message.type !== response || channel.execCallbacks[message.id]) transport.onmessage({ data: message });
    };
}

function show() {
    byId('status').textContent = thermostat ? 'connected' : 'coming back';
    byId('status').className = thermostat ? 'open' : '';
    for (const control of document.querySelectorAll('button, input')) control.disabled = !thermostat;
    if (!thermostat) return;
    const { temperature, target, heating } = thermostat; // properties, kept up to date by the channel
    byId('temperature').textContent = `${temperature.toFixed(1)} °C`;
    byId('mode').textContent = heating ? 'heating' : temperature > target ? 'cooling down' : 'as wanted';
    byId('dial').className = heating ? 'heating' : '';
    byId('dial').style.setProperty('--part', (temperature - 5) / 25);
    byId('target').value = target;
    byId('targetText').textContent = `${target.toFixed(1)} °C`;
}

byId('target').addEventListener('input', () => { thermostat.target = Number(byId('target').value); }); // writes the property
byId('air').addEventListener('click', () => thermostat.air());
byId('forecast').addEventListener('click', async () => { byId('answer').textContent = (await thermostat.forecast()).text; });
byId('fahrenheit').addEventListener('click', async () => {
    byId('answer').textContent = `${(await thermostat.toFahrenheit(thermostat.temperature)).toFixed(1)} °F`;
});
show();
connect();
