#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <functional>

namespace mws {

/// Turns SIGTERM and SIGINT into a call on the main thread, by a signalfd. The second one ends the process at
/// once. Thread: made on the main thread before any other thread starts, so that all inherit its signal mask.
class TerminationSignals final : public QObject
{
    Q_OBJECT
public:
    /// Keeps the signals for the signalfd; call before any thread starts, so that all inherit the mask.
    static void block();

    explicit TerminationSignals(std::function<void()> terminate);
    ~TerminationSignals() override;

private:
    void arrived();

    int m_fd;
    QSocketNotifier m_notifier;
    std::function<void()> m_terminate;
    bool m_seen = false;
};

} // namespace mws
