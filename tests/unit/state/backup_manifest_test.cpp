#include "state/backup_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mws {

namespace {

using testing::HasSubstr;

const std::string digest(64, 'a');

BackupManifest example()
{
    return {"0.2.0",
            "2026-12-01T08:00:00Z",
            {{"gateways.json", 12, digest, 1}, {"tokens.sqlite", 4096, digest, 1}}};
}

std::string problemOf(std::string_view json)
{
    const auto manifest = parseManifest(json);
    return manifest ? "none" : manifest.error().detail;
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST(BackupManifest, IsReadAsItWasWritten)
{
    const auto manifest = parseManifest(manifestJson(example()));
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(*manifest, example());
    EXPECT_EQ(problemOf(manifestJson({"0.2.0", "x", {}})), "none");
}

TEST(BackupManifest, RefusesWhatItCannotTrust)
{
    const std::string good = manifestJson(example());
    for (const char *text : {"", "[]", "{}", R"({"format":1})", R"({"format":"1","files":[]})"})
        EXPECT_THAT(problemOf(text), HasSubstr("not one of a backup")) << text;
    EXPECT_THAT(problemOf(R"({"format":2,"files":[]})"),
                HasSubstr("format 2, and this version knows only 1"));
    for (const char *name : {"../gateways.json", "lock", "", "gateways.json/x"})
        EXPECT_THAT(problemOf(replaced(good, "gateways.json", name)),
                    HasSubstr("names a file that it cannot"))
            << name;
    EXPECT_THAT(problemOf(replaced(good, "tokens.sqlite", "gateways.json")),
                HasSubstr("names a file that it cannot"))
        << "twice";
    EXPECT_THAT(problemOf(replaced(good, digest, "abc")), HasSubstr("names a file that it cannot"));
    EXPECT_THAT(problemOf(replaced(good, "4096", "-1")), HasSubstr("names a file that it cannot"));
    EXPECT_THAT(problemOf(replaced(good, "\"format\": 1", "\"format\": 7")),
                HasSubstr("restore it with gateway 0.2.0 or newer"));
}

} // namespace mws
