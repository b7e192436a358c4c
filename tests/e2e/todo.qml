// The client of the talk "Give a Push to Your Qt Application": a list of todos that Enginio's events keep up to date.
import QtQml
import QtQml.Models
import QtWebSockets

QtObject {
    id: application

    property string gateway
    property string accessToken
    property bool opened: false
    property ListModel todos: ListModel {}

    function indexOf(id) {
        for (let i = 0; i < todos.count; ++i) {
            if (todos.get(i).id === id)
                return i
        }
        return -1
    }

    function handleEvent(event) {
        const todo = event.object
        const index = indexOf(todo.id)
        switch (event.meta.eventType) {
        case "create":
            todos.append({ id: todo.id, title: todo.title, completed: todo.completed })
            break
        case "update":
            if (index >= 0)
                todos.set(index, { title: todo.title, completed: todo.completed })
            break
        case "delete":
            if (index >= 0)
                todos.remove(index)
            break
        }
    }

    property WebSocket socket: WebSocket {
        onTextMessageReceived: message => application.handleEvent(JSON.parse(message))
        onStatusChanged: status => application.opened = status === WebSocket.Open
    }

    Component.onCompleted: {
        const request = new XMLHttpRequest()
        request.onreadystatechange = () => {
            if (request.readyState === XMLHttpRequest.DONE) {
                socket.url = JSON.parse(request.responseText).uri
                socket.active = true
            }
        }
        request.open("GET", gateway + "/v1/websocket_uri")
        if (accessToken !== "")
            request.setRequestHeader("Authorization", "Bearer " + accessToken)
        request.send()
    }
}
