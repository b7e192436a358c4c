import QtQml
import QtWebSockets

WebSocket {
    id: socket

    property string gateway: "http://127.0.0.1:8080"
    property string lastMessage

    // Ask for a URI and open it. It opens one socket once: call connect() again for every attempt.
    function connect() {
        const request = new XMLHttpRequest()
        request.onreadystatechange = () => {
            if (request.readyState === XMLHttpRequest.DONE && request.status === 200) {
                socket.url = JSON.parse(request.responseText).uri
                socket.active = true
            }
        }
        request.open("GET", socket.gateway + "/v1/websocket_uri")
        request.send()
    }

    onTextMessageReceived: message => {
        lastMessage = message
        console.log("received:", message)
    }
    Component.onCompleted: connect()
}
