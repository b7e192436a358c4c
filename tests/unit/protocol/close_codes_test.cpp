#include "protocol/close_codes.h"

#include "protocol/frame.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

TEST(CloseCodes, HasARowForEachThatTheGatewaySends)
{
    for (const CloseCode code :
         {CloseCode::Normal, CloseCode::GoingAway, CloseCode::ProtocolError, CloseCode::UnsupportedData,
          CloseCode::InvalidPayload, CloseCode::PolicyViolation, CloseCode::MessageTooBig,
          CloseCode::InternalError, CloseCode::ServiceRestart, CloseCode::TryAgainLater}) {
        const CloseCodeInfo *row = closeCodeInfo(uint16_t(code));
        ASSERT_NE(row, nullptr) << uint16_t(code);
        EXPECT_EQ(row->sender, CloseSender::Gateway) << row->name;
        EXPECT_EQ(row->first, row->last) << row->name;
    }
}

TEST(CloseCodes, KnowsThoseThatAreOnlyTheLibrarysWord)
{
    for (const CloseCode code : {CloseCode::NoStatus, CloseCode::Abnormal})
        EXPECT_EQ(closeCodeInfo(uint16_t(code))->sender, CloseSender::Nobody);
}

TEST(CloseCodes, KnowsNoOthers)
{
    for (const uint64_t code : {0ull, 999ull, 1004ull, 1015ull, 2999ull, 5000ull, 1ull << 40})
        EXPECT_EQ(closeCodeInfo(code), nullptr) << code;
}

TEST(CloseCodes, BackendMayAskForSome)
{
    const auto allowed = [](unsigned code) {
        return code == 1000 || code == 1001 || code == 1008 || (code >= 1011 && code <= 1014) ||
               (code >= 3000 && code <= 4999);
    };
    for (unsigned code = 0; code <= 65535; ++code)
        ASSERT_EQ(isBackendCloseCode(code), allowed(code)) << code;
}

TEST(CloseCodes, SaysOfEachWhatAClientDoes)
{
    for (const CloseCodeInfo &row : closeCodeTable()) {
        EXPECT_FALSE(row.name.empty() || row.when.empty() || row.client.empty()) << row.first;
        for (const std::string_view cell : {row.name, row.when, row.client})
            EXPECT_EQ(cell.find('|'), std::string_view::npos) << cell << " would break the table";
    }
}

} // namespace
} // namespace mws::test
