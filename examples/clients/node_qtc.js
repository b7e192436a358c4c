'use strict';
// npm install qtc; node node_qtc.js http://127.0.0.1:8080 [SECURITY_TOKEN]
const Qtc = require('qtc');

const [address = 'http://127.0.0.1:8080', secret] = process.argv.slice(2);
let attempt = 0;

function later(mws) {
    const limit = Math.min(60000, 1000 * 2 ** attempt++);
    setTimeout(() => mws.open(), limit / 2 + Math.random() * limit / 2);
}

const mws = new Qtc.Mws({ address, secret });
// The SDK leaves the socket's errors without a listener, which ends the program.
const ask = mws.getSocketAddress.bind(mws);
mws.getSocketAddress = (callback) => ask((error, answer) => {
    callback(error, answer);
    if (!error) mws.socket.on('error', (failure) => console.error(failure.message));
});
mws.on('open', () => { attempt = 0; console.log('open'); });
mws.on('message', (data) => console.log('received:', data.toString()));
mws.on('close', () => later(mws)); // the SDK does not hand on the code
mws.on('error', (status) => { console.error('no URI:', status); later(mws); });
mws.open(); // asks for a new URI each time
