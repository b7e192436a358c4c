// Programs that are complete as they stand, with the addresses of this gateway; tokens only by the variable's name.

const quoted = (text) => JSON.stringify(text);

/** A line for a shell that sets `name`, safe whatever is in the value. */
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlSend(url) {
    return `# SECURITY_TOKEN: the gateway's secret, of the environment
curl --fail-with-body -X POST ${shell(`${url}/messages`)} \\
  -H "Authorization: Bearer $SECURITY_TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{"data": "Hello", "receivers": {"sockets": ["*"], "tags": null}}'
`;
}

function curlReserve(url) {
    return `# The answer's "uri" opens one WebSocket; messages to the tag reach it
curl --fail-with-body -X POST ${shell(`${url}/sockets`)} \\
  -H "Authorization: Bearer $SECURITY_TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{"tags": ["players"]}'
`;
}

function nodeSend(url) {
    return `// node send.mjs (Node 18 or newer); SECURITY_TOKEN: the gateway's secret, of the environment
const answer = await fetch(${quoted(`${url}/messages`)}, {
    method: 'POST',
    headers: {
        Authorization: \`Bearer \${process.env.SECURITY_TOKEN}\`,
        'Content-Type': 'application/json',
    },
    body: JSON.stringify({ data: 'Hello', receivers: { sockets: ['*'], tags: null } }),
});
if (!answer.ok) throw new Error(\`\${answer.status}: \${await answer.text()}\`);
console.log(answer.headers.get('Mws-Receivers'));
`;
}

function nodeReceive(url) {
    return `// npm install ws; node receive.mjs; SECURITY_TOKEN: the gateway's secret, of the environment
import WebSocket from 'ws';

async function connect() {
    const answer = await fetch(${quoted(`${url}/sockets`)}, {
        method: 'POST',
        headers: { Authorization: \`Bearer \${process.env.SECURITY_TOKEN}\` },
        body: JSON.stringify({ tags: ['players'] }),
    });
    if (!answer.ok) throw new Error(\`\${answer.status}: \${await answer.text()}\`);
    const socket = new WebSocket((await answer.json()).uri);
    socket.on('open', () => console.log('open'));
    socket.on('message', (data) => console.log('received:', data.toString()));
    socket.on('error', (error) => console.log(error.message));
    socket.on('close', () => setTimeout(again, 1000)); // an address opens once: fetch a new one
}
function again() {
    connect().catch((error) => {
        console.log(error.message);
        setTimeout(again, 5000);
    });
}
again();
`;
}

/** Where a client fetches its address from, and with which header, by the access control. */
function provider(url, mode) {
    if (mode === 'none') return { url: `${url}/websocket_uri`, header: '', why: '' };
    if (mode === 'custom')
        return {
            url: '/push-address',
            header: '',
            why: "// Your backend's own path: it checks the user, and answers what POST sockets answered it (see curl)\n",
        };
    return { url: `${url}/websocket_uri`, header: 'Bearer', why: "// accessToken: the user's, of the identity provider\n" };
}

function browser(url, mode) {
    const from = provider(url, mode);
    const options = from.header ? ', { headers: { Authorization: `Bearer ${accessToken}` } }' : '';
    return `${from.why}async function connect() {
    const answer = await fetch(${quoted(from.url)}${options});
    if (!answer.ok) throw new Error(\`\${answer.status}: \${await answer.text()}\`);
    const socket = new WebSocket((await answer.json()).uri);
    socket.onopen = () => console.log('open');
    socket.onmessage = (event) => console.log('received:', event.data);
    socket.onclose = () => setTimeout(again, 1000 + 4000 * Math.random()); // an address opens once: fetch a new one
}
function again() {
    connect().catch((error) => {
        console.log(error.message);
        setTimeout(again, 5000);
    });
}
again();
`;
}

const clientUrl = (url, mode) => (mode === 'custom' ? 'https://your-backend.example.com/push-address' : `${url}/websocket_uri`);

function qtCpp(url, mode) {
    const bearer = mode === 'eds' || mode === 'jwt' ? `    client.setBearer(qEnvironmentVariable("ACCESS_TOKEN")); // the user's\n` : '';
    const why = mode === 'custom' ? ' // it answers what POST sockets answered it' : '';
    return `// receive.cpp; its CMakeLists.txt, with the installed client library (docs/client-library.md):
//     cmake_minimum_required(VERSION 3.22)
//     project(receive LANGUAGES CXX)
//     find_package(MwsClient REQUIRED)
//     add_executable(receive receive.cpp)
//     target_link_libraries(receive PRIVATE Mws::Client)
#include <QtCore/QCoreApplication>
#include <QtCore/QDebug>
#include <mws/client/mws_client.h>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    MwsClient client; // stays open: fetches a new address for each attempt
    client.setProviderUrl(QUrl(QStringLiteral(${quoted(clientUrl(url, mode))})));${why}
${bearer}    QObject::connect(&client, &MwsClient::opened, &client, [] { qInfo() << "open"; });
    QObject::connect(&client, &MwsClient::messageReceived, &client,
                     [](const QString &message) { qInfo().noquote() << "received:" << message; });
    QObject::connect(&client, &MwsClient::attemptFailed, &client, [](const QString &error, int reconnectIn) {
        qWarning().noquote() << error << "- again in" << reconnectIn << "ms";
    });
    QObject::connect(&client, &MwsClient::errorOccurred, &client,
                     [](const QString &error) { qWarning().noquote() << "given up:" << error; });
    client.open();
    return application.exec();
}
`;
}

function qml(url, mode) {
    const needsToken = mode === 'eds' || mode === 'jwt';
    const token = needsToken ? '    property string accessToken // the user\'s: set it, and the socket opens\n\n' : '';
    const bearer = needsToken ? '        bearer: accessToken\n' : '';
    const why = mode === 'custom' ? ' // it answers what POST sockets answered it' : '';
    return `// QML_IMPORT_PATH=/usr/local/lib/qt6/qml /usr/lib/qt6/bin/qml Receive.qml
// The path is where the client library was installed (docs/client-library.md).
import QtQuick
import Mws

Window {
${token}    width: 480
    height: 160
    visible: true

    Text {
        id: shown
        anchors.centerIn: parent
        text: "Nothing has come yet"
    }
    MwsClient {
        providerUrl: ${quoted(clientUrl(url, mode))}${why}
${bearer}        active: ${needsToken ? 'accessToken !== ""' : 'true'}

        onOpened: console.log("open")
        onMessageReceived: message => {
            shown.text = message
            console.log("received:", message)
        }
        onAttemptFailed: (error, reconnectIn) => console.log(error, "- again in", reconnectIn, "ms")
        onErrorOccurred: error => console.log("given up:", error)
    }
}
`;
}

/** `[{ id, title, code }]` for a gateway; `url` is its base, e.g. `https://push.example.com/v1/gateways/default`. */
export function snippetsFor(url, mode) {
    return [
        { id: 'curl-send', title: 'curl: send', code: curlSend(url) },
        { id: 'curl-reserve', title: 'curl: an address', code: curlReserve(url) },
        { id: 'node-send', title: 'Node: send', code: nodeSend(url) },
        { id: 'node-receive', title: 'Node: receive', code: nodeReceive(url) },
        { id: 'browser', title: 'Browser', code: browser(url, mode) },
        { id: 'qt', title: 'Qt, C++', code: qtCpp(url, mode) },
        { id: 'qml', title: 'QML', code: qml(url, mode) },
    ];
}
