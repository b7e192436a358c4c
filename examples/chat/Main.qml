import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Mws

ApplicationWindow {
    id: window

    property string backend: "http://127.0.0.1:8090"
    property string room: "lobby"
    property string nick: "guest"
    property bool joined: false

    width: 420
    height: 560
    visible: true
    title: "# " + room
    color: "white"

    // Asks the backend for a URI before each attempt, opens it, and comes back when the connection is lost.
    MwsClient {
        id: client
        objectName: "client"
        providerUrl: window.backend + "/rooms/" + encodeURIComponent(window.room) + "/socket"
        active: true
        onOpened: {
            if (!window.joined)
                send(JSON.stringify({ kind: "join", nick: window.nick }))
            window.joined = true
            console.log("open")
        }
        onClosed: (code, reason) => console.log("closed:", code, reason)
        onMessageReceived: message => window.take(message)
    }

    ListModel { id: lines; objectName: "lines" }

    function addLine(text, kind, author) {
        lines.append({ body: text, kind: kind, author: author })
        list.positionViewAtEnd()
    }

    // Anybody in the room can send anything: what is not a message of this chat is left out.
    function take(data) {
        let message
        try {
            message = JSON.parse(data)
        } catch (error) {
            return
        }
        if (!message || typeof message.nick !== "string")
            return
        if (message.kind === "join")
            addLine(message.nick + " is here", "note", "")
        else if (message.kind === "text" && typeof message.text === "string")
            addLine(message.text, message.nick === nick ? "mine" : "theirs", message.nick)
    }

    // Over the socket: the gateway relays it to all others of the room, so that it is shown here by ourselves.
    function sendByRelay(message) {
        if (client.send(message))
            take(message)
        else
            notSent("no connection")
    }

    // The way of the time: POSTed to the gateway, which sends it to everybody with the tag, ourselves as well.
    function sendByRest(message) {
        request("GET", backend + "/settings", "", answer => {
            const receivers = { tags: ["room:" + room] }
            request("POST", answer.messages, JSON.stringify({ data: message, receivers: receivers }), () => {})
        })
    }

    function request(method, url, body, done) {
        const call = new XMLHttpRequest()
        call.onreadystatechange = () => {
            if (call.readyState !== XMLHttpRequest.DONE)
                return
            if (call.status >= 200 && call.status < 300)
                done(JSON.parse(call.responseText))
            else
                notSent(call.status ? "HTTP " + call.status : "no connection")
        }
        call.open(method, url)
        call.send(body)
    }

    function notSent(why) { addLine("not sent: " + why, "note", "") }

    function say(text) {
        if (text.trim() === "")
            return
        const message = JSON.stringify({ kind: "text", nick: nick, text: text.trim() })
        if (rest.checked)
            sendByRest(message)
        else
            sendByRelay(message)
    }

    header: Rectangle {
        height: 56
        color: "#17344d"
        RowLayout {
            anchors { fill: parent; leftMargin: 20; rightMargin: 20 }
            spacing: 8
            Label { text: "# " + window.room; color: "white"; font { pixelSize: 19; bold: true } }
            Item { Layout.fillWidth: true }
            Rectangle { width: 10; height: 10; radius: 5; color: client.state === MwsClient.Open ? "#3fce83" : "#f0a63c" }
            Label {
                objectName: "status"
                text: client.state === MwsClient.Open ? "open, as " + window.nick
                    : client.closeCode ? "closed (" + client.closeCode + "), coming back" : "connecting"
                color: "#cfdbe6"
                font.pixelSize: 13
            }
        }
    }

    ListView {
        id: list
        objectName: "messages"
        anchors { fill: parent; leftMargin: 20; rightMargin: 20 }
        topMargin: 16
        bottomMargin: 16
        spacing: 8
        clip: true
        model: lines
        delegate: Item {
            id: line
            required property string body
            required property string kind
            required property string author
            readonly property bool note: kind === "note"

            width: ListView.view.width
            height: bubble.height
            Rectangle {
                id: bubble
                x: line.note ? (parent.width - width) / 2 : line.kind === "mine" ? parent.width - width : 0
                width: column.width + 26
                height: column.height + (line.note ? 0 : 16)
                radius: 12
                color: line.note ? "transparent" : line.kind === "mine" ? "#d5f2e1" : "#eef2f5"
                Column {
                    id: column
                    anchors.centerIn: parent
                    Label {
                        visible: !line.note
                        text: line.author
                        textFormat: Text.PlainText
                        color: line.kind === "mine" ? "#1d7a46" : "#2a6f97"
                        font { pixelSize: 12; bold: true }
                    }
                    Label {
                        width: Math.min(implicitWidth, line.width * 0.8 - 26)
                        text: line.body
                        textFormat: Text.PlainText // from strangers
                        wrapMode: Text.Wrap
                        color: line.note ? "#6b7a88" : "#17212b"
                        font.pixelSize: line.note ? 13 : 15
                    }
                }
            }
        }
    }

    footer: Rectangle {
        height: controls.implicitHeight + 28
        color: "white"
        Rectangle { width: parent.width; height: 1; color: "#dfe6ec" }
        GridLayout {
            id: controls
            anchors { fill: parent; leftMargin: 20; rightMargin: 20; topMargin: 14; bottomMargin: 14 }
            columns: 2
            TextField {
                id: input
                objectName: "input"
                Layout.fillWidth: true
                placeholderText: "Message"
                maximumLength: 4000
                font.pixelSize: 15
                focus: true
                onAccepted: sendButton.clicked()
                background: Rectangle { radius: 9; color: "white"; border.color: input.activeFocus ? "#17a05d" : "#c3ced8" }
            }
            Button {
                id: sendButton
                objectName: "send"
                text: "Send"
                font.pixelSize: 15
                palette.buttonText: "white"
                leftPadding: 18
                rightPadding: 18
                onClicked: {
                    window.say(input.text)
                    input.clear()
                }
                background: Rectangle { radius: 9; color: sendButton.down ? "#127e49" : "#17a05d" }
            }
            CheckBox {
                id: rest
                objectName: "rest"
                Layout.columnSpan: 2
                text: "by REST, as in 2014"
                font.pixelSize: 13
            }
        }
    }
}
