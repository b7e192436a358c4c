import QtQml
import Mws

MwsClient {
    property string gateway: "http://127.0.0.1:8080"
    property string lastMessage

    providerUrl: gateway + "/v1/websocket_uri"
    active: true

    onOpened: console.log("open")
    onMessageReceived: message => {
        lastMessage = message
        console.log("received:", message)
    }
    onClosed: (code, reason) => console.log("closed:", code, reason)
    onAttemptFailed: (error, reconnectIn) => console.log(error, "again in", reconnectIn, "ms")
    onErrorOccurred: error => console.log("given up:", error)
}
