#pragma once

#include "support/deadline.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>

namespace mws::test {

/// Runs the event loop until `condition` holds; false if it does not within `wait`.
template <typename Condition>
bool waitUntil(Condition condition, std::chrono::milliseconds wait = patience)
{
    const Deadline deadline(wait);
    QTimer wakeUp;
    wakeUp.setSingleShot(true);
    wakeUp.start(wait);
    while (!condition() && deadline.left() > 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return condition();
}

} // namespace mws::test
