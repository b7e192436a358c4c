import QtQuick
import QtQuick.Controls.Basic

/// A todo in the list; what is wanted of it is for the list's owner to do.
Item {
    id: row

    required property var modelData
    required property int index
    signal doneWanted(bool done)
    signal removalWanted

    implicitHeight: 44

    CheckBox {
        id: box
        objectName: "done-" + row.index
        anchors.verticalCenter: parent.verticalCenter
        x: 8
        checked: row.modelData.done
        // The list changes when the server has: until then the box stays as it is.
        nextCheckState: () => {
            row.doneWanted(!row.modelData.done)
            return checkState
        }
        indicator: Rectangle {
            x: 6
            anchors.verticalCenter: parent.verticalCenter
            width: 18
            height: 18
            radius: 3
            color: box.checked ? "#3f51b5" : "white"
            border.color: box.checked ? "#3f51b5" : "#8a95a8"
            Label {
                anchors.centerIn: parent
                text: "✓"
                color: "white"
                font.bold: true
                visible: box.checked
            }
        }
    }
    Label {
        anchors.left: box.right
        anchors.right: remove.left
        anchors.verticalCenter: parent.verticalCenter
        text: row.modelData.title
        textFormat: Text.PlainText
        elide: Text.ElideRight
        font.strikeout: row.modelData.done
        color: row.modelData.done ? "#8a95a8" : "#1b2430"
    }
    Button {
        id: remove
        objectName: "remove-" + row.index
        anchors.right: parent.right
        anchors.rightMargin: 8
        anchors.verticalCenter: parent.verticalCenter
        flat: true
        text: "✕"
        contentItem: Label {
            text: remove.text
            color: "#66728a"
        }
        background: null
        onClicked: row.removalWanted()
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: "#edf0f5"
    }
}
