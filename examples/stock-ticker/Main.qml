import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

ApplicationWindow {
    id: window

    required property string server

    objectName: "window"
    title: qsTr("Stock ticker")
    width: 760
    height: 560
    visible: true
    color: "#0d1420"
    font.pixelSize: 14

    Ticker {
        id: ticker
        objectName: "ticker"
        server: window.server
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Rectangle {
            color: "#131c2b"
            Layout.preferredWidth: 200
            Layout.fillHeight: true
            ColumnLayout {
                anchors.fill: parent
                anchors.margins: 14
                spacing: 8
                Label {
                    text: window.title
                    color: "white"
                    font.pixelSize: 19
                    font.bold: true
                    Layout.bottomMargin: 8
                }
                Repeater {
                    model: ticker.stocks
                    delegate: AbstractButton {
                        id: choice
                        required property var modelData
                        readonly property bool isOn: ticker.isSubscribed(modelData.symbol) && ticker.subscribed.length > 0
                        objectName: "choose-" + modelData.symbol
                        implicitHeight: 48
                        Layout.fillWidth: true
                        onClicked: isOn ? ticker.unsubscribe(modelData.symbol) : ticker.subscribe(modelData.symbol)
                        background: Rectangle {
                            radius: 8
                            color: choice.isOn ? "#1d3557" : choice.hovered ? "#1a2536" : "transparent"
                            border.color: choice.isOn ? "#2f81f7" : "#253041"
                        }
                        contentItem: Column {
                            leftPadding: 12
                            topPadding: 6
                            Label {
                                text: choice.modelData.symbol
                                color: choice.isOn ? "white" : "#a9b6c9"
                                font.bold: true
                            }
                            Label {
                                text: choice.modelData.name
                                color: "#7d8ba0"
                                font.pixelSize: 12
                            }
                        }
                    }
                }
                Item {
                    Layout.fillHeight: true
                }
                Label {
                    text: ticker.error
                    visible: text !== ""
                    color: "#ff7b72"
                    wrapMode: Text.Wrap
                    Layout.fillWidth: true
                }
                RowLayout {
                    Rectangle {
                        width: 8
                        height: 8
                        radius: 4
                        color: ticker.isLive ? "#3fb950" : "#d29922"
                    }
                    Label {
                        objectName: "state"
                        text: ticker.isLive ? qsTr("live, %1 prices").arg(ticker.ticks) : qsTr("connecting …")
                        color: "#7d8ba0"
                        font.pixelSize: 12
                    }
                }
            }
        }

        ColumnLayout {
            Layout.margins: 16
            spacing: 12
            Repeater {
                model: ticker.subscribed
                delegate: StockCard {
                    source: ticker
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                }
            }
            Label {
                text: qsTr("Choose what to watch on the left.")
                color: "#7d8ba0"
                visible: ticker.subscribed.length === 0
                horizontalAlignment: Text.AlignHCenter
                Layout.fillWidth: true
            }
        }
    }
}
