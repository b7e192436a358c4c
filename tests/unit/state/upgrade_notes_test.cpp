#include "state/state_files.h"

#include "state_folder.h"

#include <gmock/gmock.h>
#include <regex>

// docs/upgrading.md has a row with the version of each stored format, and a note for each version.

namespace mws {

namespace {

using testing::HasSubstr;

std::string source(const std::string &path)
{
    return test::StateFolder::read(std::filesystem::path(MWS_SOURCE_DIR) / path);
}

void expectNotes(const std::string &name, int64_t version)
{
    const std::string page = source("docs/upgrading.md");
    for (int64_t each = 1; each <= version; ++each)
        EXPECT_THAT(page, HasSubstr("\n### " + name + ' ' + std::to_string(each) + "\n\n"));
}

struct SharedFormat
{
    const char *file; ///< under src/cluster
    const char *constant;
    const char *row;  ///< begin of its row in the table
    const char *note; ///< title of its notes
};

} // namespace

TEST(UpgradeNotes, NameTheFormatOfEachFile)
{
    const std::string page = source("docs/upgrading.md");
    for (const StateFile &file : stateFiles()) {
        const std::string name(file.name);
        EXPECT_THAT(page, HasSubstr("| `" + name + "` | " + std::to_string(file.format) + " |"));
        expectNotes(name, file.format);
    }
}

TEST(UpgradeNotes, NameTheFormatsThatNodesShare)
{
    const std::string page = source("docs/upgrading.md");
    for (const SharedFormat &format :
         {SharedFormat{"cluster_message.cpp", "constexpr char format = ([0-9]+);",
                       "messages (entries of streams)", "messages"},
          SharedFormat{"node_letter.cpp", "constexpr uint8_t format = ([0-9]+);",
                       "calls between nodes (letters)", "letters"},
          SharedFormat{"registry_row.cpp", "constexpr char format = ([0-9]+);", "registry of sockets (rows)",
                       "rows"},
          SharedFormat{"gateway_fields.cpp", "formatVersion = \"([0-9]+)\";",
                       "gateways (`{PREFIX:gateways}:state`)", "gateways in Redis"}}) {
        std::smatch found;
        const std::string text = source(std::string("src/cluster/") + format.file);
        ASSERT_TRUE(std::regex_search(text, found, std::regex(format.constant))) << format.file;
        EXPECT_THAT(page, HasSubstr("| " + std::string(format.row) + " | " + found[1].str() + " |"));
        expectNotes(format.note, std::stoll(found[1].str()));
    }
}

} // namespace mws
