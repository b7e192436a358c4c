#include "api/http_routes.h"

#include "net/qt_compat.h"

namespace mws {

namespace {

using Responder = std::shared_ptr<QHttpServerResponder>;
using Method = QHttpServerRequest::Method;

struct MethodName
{
    Method method;
    std::string_view name;
};

constexpr MethodName methodNames[] = {
    {Method::Get, "GET"},         {Method::Post, "POST"},       {Method::Put, "PUT"},
    {Method::Delete, "DELETE"},   {Method::Patch, "PATCH"},     {Method::Head, "HEAD"},
    {Method::Options, "OPTIONS"}, {Method::Connect, "CONNECT"}, {Method::Trace, "TRACE"},
};

std::string_view nameOf(Method method)
{
    for (const MethodName &row : methodNames)
        if (row.method == method)
            return row.name;
    return "UNKNOWN";
}

QHttpServerRequest::Methods methodsOf(std::string_view name)
{
    for (const MethodName &row : methodNames)
        if (row.name == name)
            return row.method == Method::Get ? Method::Get | Method::Head
                                             : QHttpServerRequest::Methods(row.method);
    return Method::Unknown;
}

/// `/v1/gateways/{gateway}/sockets/{id}` as Qt writes it: `/v1/gateways/<arg>/sockets/<arg>`.
QString qtPattern(const std::string &pattern)
{
    QString text;
    for (const char c : pattern) {
        if (c == '{')
            text += QLatin1String("<arg>");
        else if (!text.endsWith(QLatin1String("<arg>")) || c == '/')
            text += QLatin1Char(c);
    }
    return text;
}

/// Holds what an ApiRequest points into.
class RequestBytes
{
public:
    explicit RequestBytes(const QHttpServerRequest &request)
        : m_request(request),
          m_path(request.url().path(QUrl::FullyEncoded).toUtf8()),
          m_query(request.url().query(QUrl::FullyEncoded).toUtf8()),
          m_body(request.body()),
          m_peer(IpAddress::parse(request.remoteAddress().toString().toStdString()).value_or(IpAddress{}))
    {}

    ApiRequest view() const
    {
        ApiRequest view;
        view.method = nameOf(m_request.method());
        view.path = viewOf(m_path);
        view.query = viewOf(m_query);
        view.body = viewOf(m_body);
        view.peer = m_peer;
        view.header = [this](std::string_view name) {
            return m_request.value(QByteArray(name.data(), qsizetype(name.size()))).toStdString();
        };
        return view;
    }

private:
    static std::string_view viewOf(const QByteArray &bytes)
    {
        return {bytes.constData(), size_t(bytes.size())};
    }

    const QHttpServerRequest &m_request;
    QByteArray m_path;
    QByteArray m_query;
    QByteArray m_body;
    IpAddress m_peer;
};

Respond writingTo(Responder responder)
{
    return [responder = std::move(responder)](ApiAnswer answer) {
        qt_compat::writeAnswer(*responder, answer.status, answer.body, answer.headers);
    };
}

} // namespace

struct HttpApi::Impl
{
    explicit Impl(ApiServices services) : api(std::move(services)) {}

    void handle(const QHttpServerRequest &request, Responder responder) const
    {
        const RequestBytes bytes(request);
        api.handle(bytes.view(), writingTo(std::move(responder)));
    }

    /// What Qt matched decoded must be plain on the wire, too.
    void call(const ApiRoute &route, const QString &gateway, const QString &id,
              const QHttpServerRequest &request, Responder responder) const
    {
        const RequestBytes bytes(request);
        ApiRequest view = bytes.view();
        const std::string gatewayId = gateway.toStdString();
        const std::string socketId = id.toStdString();
        const bool namesGateway = route.pattern.find("{gateway}") != route.pattern.npos;
        if (view.path.find('%') != view.path.npos || (namesGateway && !isGatewayId(gatewayId)))
            return api.handle(std::move(view), writingTo(std::move(responder))); // which answers 404
        view.gatewayId = gatewayId;
        view.id = socketId;
        api.call(route, std::move(view), writingTo(std::move(responder)));
    }

    void registerRoute(const ApiRoute &route);

    Api api;
    QHttpServer server;
};

void HttpApi::Impl::registerRoute(const ApiRoute &route)
{
    using qt_compat::ResponderArgument;
    const QString pattern = qtPattern(route.pattern);
    const auto methods = methodsOf(route.method);
    const bool gateway = route.pattern.find("{gateway}") != route.pattern.npos;
    const bool id = route.pattern.find("{id}") != route.pattern.npos ||
                    route.pattern.find("{file}") != route.pattern.npos;
    const auto shared = [](QHttpServerResponder &&responder) {
        return std::make_shared<QHttpServerResponder>(std::move(responder));
    };
    if (gateway && id)
        server.route(pattern, methods,
                     [this, &route, shared](const QString &gatewayId, const QString &socketId,
                                            const QHttpServerRequest &request, ResponderArgument responder) {
                         call(route, gatewayId, socketId, request, shared(std::move(responder)));
                     });
    else if (gateway || id)
        server.route(pattern, methods,
                     [this, &route, gateway, shared](const QString &one, const QHttpServerRequest &request,
                                                     ResponderArgument responder) {
                         call(route, gateway ? one : QString(), gateway ? QString() : one, request,
                              shared(std::move(responder)));
                     });
    else
        server.route(pattern, methods,
                     [this, &route, shared](const QHttpServerRequest &request, ResponderArgument responder) {
                         call(route, {}, {}, request, shared(std::move(responder)));
                     });
}

HttpApi::HttpApi(QTcpServer &listener, ApiServices services)
    : m_impl(std::make_unique<Impl>(std::move(services)))
{
    for (const ApiRoute &route : m_impl->api.routes())
        m_impl->registerRoute(route);
    qt_compat::setMissingHandler(
        m_impl->server, [impl = m_impl.get()](const QHttpServerRequest &request, Responder responder) {
            impl->handle(request, std::move(responder));
        });
    qt_compat::bind(m_impl->server, listener);
}

HttpApi::~HttpApi() = default;

Api &HttpApi::api()
{
    return m_impl->api;
}

} // namespace mws
