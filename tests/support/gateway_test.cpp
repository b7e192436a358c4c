#include "support/gateway_test.h"

#include <thread>

namespace mws::test {

namespace {

std::string nameOf(Base base)
{
    switch (base) {
    case Base::Short:
        return "Short";
    case Base::DefaultById:
        return "DefaultById";
    case Base::Created:
        return "Created";
    }
    return {};
}

} // namespace

void letPass(std::chrono::milliseconds time)
{
    std::this_thread::sleep_for(time);
}

GatewayApi GatewayTest::createGateway(const std::string &id, std::string_view more)
{
    std::string body = "{\"id\":" + jsonString(id) + R"(,"accessControl":"custom")";
    if (!more.empty())
        body.append(",").append(more);
    const HttpAnswer answer = administrator.post("/gateways", body + '}');
    EXPECT_EQ(answer.status, 201) << answer.body;
    const std::string token = JsonView(answer.body).string("/securityToken");
    return caller("/v1/gateways/" + id, gateway.secret(token));
}

void GatewayTest::restart()
{
    EXPECT_EQ(gateway.stop(), 0) << gateway.log();
    gateway.start();
    backend = caller("/v1", securityToken);
    administrator = caller("/v1", operatorToken);
}

HttpAnswer GatewayTest::configure(std::string_view json)
{
    HttpAnswer answer = backend.call("PUT", "/configuration", std::string(json));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer;
}

void PrintTo(Base base, std::ostream *stream)
{
    *stream << nameOf(base);
}

EachBase::EachBase(GatewayOptions options)
    : GatewayTest(std::move(options)),
      api(GetParam() == Base::Short         ? caller("/v1", securityToken)
          : GetParam() == Base::DefaultById ? caller("/v1/gateways/default", securityToken)
                                            : createGateway("players"))
{}

std::string baseName(const ::testing::TestParamInfo<Base> &info)
{
    return nameOf(info.param);
}

} // namespace mws::test
