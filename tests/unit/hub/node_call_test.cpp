#include "hub/node_call.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

const SocketId socketId = *SocketId::parse("abcdefghijklmnopqrstuvwxyz012345");
const WallTime noon(std::chrono::milliseconds(1795867200123));

NodeCall call(NodeCall::Kind kind)
{
    NodeCall call;
    call.kind = kind;
    call.gateway = "shop";
    call.id = socketId;
    return call;
}

std::vector<NodeCall> allCalls()
{
    NodeCall change = call(NodeCall::Kind::ChangeTags);
    change.add = {"red", ""};
    change.remove = {std::string(300, 't')};
    NodeCall close = call(NodeCall::Kind::Close);
    close.code = CloseCode(4999);
    close.reason = "see you";
    NodeCall all = call(NodeCall::Kind::CloseMany);
    all.id = {};
    all.code = CloseCode::PolicyViolation;
    NodeCall some = all;
    some.filter = {"red", "john", noon};
    NodeCall none = all;
    none.filter.user = "";
    return {call(NodeCall::Kind::Show), change, close, all, some, none};
}

SocketInfo info()
{
    return {socketId, noon, {"red", "green"}, "john", "192.0.2.1:1234", 77};
}

} // namespace

bool operator==(const SocketFilter &a, const SocketFilter &b)
{
    return a.tag == b.tag && a.user == b.user && a.issuedBefore == b.issuedBefore;
}

TEST(NodeCall, ComesBackAsItWas)
{
    for (const NodeCall &call : allCalls()) {
        const auto back = decodeNodeCall(encode(call));
        ASSERT_TRUE(back) << int(call.kind);
        EXPECT_EQ(back->kind, call.kind);
        EXPECT_EQ(back->gateway, call.gateway);
        EXPECT_EQ(back->id, call.id);
        EXPECT_EQ(back->add, call.add);
        EXPECT_EQ(back->remove, call.remove);
        EXPECT_EQ(back->code, call.code);
        EXPECT_EQ(back->reason, call.reason);
        EXPECT_TRUE(back->filter == call.filter);
    }
}

TEST(NodeCall, CutAnywhereOrLongerIsRefused)
{
    for (const NodeCall &call : allCalls()) {
        const std::string bytes = encode(call);
        for (size_t size = 0; size < bytes.size(); ++size)
            EXPECT_FALSE(decodeNodeCall(std::string_view(bytes).substr(0, size))) << size;
        EXPECT_FALSE(decodeNodeCall(bytes + 'x'));
    }
}

TEST(NodeCall, WhatNoNodeWritesIsRefused)
{
    std::string otherFormat = encode(call(NodeCall::Kind::Show));
    otherFormat[0] = 9;
    std::string otherKind = encode(call(NodeCall::Kind::Show));
    otherKind[1] = 9;
    NodeCall badGateway = call(NodeCall::Kind::Show);
    badGateway.gateway = "a b";
    NodeCall badCode = call(NodeCall::Kind::Close);
    badCode.code = CloseCode(5000);
    for (const std::string &bytes : {otherFormat, otherKind, encode(badGateway), encode(badCode)})
        EXPECT_FALSE(decodeNodeCall(bytes));
}

TEST(NodeCall, SocketsAndErrorsAreAnswered)
{
    const Result<SocketInfo> found = decodeSocketAnswer(encodeSocketAnswer(info()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, socketId);
    EXPECT_EQ(found->connectedAt, noon);
    EXPECT_EQ(found->tags, info().tags);
    EXPECT_EQ(found->user, "john");
    EXPECT_EQ(found->remote, "192.0.2.1:1234");
    EXPECT_EQ(found->queuedBytes, 77u);
    for (const Error &error : {Error{ErrorCode::NotFound, {}, {}}, Error{ErrorCode::Unavailable, "busy", {}},
                               Error{ErrorCode::InvalidData, "A socket has at most 2 tags", "addTags"}}) {
        const auto answer = decodeSocketAnswer(encodeSocketAnswer(Unexpected(error)));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error(), error);
    }
}

TEST(NodeCall, AnswerThatIsNotUnderstoodIsUnavailable)
{
    const std::string good = encodeSocketAnswer(info());
    for (size_t size = 0; size < good.size(); ++size) {
        const auto answer = decodeSocketAnswer(std::string_view(good).substr(0, size));
        ASSERT_FALSE(answer) << size;
        EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
    }
    EXPECT_FALSE(decodeSocketAnswer(good + 'x'));
    EXPECT_FALSE(decodeSocketAnswer("\x01\x07"));
}

/// Found by fuzzing: more milliseconds than a time can hold.
TEST(NodeCall, TimesBeyondWhatATimeCanHoldAreRefused)
{
    std::string late("\x01\x00\x20", 3);
    late += socketId.view();
    late += "\xff\xff\xff\xff\xff\xff\xff\x7f"; // 2^56 - 1 ms
    late += std::string(4, '\0');
    const auto answer = decodeSocketAnswer(late);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
}

TEST(NodeCall, CountsAreAnswered)
{
    for (const size_t count : {size_t(0), size_t(1), size_t(1) << 40})
        EXPECT_EQ(decodeCount(encodeCount(count)), count);
    EXPECT_EQ(decodeCount(""), std::nullopt);
    EXPECT_EQ(decodeCount(encodeCount(1) + 'x'), std::nullopt);
    EXPECT_EQ(decodeCount(std::string("\x02\x01")), std::nullopt);
}

} // namespace mws
