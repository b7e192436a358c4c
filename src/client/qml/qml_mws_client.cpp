#include "qml_mws_client.h"

void QmlMwsClient::setActive(bool active)
{
    m_isWanted = active;
    if (m_isComplete)
        MwsClient::setActive(active);
}

void QmlMwsClient::componentComplete()
{
    m_isComplete = true;
    if (m_isWanted)
        open();
}
