#pragma once

#include "api/api.h"

#include <memory>

class QTcpServer;

namespace mws {

/// Puts the API behind Qt's HTTP server: the one place that knows it.
/// Thread: the worker's.
class HttpApi
{
public:
    /// `listener` listens already, hands out the connections (as pending connections), and outlives this.
    HttpApi(QTcpServer &listener, ApiServices services);
    ~HttpApi();

    /// For calls that do not come through Qt.
    Api &api();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace mws
