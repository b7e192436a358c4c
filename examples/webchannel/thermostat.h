#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtCore/QVariantMap>

/// What is published: a room that is heated or cools down, a tenth of a degree at a time. It knows nothing of
/// channels; its properties, signals, slots and invokable methods are all that a page sees.
class Thermostat : public QObject
{
    Q_OBJECT
    Q_PROPERTY(double temperature READ temperature NOTIFY temperatureChanged)
    Q_PROPERTY(double target READ target WRITE setTarget NOTIFY targetChanged)
    Q_PROPERTY(bool heating READ isHeating NOTIFY heatingChanged)

public:
    static constexpr double coldest = 5;
    static constexpr double warmest = 30;

    explicit Thermostat(QObject *parent = nullptr);

    double temperature() const { return m_tenths / 10.0; } ///< °C
    double target() const { return m_targetTenths / 10.0; }
    bool isHeating() const { return m_tenths < m_targetTenths; }
    /// Held between coldest and warmest, and rounded to a tenth.
    void setTarget(double degrees);

    /// A method with a result: how long it takes until the target is reached.
    /// `{"degrees": 2.5, "seconds": 12.5, "text": "…"}`
    Q_INVOKABLE QVariantMap forecast() const;
    /// A method with an argument and a result.
    Q_INVOKABLE double toFahrenheit(double celsius) const { return celsius * 9 / 5 + 32; }

public Q_SLOTS:
    /// Opens the window: the room is two degrees colder at once.
    void air();

Q_SIGNALS:
    void temperatureChanged(double temperature);
    void targetChanged(double target);
    void heatingChanged(bool heating);
    /// A signal by itself, with what it is about.
    void targetReached(double temperature, const QString &text);

private:
    void step();
    void setTenths(int tenths, int targetTenths);

    int m_tenths = 192;
    int m_targetTenths = 192;
    QTimer m_timer;
};
