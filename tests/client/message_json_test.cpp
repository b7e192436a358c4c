#include "message_json.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <gtest/gtest.h>

namespace mws::client {

namespace {

std::string text(const QJsonObject &json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString();
}

} // namespace

TEST(MessageJson, OfTextHasReceiversAndData)
{
    EXPECT_EQ(text(messageJson(MwsMessage(QStringLiteral("a\"b"), MwsReceivers::everyone()))),
              R"({"data":"a\"b","receivers":{"sockets":["*"],"tags":[]}})");
}

TEST(MessageJson, OfBytesIsBase64)
{
    EXPECT_EQ(
        text(messageJson(MwsMessage(QByteArray("\x00\xff", 2), MwsReceivers::tag(QStringLiteral("t"))))),
        R"({"data":"AP8=","encoding":"base64","receivers":{"sockets":[],"tags":["t"]}})");
}

TEST(MessageJson, OfJsonIsThatJson)
{
    const QJsonValue value = QJsonObject{{QStringLiteral("price"), 7}};
    EXPECT_EQ(text(messageJson(MwsMessage(value, MwsReceivers::socket(QStringLiteral("s"))))),
              R"({"data":{"price":7},"receivers":{"sockets":["s"],"tags":[]}})");
}

TEST(MessageJson, CarriesOptions)
{
    MwsMessage message(QStringLiteral("x"), MwsReceivers::everyone());
    message.receivers.exclude = {QStringLiteral("me")};
    message.ttl = 0;
    message.id = QStringLiteral("once");
    EXPECT_EQ(text(messageJson(message)),
              R"({"data":"x","id":"once","receivers":{"exclude":["me"],"sockets":["*"],"tags":[]},"ttl":0})");
}

TEST(ReservationJson, HasOnlyWhatIsSet)
{
    EXPECT_EQ(text(reservationJson({})), R"({"tags":[]})");
    EXPECT_EQ(text(reservationJson({.tags = {QStringLiteral("a")},
                                    .user = QStringLiteral("u"),
                                    .clientMessages = QStringLiteral("relay"),
                                    .expiresIn = 60,
                                    .reuse = false})),
              R"({"clientMessages":"relay","expiresIn":60,"reuse":false,"tags":["a"],"user":"u"})");
}

TEST(ErrorOf, ReadsBothForms)
{
    const auto parse = [](const char *json) { return errorOf(QJsonDocument::fromJson(json).object()); };
    const ErrorText denied = parse(R"({"error":{"reason":"AccessDenied","message":"Access denied"}})");
    EXPECT_EQ(denied.reason, QStringLiteral("AccessDenied"));
    EXPECT_EQ(denied.text, QStringLiteral("Access denied"));
    const ErrorText invalid =
        parse(R"({"errors":[{"reason":"InvalidData","property":"data","message":"Missing"},{}]})");
    EXPECT_EQ(invalid.reason, QStringLiteral("InvalidData"));
    EXPECT_EQ(invalid.text, QStringLiteral("data: Missing"));
    for (const char *none : {"{}", R"({"errors":[]})", R"({"error":"text"})", "[]"})
        EXPECT_TRUE(parse(none).reason.isEmpty()) << none;
}

TEST(ReceiverCounts, AreReadFromTheField)
{
    const ReceiverCounts counts = parseReceivers("matched=12, dropped=3");
    EXPECT_EQ(counts.matched, 12);
    EXPECT_EQ(counts.dropped, 3);
    EXPECT_EQ(parseReceivers("dropped=1").matched, -1);
    for (const char *none :
         {"", "matched", "matched=", "matched=-2", "Matched=1", "matched=x, dropped=99999999999"}) {
        EXPECT_EQ(parseReceivers(none).matched, -1) << none;
        EXPECT_EQ(parseReceivers(none).dropped, -1) << none;
    }
}

} // namespace mws::client
