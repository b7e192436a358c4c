import QtQml
import Mws

/// A user's session with the backend: his todos by REST, and what changes by his private socket.
QtObject {
    id: session

    required property string server
    property string token
    property string userName
    readonly property bool isLoggedIn: token !== ""
    readonly property bool isLive: client.state === MwsClient.Open
    property var todos: []
    property string error
    /// What came over the socket, for who looks.
    property var received: []
    property int revision: -1 // of the user's list, as far as it is known here

    function login(name: string, password: string) {
        call("POST", "login", { name: name, password: password }, answer => {
            userName = answer.user.name
            token = answer.token
            client.open()
        })
    }

    function logout() {
        call("DELETE", "login", null, () => {})
        end()
    }

    function add(title: string) { call("POST", "todos", { title: title }, take) }
    function setDone(id: string, done: bool) { call("PATCH", "todos/" + id, { done: done }, take) }
    function remove(id: string) { call("DELETE", "todos/" + id, null, take) }

    /// A change, by the answer to our call or by the socket, whichever comes first. One after a gap: all is fetched.
    function take(change) {
        if (change.revision <= revision)
            return
        if (change.revision > revision + 1) {
            fetchAll()
            return
        }
        revision = change.revision
        const todo = change.todo
        if (change.event === "added")
            todos = todos.concat([todo])
        else if (change.event === "removed")
            todos = todos.filter(old => old.id !== todo.id)
        else
            todos = todos.map(old => old.id === todo.id ? todo : old)
    }

    function fetchAll() {
        call("GET", "todos", null, all => {
            if (all.revision < revision)
                return // overtaken by a change
            revision = all.revision
            todos = all.todos
        })
    }

    function end() {
        client.close()
        token = ""
        todos = []
        revision = -1
    }

    function call(method, path, body, done) {
        const request = new XMLHttpRequest()
        const asked = token
        error = ""
        request.onreadystatechange = () => {
            if (request.readyState !== XMLHttpRequest.DONE || asked !== token)
                return
            if (request.status >= 200 && request.status < 300)
                done(request.status === 204 ? {} : JSON.parse(request.responseText))
            else
                fail(request)
        }
        request.open(method, server + "/api/" + path)
        request.setRequestHeader("Content-Type", "application/json")
        if (token !== "")
            request.setRequestHeader("Authorization", "Bearer " + token)
        request.send(body ? JSON.stringify(body) : "")
    }

    function fail(request) {
        if (request.status === 401 && isLoggedIn)
            end()
        try {
            error = JSON.parse(request.responseText).error
        } catch (notJson) {
            error = qsTr("The server does not answer")
        }
    }

    readonly property MwsClient client: MwsClient {
        providerUrl: session.server + "/api/socket"
        providerBody: "{}" // not empty: a POST, as it reserves something
        bearer: session.token
        onOpened: session.fetchAll() // what was missed
        onMessageReceived: message => {
            session.received.push(message)
            session.take(JSON.parse(message))
        }
        onErrorOccurred: error => {
            session.end()
            session.error = error
        }
    }
}
