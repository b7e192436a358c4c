'use strict';
// npm install ws; node node_ws.js http://127.0.0.1:8080 [BEARER_TOKEN]
const WebSocket = require('ws');

const [gateway = 'http://127.0.0.1:8080', token] = process.argv.slice(2);
let attempt = 0;

function later() {
    const limit = Math.min(60000, 1000 * 2 ** attempt++);
    setTimeout(connect, limit / 2 + Math.random() * limit / 2);
}

async function connect() {
    let uri;
    try {
        const headers = token ? { Authorization: `Bearer ${token}` } : {};
        const answer = await fetch(`${gateway}/v1/websocket_uri`, { headers });
        if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
        uri = (await answer.json()).uri;
    } catch (error) {
        console.error('no URI:', error.message);
        return later();
    }
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    let opened = 0;
    let silent;
    const heard = () => { // the gateway pings every 45 s
        clearTimeout(silent);
        silent = setTimeout(() => socket.terminate(), 90000);
    };
    socket.on('open', () => { opened = Date.now(); heard(); console.log('open'); });
    socket.on('ping', heard);
    socket.on('message', (data, isBinary) => { heard(); console.log('received:', isBinary ? data : data.toString()); });
    socket.on('error', (error) => console.error(error.message)); // 'close' follows
    socket.on('close', (code, reason) => {
        clearTimeout(silent);
        console.log('closed:', code, reason.toString());
        if (code === 1000 || code >= 4000) return; // the backend ended it
        if (opened && Date.now() - opened > 10000) attempt = 0;
        later();
    });
}

connect();
