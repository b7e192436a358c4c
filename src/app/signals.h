#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <functional>

namespace mws {

/// Turns SIGTERM, SIGINT and SIGHUP into calls on the main thread, by a signalfd. The second SIGTERM or
/// SIGINT ends the process at once. Thread: made on the main thread before any other thread starts, so that
/// all inherit its signal mask.
class ProcessSignals final : public QObject
{
    Q_OBJECT
public:
    /// What the signals ask for.
    struct Handlers
    {
        std::function<void()> terminate; ///< SIGTERM, SIGINT: once
        std::function<void()> reload;    ///< SIGHUP: each time, until the process was told to end
    };

    /// Keeps the signals for the signalfd; call before any thread starts, so that all inherit the mask.
    static void block();

    explicit ProcessSignals(Handlers handlers);
    ~ProcessSignals() override;

private:
    void arrived();

    int m_fd;
    QSocketNotifier m_notifier;
    Handlers m_handlers;
    bool m_terminating = false;
};

} // namespace mws
