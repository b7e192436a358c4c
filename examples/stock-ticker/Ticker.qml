import QtQml
import Mws

/// The prices of the symbols that are subscribed to: asks the server for a socket with their tags, and to change the tags
/// while it is open.
QtObject {
    id: ticker

    required property string server
    readonly property bool isLive: client.state === MwsClient.Open
    /// All symbols of the server, in its order: `{symbol, name}`.
    property var stocks: []
    /// Of the symbols that are subscribed to: `{prices, sequence}`, the newest price last.
    property var series: ({})
    property var subscribed: []
    property string error
    property int ticks: 0 // that came
    property int gaps: 0 // ticks that did not follow the one before
    readonly property int historyLength: 240
    property var held: ({}) // ticks that wait for their symbol's history
    property bool isBehind: false // tags are to be changed once the socket is open

    signal ticked(string symbol)

    function isSubscribed(symbol) { return subscribed.indexOf(symbol) >= 0 }

    function others() { return stocks.map(stock => stock.symbol).filter(symbol => !isSubscribed(symbol)) }

    function subscribe(symbol: string) {
        if (isSubscribed(symbol))
            return
        subscribed = subscribed.concat([symbol])
        hold([symbol])
        change([symbol], [])
    }

    function unsubscribe(symbol: string) {
        subscribed = subscribed.filter(other => other !== symbol)
        const rest = Object.assign({}, series)
        delete rest[symbol]
        series = rest
        delete held[symbol]
        change([], [symbol])
    }

    /// Changes the tags of the open socket. One that opens later is asked for with what is subscribed to by then.
    function change(add, remove) {
        if (isLive)
            call("POST", "sockets/" + client.socketId + "/symbols", { add: add, remove: remove }, takeHistories)
        else
            isBehind = true
    }

    /// Keeps the ticks of these symbols until their history has come, which they go behind.
    function hold(symbols) {
        for (const symbol of symbols)
            held[symbol] = held[symbol] || []
    }

    function takeHistories(answer) {
        const all = Object.assign({}, series)
        const wanted = answer.symbols.filter(history => isSubscribed(history.symbol))
        for (const history of wanted) {
            const known = all[history.symbol]
            // An answer that another one has overtaken is older than what is here.
            if (held[history.symbol] || !known || known.sequence < history.sequence)
                all[history.symbol] = { prices: history.prices, sequence: history.sequence }
        }
        series = all
        for (const history of wanted) {
            const ticks = held[history.symbol] || []
            delete held[history.symbol]
            ticks.forEach(append)
        }
    }

    function take(tick) {
        ++ticks
        const waiting = held[tick.symbol]
        if (!waiting)
            append(tick)
        else if (waiting.push(tick) > 1000) {
            waiting.length = 0 // the history did not come: asked for again
            fetchAll()
        }
    }

    function append(tick) {
        const known = series[tick.symbol]
        if (!known || tick.sequence <= known.sequence)
            return // not subscribed to any more, or in the history
        if (tick.sequence > known.sequence + 1) {
            ++gaps
            fetchAll()
            return
        }
        known.sequence = tick.sequence
        known.prices.push(tick.price)
        if (known.prices.length > historyLength)
            known.prices.shift()
        ticked(tick.symbol)
    }

    function call(method, path, body, done) {
        const request = new XMLHttpRequest()
        request.onreadystatechange = () => {
            if (request.readyState !== XMLHttpRequest.DONE)
                return
            const isGood = request.status >= 200 && request.status < 300
            error = isGood ? "" : qsTr("The server answered %1").arg(request.status)
            if (isGood)
                done(JSON.parse(request.responseText))
        }
        request.open(method, server + "/" + path)
        request.setRequestHeader("Content-Type", "application/json")
        request.send(body ? JSON.stringify(body) : "")
    }

    function fetchAll() {
        hold(subscribed)
        call("GET", "symbols", null, answer => {
            stocks = answer.symbols.map(stock => ({ symbol: stock.symbol, name: stock.name }))
            takeHistories(answer)
        })
    }

    readonly property MwsClient client: MwsClient {
        providerUrl: ticker.server + "/sockets"
        providerBody: JSON.stringify({ symbols: ticker.subscribed })
        active: true
        onOpened: {
            // What was clicked while the socket was asked for has not become a tag.
            if (ticker.isBehind)
                ticker.change(ticker.subscribed, ticker.others())
            ticker.isBehind = false
            ticker.fetchAll() // what was missed
        }
        onMessageReceived: message => ticker.take(JSON.parse(message))
    }
}
