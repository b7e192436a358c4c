#include "cluster/registry_row.h"

#include <gtest/gtest.h>

namespace mws::test {
namespace {

RegisteredSocket socketOf(std::vector<Tag> tags)
{
    return {SocketId::random(), WallTime(std::chrono::milliseconds(1767225600123)),
            WallTime(std::chrono::milliseconds(1767225590000)), std::move(tags), "ann", "[::1]:50000"};
}

TEST(RegistryRow, IsReadAsItWasWritten)
{
    for (const std::vector<Tag> &tags : {std::vector<Tag>{}, {"a"}, {"user:42", std::string("x\0y", 3), "ä"}}) {
        RegisteredSocket socket = socketOf(tags);
        EXPECT_EQ(decodeRegistryRow(socket.id, encodeRegistryRow(socket)), socket);
        socket.user.clear();
        socket.remote.clear();
        EXPECT_EQ(decodeRegistryRow(socket.id, encodeRegistryRow(socket)), socket);
    }
}

TEST(RegistryRow, IsSmall)
{
    EXPECT_LE(encodeRegistryRow(socketOf({"users.42"})).size(), 40u);
}

TEST(RegistryRow, WhatIsCutShortOrTooLongIsRefused)
{
    const RegisteredSocket socket = socketOf({"one", "two"});
    const std::string body = encodeRegistryRow(socket);
    for (size_t size = 0; size < body.size(); ++size)
        EXPECT_FALSE(decodeRegistryRow(socket.id, std::string_view(body).substr(0, size))) << size;
    EXPECT_FALSE(decodeRegistryRow(socket.id, body + "x"));
}

TEST(RegistryRow, LengthsThatLieAreRefused)
{
    const RegisteredSocket socket = socketOf({"one"});
    const std::string body = encodeRegistryRow(socket);
    for (size_t at = 13; at < body.size(); ++at)
        for (const char byte : {'\x7f', '\xff'}) {
            std::string wrong = body;
            wrong[at] = byte;
            const auto read = decodeRegistryRow(socket.id, wrong);
            EXPECT_TRUE(!read || encodeRegistryRow(*read) == wrong) << at; // a letter of a text may be any
        }
}

TEST(RegistryRow, AnotherVersionsIsRefused)
{
    const RegisteredSocket socket = socketOf({});
    std::string body = encodeRegistryRow(socket);
    ++body[0];
    EXPECT_FALSE(decodeRegistryRow(socket.id, body));
}

TEST(RegistryRow, TagsThatDoNotFitAreLeftOut)
{
    const RegisteredSocket socket = socketOf(std::vector<Tag>(1000, std::string(128, 't')));
    const std::string body = encodeRegistryRow(socket);
    EXPECT_LE(body.size(), longestRegistryRow);
    EXPECT_GT(body.size(), size_t(15 << 10));
    const auto read = decodeRegistryRow(socket.id, body);
    ASSERT_TRUE(read);
    EXPECT_GT(read->tags.size(), 100u);
}

TEST(RegistryRow, BeginsAlikeWhileTheSocketIsOpenAndContainsItsTags)
{
    RegisteredSocket socket = socketOf({"a"});
    const std::string before = encodeRegistryRow(socket);
    socket.tags = {"b", "c"};
    const std::string after = encodeRegistryRow(socket);
    EXPECT_EQ(before.substr(0, registryRowLife), after.substr(0, registryRowLife));
    EXPECT_NE(after.find(registryRowTag("c")), std::string::npos);
    EXPECT_EQ(after.find(registryRowTag("a")), std::string::npos);
    socket.connectedAt += std::chrono::milliseconds(1);
    EXPECT_NE(encodeRegistryRow(socket).substr(0, registryRowLife), after.substr(0, registryRowLife));
}

} // namespace
} // namespace mws::test
