#pragma once

#include "support/gateway_api.h"
#include "support/gateway_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace mws::test {

inline constexpr char securityToken[] = "backend-secret-7f3a91c2";
inline constexpr char operatorToken[] = "operator-secret-5d08e4b7";

/// A default gateway in mode `custom` with a security token and an operator.
inline GatewayOptions guardedGateway(Environment more = {})
{
    more.insert(
        {{"SECURITY_TOKEN", securityToken}, {"OPERATOR_TOKEN", operatorToken}, {"ACCESS_CONTROL", "custom"}});
    return {.environment = std::move(more)};
}

/// Lets time pass. Only where time itself is under test: an expiry, a deadline.
void letPass(std::chrono::milliseconds time);

/// A running gateway, and a backend and an operator that call it.
class GatewayTest : public ::testing::Test
{
protected:
    explicit GatewayTest(GatewayOptions options = guardedGateway()) : gateway(std::move(options)) {}

    /// A caller of the gateway at `base` with that bearer.
    GatewayApi caller(const std::string &base, const std::string &bearer) const
    {
        return GatewayApi(gateway.endpoint(), base, bearer);
    }
    /// Makes a gateway in mode `custom`; `more` are further members of its configuration. Its backend is
    /// answered.
    GatewayApi createGateway(const std::string &id, std::string_view more = {});
    /// SIGTERM, and a new life with the same state folder.
    void restart();
    HttpAnswer configure(std::string_view json);

    GatewayProcess gateway;
    GatewayApi backend{gateway.endpoint(), "/v1", securityToken};
    GatewayApi administrator{gateway.endpoint(), "/v1", operatorToken};
};

/// Which paths a test calls a gateway by.
enum class Base { Short, DefaultById, Created };
void PrintTo(Base base, std::ostream *stream);

/// Each test of it runs for `/v1`, for the default gateway by its id and for one that the operator made.
class EachBase : public GatewayTest, public ::testing::WithParamInterface<Base>
{
protected:
    explicit EachBase(GatewayOptions options = guardedGateway());
    GatewayApi api;
};

std::string baseName(const ::testing::TestParamInfo<Base> &info);

} // namespace mws::test

/// Instantiates a suite of EachBase for every base.
#define MWS_FOR_EACH_BASE(Suite)                                                                             \
    INSTANTIATE_TEST_SUITE_P(                                                                                \
        At, Suite,                                                                                           \
        ::testing::Values(mws::test::Base::Short, mws::test::Base::DefaultById, mws::test::Base::Created),   \
        mws::test::baseName)
