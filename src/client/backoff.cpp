#include "backoff.h"

#include <QtCore/QRandomGenerator>
#include <algorithm>
#include <cmath>
#include <limits>

namespace mws::client {

using std::chrono::milliseconds;

Backoff::Backoff(Random random) : m_random(std::move(random))
{
    if (!m_random)
        m_random = [] { return QRandomGenerator::global()->generateDouble(); };
}

milliseconds Backoff::failed(const BackoffSettings &settings, milliseconds atLeast)
{
    if (m_failures < std::numeric_limits<int>::max())
        ++m_failures;
    // Infinity where it overflows, which min() takes as well.
    const double grown = double(settings.initial.count()) * std::pow(settings.factor, m_failures - 1);
    const double span = std::min(grown, double(settings.max.count()));
    return atLeast + milliseconds(std::llround(span * m_random()));
}

milliseconds Backoff::lost(const BackoffSettings &settings, TimePoint now)
{
    if (now - m_openedAt >= settings.stableAfter)
        reset();
    return failed(settings);
}

} // namespace mws::client
