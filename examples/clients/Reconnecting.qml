import QtQuick
import QtWebSockets

// Keeps a socket open: Reconnecting { gateway: "http://127.0.0.1:8080"; onReceived: message => … }
Item {
    id: client

    property string gateway: "http://127.0.0.1:8080"
    property string token // sent as bearer, if there is one
    property int attempt: 0
    signal opened // fetch here what may have been missed
    signal received(string message)

    function connect() {
        const request = new XMLHttpRequest()
        request.onreadystatechange = () => {
            if (request.readyState !== XMLHttpRequest.DONE)
                return
            if (request.status !== 200) {
                console.warn("no URI:", request.status)
                client.later()
                return
            }
            socket.url = JSON.parse(request.responseText).uri
            socket.active = true
        }
        request.open("GET", client.gateway + "/v1/websocket_uri")
        if (client.token)
            request.setRequestHeader("Authorization", "Bearer " + client.token)
        request.send()
    }
    function later() {
        const limit = Math.min(60000, 1000 * Math.pow(2, attempt++))
        wait.interval = limit / 2 + Math.random() * limit / 2
        wait.restart()
    }

    Timer { id: wait; onTriggered: client.connect() }
    Timer { id: steady; interval: 10000; onTriggered: client.attempt = 0 } // it works
    WebSocket {
        id: socket
        onTextMessageReceived: message => client.received(message)
        onStatusChanged: {
            if (socket.status === WebSocket.Open) {
                steady.restart()
                client.opened()
            } else if (socket.status === WebSocket.Closed || socket.status === WebSocket.Error) {
                if (!socket.active)
                    return
                socket.active = false
                steady.stop()
                client.later()
            }
        }
    }
    Component.onCompleted: connect()
}
