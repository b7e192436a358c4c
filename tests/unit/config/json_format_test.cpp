#include "config/json_format.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::HasSubstr;

void addColour(QJsonObject &root)
{
    root.insert(QLatin1String("colour"), QLatin1String("blue"));
}

void renameColour(QJsonObject &root)
{
    root.insert(QLatin1String("color"), root.take(QLatin1String("colour")));
}

constexpr std::array<void (*)(QJsonObject &), 2> steps{addColour, renameColour};
constexpr JsonFormat newest{3, steps};

std::filesystem::path pathIn(const QTemporaryDir &folder)
{
    return folder.filePath(QStringLiteral("things.json")).toStdString();
}

QByteArray read(const std::filesystem::path &path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("none");
}

void write(const std::filesystem::path &path, const QByteArray &bytes)
{
    QFile file(QString::fromStdString(path.string()));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

} // namespace

TEST(JsonFormat, TakesTheStepsThatAreMissing)
{
    for (const int version : {1, 2, 3}) {
        QJsonObject root{{QLatin1String("version"), version}};
        if (version == 2)
            addColour(root);
        if (version == 3)
            root.insert(QLatin1String("color"), QLatin1String("blue"));
        EXPECT_EQ(*upgradeJson(root, newest), version);
        EXPECT_EQ(root, QJsonObject({{QLatin1String("version"), 3},
                                     {QLatin1String("color"), QLatin1String("blue")}}));
    }
}

TEST(JsonFormat, RefusesWhatItDoesNotKnow)
{
    QJsonObject newer{{QLatin1String("version"), 4}};
    EXPECT_THAT(upgradeJson(newer, newest).error().detail,
                HasSubstr("format 4 is of a newer version of the gateway"));
    EXPECT_EQ(newer.size(), 1);
    QJsonObject none;
    EXPECT_EQ(upgradeJson(none, newest).error().detail, "format 0 is not known");
}

TEST(JsonFormat, UpgradesAFileAndKeepsACopy)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = pathIn(folder);
    const QByteArray before = "{\"version\": 1,\n \"name\": \"kept\"}";
    write(path, before);
    ASSERT_TRUE(upgradeJsonFile(path, newest));
    EXPECT_EQ(read(path.string() + ".format-1"), before);
    const QJsonObject root = QJsonDocument::fromJson(read(path)).object();
    EXPECT_EQ(root.value(QLatin1String("version")), 3);
    EXPECT_EQ(root.value(QLatin1String("name")), QLatin1String("kept"));
    EXPECT_EQ(root.value(QLatin1String("color")), QLatin1String("blue"));
}

TEST(JsonFormat, LeavesEveryOtherFileAsItIs)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = pathIn(folder);
    ASSERT_TRUE(upgradeJsonFile(path, newest));
    EXPECT_EQ(read(path), "none");
    for (const QByteArray text : {"{broken", "{\"version\":4}", "{\"version\":3}", "{}", "[]"}) {
        write(path, text);
        ASSERT_TRUE(upgradeJsonFile(path, newest));
        EXPECT_EQ(read(path), text);
    }
    EXPECT_EQ(read(path.string() + ".format-3"), "none");
}

} // namespace mws
