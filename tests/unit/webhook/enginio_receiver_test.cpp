#include "webhook/enginio_receiver.h"

#include <gtest/gtest.h>

namespace mws {
namespace {

struct GoodRow
{
    const char *body;
    const char *message;
};

TEST(EnginioReceiver, TakesEveryShape)
{
    EnginioReceiver receiver;
    const GoodRow rows[] = {
        {R"({"payload": {"object": {"z": 1, "a": 1.0}, "meta": {}}, "receivers": [{"id": "*", "objectType": "aclSubject"}]})",
         R"({"data":{"object":{"z":1,"a":1.0},"meta":{}},"receivers":{"sockets":["*"],"tags":null}})"},
        {R"({"receivers":[{"objectType":"users","id":"john"},{"id":"admins","objectType":"usergroups","x":1}],"payload":"{\"meta\": {}}"})",
         R"({"data":"{\"meta\": {}}","receivers":{"sockets":null,"tags":["users.john","usergroups.admins"]}})"},
        {R"({"payload":{},"receivers":[]})", R"({"data":{},"receivers":{"sockets":null,"tags":null}})"},
        {R"({"payload":{},"data":"loses","receivers":[{"id":"x","objectType":"aclSubject"}]})",
         R"({"data":{},"receivers":{"sockets":null,"tags":["aclSubject.x"]}})"},
        {R"({"payload":{},"receivers":[{"id":"a\"\u0001","objectType":"users"}]})",
         R"({"data":{},"receivers":{"sockets":null,"tags":["users.a\"\u0001"]}})"},
        {R"({"data":"text","receivers":{"tags":["a"]}})", R"({"data":"text","receivers":{"tags":["a"]}})"},
        {R"({ "meta": {"eventName": "create"}, "object": {"id": "7"} })",
         R"({"data":{"meta":{"eventName":"create"},"object":{"id":"7"}},"receivers":{"sockets":["*"],"tags":null}})"},
    };
    for (const GoodRow &row : rows) {
        const auto message = receiver.messageBody(row.body);
        ASSERT_TRUE(message) << row.body << message.error().detail;
        EXPECT_EQ(*message, row.message);
    }
}

TEST(EnginioReceiver, NamesThePropertyOfAnythingElse)
{
    EnginioReceiver receiver;
    const GoodRow rows[] = {
        {"", ""},
        {"[]", ""},
        {R"({"payload":{},"receivers":[],})", ""},
        {"{}", "payload"},
        {R"({"payload":5,"receivers":[]})", "payload"},
        {R"({"payload":null,"receivers":[]})", "payload"},
        {R"({"payload":[],"receivers":[]})", "payload"},
        {R"({"payload":"no json","receivers":[]})", "payload"},
        {R"({"payload":{},"payload":{},"receivers":[]})", "payload"},
        {R"({"payload":{}})", "receivers"},
        {R"({"payload":{},"receivers":{"tags":["a"]}})", "receivers"},
        {R"({"payload":{},"receivers":null})", "receivers"},
        {R"({"payload":{},"receivers":[7]})", "receivers[0]"},
        {R"({"payload":{},"receivers":[{"id":"a","objectType":"users"},{"id":"a"}]})",
         "receivers[1].objectType"},
        {R"({"payload":{},"receivers":[{"objectType":"users"}]})", "receivers[0].id"},
        {R"({"payload":{},"receivers":[{"id":5,"objectType":"users"}]})", "receivers[0].id"},
        {R"({"object":{}})", "meta"},
        {R"({"meta":{}})", "object"},
        {R"({"object":1,"meta":{}})", "object"},
        {R"({"object":{},"meta":"x"})", "meta"},
    };
    for (const GoodRow &row : rows) {
        const auto message = receiver.messageBody(row.body);
        ASSERT_FALSE(message) << row.body;
        EXPECT_EQ(message.error().property, row.message) << row.body;
        EXPECT_EQ(message.error().code, ErrorCode::InvalidData);
    }
}

} // namespace
} // namespace mws
