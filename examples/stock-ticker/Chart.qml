import QtQuick

/// A line of prices, the newest at the right edge, which is always `capacity` steps from the left one.
///
/// A Canvas of our own: Qt Charts would be a further package, and is under the GPL only.
Canvas {
    id: chart

    property var prices: []
    property int capacity: 240
    property color line: "#2f81f7"
    readonly property int points: prices.length
    property color grid: "#253041"
    property color text: "#7d8ba0"

    onPricesChanged: requestPaint()
    onWidthChanged: requestPaint()
    onHeightChanged: requestPaint()

    onPaint: {
        const context = getContext("2d")
        context.reset()
        if (prices.length < 2)
            return
        const low = Math.min(...prices)
        const high = Math.max(...prices)
        const margin = Math.max((high - low) * 0.12, low * 0.001)
        const area = { left: 0, right: width - 58, top: 6, bottom: height - 6 }
        const y = price => area.bottom - (price - low + margin) / (high - low + 2 * margin) * (area.bottom - area.top)
        const x = index => area.right - (prices.length - 1 - index) / (capacity - 1) * (area.right - area.left)
        drawGrid(context, area, low, high, y)
        drawLine(context, area, x, y)
    }

    function drawGrid(context, area, low, high, y) {
        context.font = "11px 'DejaVu Sans'"
        context.fillStyle = text
        context.strokeStyle = grid
        context.lineWidth = 1
        for (const price of [low, (low + high) / 2, high]) {
            const level = Math.round(y(price)) + 0.5
            context.beginPath()
            context.moveTo(area.left, level)
            context.lineTo(area.right, level)
            context.stroke()
            context.fillText(price.toFixed(2), area.right + 8, level + 4)
        }
    }

    function drawLine(context, area, x, y) {
        context.beginPath()
        prices.forEach((price, index) => context.lineTo(x(index), y(price)))
        context.strokeStyle = line
        context.lineWidth = 1.8
        context.lineJoin = "round"
        context.stroke()
        context.lineTo(area.right, area.bottom)
        context.lineTo(x(0), area.bottom)
        context.closePath()
        const fill = context.createLinearGradient(0, area.top, 0, area.bottom)
        fill.addColorStop(0, Qt.rgba(line.r, line.g, line.b, 0.28))
        fill.addColorStop(1, Qt.rgba(line.r, line.g, line.b, 0.02))
        context.fillStyle = fill
        context.fill()
        const last = prices.length - 1
        context.beginPath()
        context.arc(x(last), y(prices[last]), 3.5, 0, 2 * Math.PI)
        context.fillStyle = line
        context.fill()
    }
}
