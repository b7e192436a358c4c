#pragma once

#include <QByteArray>
#include <QObject>
#include <QSocketNotifier>
#include <functional>

namespace mws::cli {

/// Lines of standard input as they come, without waiting for them. Thread: one with an event loop.
class InputLines final : public QObject
{
public:
    /// `take` gets each line without its end, the last one also where it has none, and answers whether it
    /// could take it; one that it could not is offered again by resume().
    explicit InputLines(std::function<bool(const QByteArray &line)> take);

    void resume();

private:
    void arrived();

    std::function<bool(const QByteArray &line)> m_take;
    QSocketNotifier m_notifier;
    QByteArray m_waiting;
    bool m_isAtEnd = false;
};

} // namespace mws::cli
