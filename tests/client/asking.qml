// A client whose URIs come from JavaScript.
import QtQml
import Mws

QtObject {
    id: application

    property string gateway
    property int asked: 0
    property var received: []
    property var states: []
    readonly property bool isOpen: client.state === MwsClient.Open
    readonly property bool isFailed: client.state === MwsClient.Failed
    readonly property string error: client.errorString
    property bool refuses: false

    function send(text) { return client.send(text) }

    property MwsClient client: MwsClient {
        active: true // before all else: it waits for the rest
        initialDelay: 1
        maxDelay: 20
        finalCloseCodes: [1000, 4000]
        onStateChanged: state => application.states.push(state)
        onMessageReceived: message => application.received.push(message)
        onUriRequested: {
            ++application.asked
            if (application.refuses) {
                refuseUri("logged out")
            } else if (application.asked === 1) {
                failUri("not yet", 1)
            } else {
                const request = new XMLHttpRequest()
                request.onreadystatechange = () => {
                    if (request.readyState === XMLHttpRequest.DONE)
                        provideUri(JSON.parse(request.responseText).uri)
                }
                request.open("GET", application.gateway + "/v1/websocket_uri")
                request.send()
            }
        }
    }
}
