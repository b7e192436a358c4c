#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace mws::test {

/// A state folder that goes with its owner.
class TemporaryState
{
public:
    TemporaryState()
    {
        std::string name = (std::filesystem::temp_directory_path() / "mws-events-XXXXXX").string();
        m_path = ::mkdtemp(name.data());
    }
    ~TemporaryState() { std::filesystem::remove_all(m_path); }
    TemporaryState(const TemporaryState &) = delete;
    TemporaryState &operator=(const TemporaryState &) = delete;
    const std::filesystem::path &path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace mws::test
