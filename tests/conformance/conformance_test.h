#pragma once

#include "conformance/verdict.h"
#include "support/gateway_process.h"

#include <gtest/gtest.h>
#include <memory>

namespace mws::test {

/// Where the corpus is played: a gateway of ours that echoes what its sockets send and opens them without a
/// token, or what `MWS_CONFORMANCE_SERVER=PORT` or `ADDRESS:PORT` names.
class ConformanceTest : public ::testing::TestWithParam<std::filesystem::path>
{
protected:
    ConformanceTest();
    ~ConformanceTest() override;

    Contract contract() const { return m_gateway ? Contract::Ours : Contract::Any; }
    const Endpoint &endpoint() const { return m_endpoint; }
    const std::vector<ConformanceCase> &cases() const { return m_file.cases; }

private:
    void expectHealthy() const;

    ConformanceFile m_file;
    std::unique_ptr<GatewayProcess> m_gateway;
    Endpoint m_endpoint;
};

/// Whether the case is split at every position: up to 300 bytes; of many that are alike the first, and those
/// of up to 64 bytes.
bool isSplit(const ConformanceCase &one);

/// What GoogleTest calls the file.
std::string fileName(const ::testing::TestParamInfo<std::filesystem::path> &info);
/// Expects that every line of the files of that kind is understood; answers how many cases they have.
size_t expectUnderstood(const std::string &kind);

} // namespace mws::test
