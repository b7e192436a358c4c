#pragma once

#include "protocol/request_parser.h"

#include "splits.h"

#include <gtest/gtest.h>

namespace mws::test {

/// Parses as the pieces come, as a connection does, until there is an answer.
inline RequestParser::Outcome parsePieces(const RequestParser &parser, const Pieces &pieces,
                                          RequestHead &head)
{
    size_t size = 0;
    RequestParser::Outcome outcome;
    for (const std::string_view piece : pieces) {
        size += piece.size();
        outcome = parser.parse({pieces.front().data(), size}, head);
        if (outcome.status != RequestParser::Status::NeedMore)
            break;
    }
    return outcome;
}

/// Expects the same answer however the bytes come, and gives it.
inline RequestParser::Outcome parseAlike(std::string_view bytes, RequestHead &head,
                                         const RequestLimits &limits = {})
{
    const RequestParser parser(limits);
    const RequestParser::Outcome whole = parser.parse(bytes, head);
    forEachSplit(bytes, [&](const Pieces &pieces) {
        RequestHead other;
        const RequestParser::Outcome outcome = parsePieces(parser, pieces, other);
        EXPECT_EQ(outcome.status, whole.status) << bytes << "\nfirst piece: " << pieces.front().size();
        EXPECT_EQ(outcome.headSize, whole.headSize) << bytes;
        EXPECT_EQ(outcome.error, whole.error) << bytes << "\nfirst piece: " << pieces.front().size();
        EXPECT_EQ(other.method, head.method);
        EXPECT_EQ(other.target, head.target);
        EXPECT_EQ(other.host, head.host);
        EXPECT_EQ(other.fields.size(), head.fields.size());
    });
    return whole;
}

} // namespace mws::test
