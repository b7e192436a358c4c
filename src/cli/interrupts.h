#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <functional>

namespace mws::cli {

/// Turns the first SIGINT or SIGTERM into a call, so that a command can end in good order; the second one
/// ends the program at once, with 130. As long as one of these is there. Thread: the main thread, before any
/// other is started.
class Interrupts final : public QObject
{
public:
    explicit Interrupts(std::function<void()> interrupted);
    ~Interrupts() override;

private:
    void arrived();

    std::function<void()> m_interrupted;
    int m_fd;
    QSocketNotifier m_notifier;
    bool m_wasInterrupted = false;
};

} // namespace mws::cli
