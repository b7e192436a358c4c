// Keeps a socket open. `fetchUri` answers a new URI (a promise); `onMessage` gets each message; `onOpen` is the
// moment to fetch what may have been missed. Answers a function that ends it.
function keepOpen({ fetchUri, onMessage, onOpen = () => {} }) {
    let attempt = 0, socket, timer, ended = false;

    function later() {
        if (ended) return;
        const limit = Math.min(60000, 1000 * 2 ** attempt++);
        timer = setTimeout(connect, limit / 2 + Math.random() * limit / 2);
    }
    async function connect() {
        let uri;
        try {
            uri = await fetchUri();
        } catch (error) {
            console.warn('no URI:', error.message);
            return later();
        }
        if (ended) return;
        socket = new WebSocket(uri);
        let opened = 0;
        socket.onopen = () => { opened = Date.now(); onOpen(); };
        socket.onmessage = (event) => onMessage(event.data);
        socket.onclose = (event) => {
            if (event.code === 1000 || event.code >= 4000) return;   // the backend ended it
            if (opened && Date.now() - opened > 10000) attempt = 0;  // it had worked
            later();
        };
    }
    connect();
    return () => { ended = true; clearTimeout(timer); socket?.close(1000); };
}

async function websocketUri(gateway, token) {
    const answer = await fetch(`${gateway}/v1/websocket_uri`, token ? { headers: { Authorization: `Bearer ${token}` } } : {});
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return (await answer.json()).uri;
}
