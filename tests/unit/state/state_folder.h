#pragma once

#include "config/gateway_state.h"
#include "events/event_database.h"
#include "support/fake_clock.h"
#include "token/token_database.h"

#include <QTemporaryDir>
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace mws::test {

/// A state folder as a gateway leaves it, in a temporary folder.
class StateFolder
{
public:
    std::filesystem::path root() const { return m_folder.path().toStdString(); }
    std::filesystem::path state() const { return root() / "state"; }

    /// A gateway named `name`, and a token that it has spent.
    void fill(const std::string &name)
    {
        StoredGateways gateways;
        gateways[name].created = true;
        gateways[name].signingKeys.push_back({std::string(32, 'k'), std::nullopt});
        ASSERT_TRUE(writeGatewayState(state(), gateways));
        ASSERT_TRUE(spend(*openTokens(), name + "-token"));
        ASSERT_TRUE(EventDatabase::open(state()));
    }
    std::unique_ptr<TokenDatabase> openTokens() const
    {
        auto tokens = TokenDatabase::open(state() / "tokens.sqlite");
        EXPECT_TRUE(tokens) << tokens.error().detail;
        return *std::move(tokens);
    }
    Result<void> spend(TokenDatabase &tokens, const std::string &token) const
    {
        TokenEvent event{TokenEvent::Kind::Ended, "default", {}};
        event.reservation.tokenId = token;
        event.reservation.expiresAt = m_clock.wall() + std::chrono::hours(1);
        return tokens.write(std::vector{event});
    }
    /// The spent tokens that are stored in `file`.
    static std::vector<std::string> spentTokens(const std::filesystem::path &file)
    {
        std::vector<std::string> found;
        sqlite3 *database = nullptr;
        EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
        const auto row = [](void *list, int, char **values, char **) {
            static_cast<std::vector<std::string> *>(list)->emplace_back(values[0]);
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(database, "SELECT token FROM ended ORDER BY token", row, &found, nullptr),
                  SQLITE_OK);
        sqlite3_close(database);
        return found;
    }
    std::vector<std::string> gateways() const
    {
        std::vector<std::string> names;
        const auto stored = readGatewayState(state());
        EXPECT_TRUE(stored);
        for (const auto &[id, gateway] : *stored)
            names.push_back(id);
        return names;
    }
    static std::string read(const std::filesystem::path &path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void write(const std::filesystem::path &path, const std::string &text)
    {
        std::ofstream(path, std::ios::binary) << text;
    }
    /// Names in a folder, sorted.
    static std::vector<std::string> names(const std::filesystem::path &folder)
    {
        std::vector<std::string> found;
        for (const auto &entry : std::filesystem::directory_iterator(folder))
            found.push_back(entry.path().filename());
        std::sort(found.begin(), found.end());
        return found;
    }
    const FakeClock &clock() const { return m_clock; }

private:
    QTemporaryDir m_folder;
    FakeClock m_clock;
};

} // namespace mws::test
