import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

ApplicationWindow {
    id: window

    required property string server
    readonly property color accent: "#3f51b5"
    readonly property int open: session.todos.filter(todo => !todo.done).length

    objectName: "window"
    title: qsTr("Private todos")
    width: 440
    height: 480
    visible: true
    color: "#eef1f6"
    font.pixelSize: 15

    Session {
        id: session
        objectName: "session"
        server: window.server
    }

    component Field: TextField {
        padding: 10
        color: "#1b2430"
        selectByMouse: true
        background: Rectangle {
            radius: 6
            border.color: parent.activeFocus ? window.accent : "#c6cedb"
        }
    }
    component Primary: Button {
        id: primary
        padding: 10
        leftPadding: 20
        rightPadding: 20
        contentItem: Label {
            text: primary.text
            color: "white"
            font.bold: true
            horizontalAlignment: Text.AlignHCenter
        }
        background: Rectangle {
            radius: 6
            color: primary.down ? Qt.darker(window.accent, 1.2) : window.accent
        }
    }
    component Quiet: Button {
        id: quiet
        flat: true
        contentItem: Label {
            text: quiet.text
            color: "#66728a"
        }
        background: null
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 20
        spacing: 14

        RowLayout {
            Layout.preferredHeight: 40
            Label {
                text: window.title
                font.pixelSize: 22
                font.bold: true
                color: "#1b2430"
                Layout.fillWidth: true
            }
            Label {
                objectName: "name"
                text: session.userName
                visible: session.isLoggedIn
                font.bold: true
                color: "#1b2430"
            }
            Quiet {
                objectName: "logout"
                text: qsTr("Log out")
                visible: session.isLoggedIn
                onClicked: session.logout()
            }
        }

        Rectangle {
            visible: !session.isLoggedIn
            color: "white"
            border.color: "#dbe0ea"
            radius: 10
            implicitHeight: form.implicitHeight + 40
            Layout.fillWidth: true
            ColumnLayout {
                id: form
                anchors.fill: parent
                anchors.margins: 20
                spacing: 10
                Field {
                    id: user
                    objectName: "user"
                    placeholderText: qsTr("Name")
                    Layout.fillWidth: true
                }
                Field {
                    id: password
                    objectName: "password"
                    placeholderText: qsTr("Password")
                    echoMode: TextInput.Password
                    onAccepted: login.clicked()
                    Layout.fillWidth: true
                }
                Primary {
                    id: login
                    objectName: "login"
                    text: qsTr("Log in")
                    Layout.fillWidth: true
                    onClicked: {
                        session.login(user.text, password.text)
                        password.clear()
                    }
                }
            }
        }

        RowLayout {
            visible: session.isLoggedIn
            spacing: 10
            Field {
                id: title
                objectName: "title"
                placeholderText: qsTr("What is to be done?")
                maximumLength: 200
                onAccepted: add.clicked()
                Layout.fillWidth: true
            }
            Primary {
                id: add
                objectName: "add"
                text: qsTr("Add")
                onClicked: {
                    if (title.text.trim() !== "")
                        session.add(title.text)
                    title.clear()
                }
            }
        }

        Rectangle {
            visible: session.isLoggedIn
            color: "white"
            border.color: "#dbe0ea"
            radius: 10
            Layout.fillWidth: true
            Layout.fillHeight: true
            ListView {
                objectName: "list"
                anchors.fill: parent
                anchors.margins: 1
                clip: true
                model: session.todos
                delegate: TodoRow {
                    width: ListView.view.width
                    onDoneWanted: done => session.setDone(modelData.id, done)
                    onRemovalWanted: session.remove(modelData.id)
                }
            }
        }

        RowLayout {
            visible: session.isLoggedIn
            Rectangle {
                width: 8
                height: 8
                radius: 4
                color: session.isLive ? "#1f9d55" : "#d68910"
            }
            Label {
                objectName: "state"
                text: session.isLive ? qsTr("live") : qsTr("connecting …")
                color: "#66728a"
                font.pixelSize: 13
                Layout.fillWidth: true
            }
            Label {
                objectName: "counts"
                text: qsTr("%1 of %2 to do").arg(window.open).arg(session.todos.length)
                color: "#66728a"
                font.pixelSize: 13
            }
        }

        Label {
            objectName: "error"
            text: session.error
            visible: text !== ""
            color: "#b3261e"
            wrapMode: Text.Wrap
            Layout.fillWidth: true
        }
        Item {
            visible: !session.isLoggedIn
            Layout.fillHeight: true
        }
    }
}
