#include "config/configuration_keys.h"

#include "config/option.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <gtest/gtest.h>
#include <map>

namespace mws {
namespace {

std::map<std::string, QJsonObject> keys()
{
    std::map<std::string, QJsonObject> all;
    const QJsonArray list =
        QJsonDocument::fromJson(QByteArray::fromStdString(configurationKeysJson())).array();
    for (const auto &value : list)
        all[value.toObject()[QLatin1String("key")].toString().toStdString()] = value.toObject();
    return all;
}

TEST(ConfigurationKeys, AreAllThatPutTakes)
{
    const auto all = keys();
    size_t expected = 0;
    for (const Option &option : allOptions())
        if (!option.json.empty()) {
            ++expected;
            EXPECT_TRUE(all.contains(std::string(option.json))) << option.json;
        }
    EXPECT_EQ(all.size(), expected);
}

TEST(ConfigurationKeys, SayWhatAFormNeeds)
{
    const auto all = keys();
    const QJsonObject queue = all.at("limits.queueBytes");
    EXPECT_EQ(queue[QLatin1String("type")], QLatin1String("number"));
    EXPECT_EQ(queue[QLatin1String("min")], 1024);
    EXPECT_EQ(queue[QLatin1String("max")], 1024 * 1024 * 1024);
    EXPECT_EQ(queue[QLatin1String("unit")], QLatin1String("bytes"));
    EXPECT_EQ(all.at("limits.reservation")[QLatin1String("max")], 24 * 3600); // seconds, as PUT takes them
    EXPECT_EQ(all.at("reuse")[QLatin1String("type")], QLatin1String("flag"));
    EXPECT_EQ(all.at("allowedOrigins")[QLatin1String("type")], QLatin1String("list"));
    EXPECT_EQ(all.at("accessControl")[QLatin1String("words")].toArray().size(), 4);
    EXPECT_EQ(all.at("limits.slowReaders")[QLatin1String("words")].toArray().size(), 2); // no synonyms
    EXPECT_TRUE(all.at("events.secrets")[QLatin1String("secret")].toBool());
    EXPECT_FALSE(all.at("name").contains(QLatin1String("secret")));
}

} // namespace
} // namespace mws
