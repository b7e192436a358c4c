import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

/// One symbol: its last price, by how much it has changed over what the chart shows, and the chart.
Rectangle {
    id: card

    required property string modelData // the symbol
    required property var source
    property var prices: []
    readonly property real last: prices.length > 0 ? prices[prices.length - 1] : 0
    readonly property real change: prices.length > 0 ? (last / prices[0] - 1) * 100 : 0

    function refresh() {
        const known = source.series[modelData]
        prices = known ? known.prices.slice() : []
    }

    color: "#131c2b"
    radius: 10
    border.color: "#253041"
    Component.onCompleted: refresh()

    Connections {
        target: card.source
        function onSeriesChanged() { card.refresh() }
        // Prices may come faster than anyone can look: the card is drawn again 20 times a second.
        function onTicked(symbol) {
            if (symbol === card.modelData && !redraw.running)
                redraw.start()
        }
    }
    Timer {
        id: redraw
        interval: 50
        onTriggered: card.refresh()
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 14
        spacing: 4
        RowLayout {
            Label {
                text: card.modelData
                color: "white"
                font.bold: true
                font.pixelSize: 16
            }
            Label {
                objectName: "price-" + card.modelData
                text: card.prices.length > 0 ? card.last.toFixed(2) : "…"
                color: "white"
                font.pixelSize: 16
                Layout.fillWidth: true
            }
            Label {
                text: (card.change < 0 ? "▼ " : "▲ ") + Math.abs(card.change).toFixed(2) + " %"
                color: card.change < 0 ? "#ff7b72" : "#3fb950"
                visible: card.prices.length > 0
            }
        }
        Chart {
            objectName: "chart-" + card.modelData
            prices: card.prices
            line: card.change < 0 ? "#ff7b72" : "#3fb950"
            Layout.fillWidth: true
            Layout.fillHeight: true
        }
    }
}
