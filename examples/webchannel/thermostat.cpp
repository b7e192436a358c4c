#include "thermostat.h"

#include <algorithm>
#include <cmath>

namespace {

constexpr int stepMs = 100; // for a tenth of a degree: a quick room

} // namespace

Thermostat::Thermostat(QObject *parent) : QObject(parent)
{
    m_timer.setInterval(stepMs);
    connect(&m_timer, &QTimer::timeout, this, &Thermostat::step);
}

void Thermostat::setTarget(double degrees)
{
    if (std::isfinite(degrees)) // it comes from a page
        setTenths(m_tenths, int(std::lround(std::clamp(degrees, coldest, warmest) * 10)));
}

QVariantMap Thermostat::forecast() const
{
    const int left = std::abs(m_targetTenths - m_tenths);
    const double seconds = left * stepMs / 1000.0;
    const QString text =
        left == 0 ? QStringLiteral("The room is at its target.")
                  : QStringLiteral("%1 °C in %2 s").arg(target(), 0, 'f', 1).arg(seconds, 0, 'f', 1);
    return {{QStringLiteral("degrees"), left / 10.0},
            {QStringLiteral("seconds"), seconds},
            {QStringLiteral("text"), text}};
}

void Thermostat::air()
{
    setTenths(std::max(int(coldest * 10), m_tenths - 20), m_targetTenths);
}

void Thermostat::step()
{
    setTenths(m_tenths + (isHeating() ? 1 : -1), m_targetTenths);
    if (m_tenths == m_targetTenths)
        Q_EMIT targetReached(temperature(),
                             QStringLiteral("The room has %1 °C.").arg(temperature(), 0, 'f', 1));
}

void Thermostat::setTenths(int tenths, int targetTenths)
{
    const bool wasHeating = isHeating();
    const bool isNew = tenths != m_tenths;
    const bool isNewTarget = targetTenths != m_targetTenths;
    m_tenths = tenths;
    m_targetTenths = targetTenths;
    if (m_tenths == m_targetTenths)
        m_timer.stop();
    else if (!m_timer.isActive())
        m_timer.start();
    if (isNew)
        Q_EMIT temperatureChanged(temperature());
    if (isNewTarget)
        Q_EMIT targetChanged(target());
    if (isHeating() != wasHeating)
        Q_EMIT heatingChanged(isHeating());
}
