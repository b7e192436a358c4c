#pragma once

#include <mws/client/mws_client.h>

#include <QtQml/QQmlParserStatus>
#include <QtQml/qqml.h>

/// The properties and signals that QML's tools find.
struct MwsClientBase
{
    Q_GADGET
    QML_FOREIGN(MwsClient)
    QML_ANONYMOUS
};

/// MwsClient as QML knows it: `active: true` takes effect when all properties have their values.
/// Thread: the engine's.
class QmlMwsClient : public MwsClient, public QQmlParserStatus
{
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_NAMED_ELEMENT(MwsClient)

public:
    using MwsClient::MwsClient;

    void setActive(bool active) override;
    void classBegin() override { m_isComplete = false; }
    void componentComplete() override;

private:
    bool m_isComplete = true;
    bool m_isWanted = false;
};
