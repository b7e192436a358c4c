#pragma once

#include "support/raw_web_socket.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mws::test {

/// An HTTP answer that a case must get.
struct ExpectedAnswer
{
    int status = 0;
    bool headOnly = false; ///< it has no content, whatever its length says: an answer to HEAD
};

/// One case of a corpus file. The format is told in README.md beside this file.
struct ConformanceCase
{
    std::string name;
    std::string where;                   ///< file and line, for messages
    std::string bytes;                   ///< what is sent; without the handshake where it is implied
    std::vector<ExpectedAnswer> answers; ///< all that come, 100 left out; empty: none
    bool upgrades = false;               ///< the last answer is 101
    HttpHeaders fields = {};             ///< that the last answer must have; an empty value: not have
    bool staysOpen = false;              ///< another request is answered after it, or the session goes on
    bool mayContinue = false;            ///< 100 (Continue) may come first
    bool halfCloses = false;             ///< the client sends FIN after the bytes
    bool likeOthers = false;             ///< made by `each`, and not among the first 8
    bool wholeOnly = false;              ///< too big to be split, or made by `each` with more than 64 values
    bool impliedHandshake = false;       ///< it happens on an open session
    std::vector<WireFrame> frames;       ///< those given by `frame` lines
    std::vector<WireFrame> replies;      ///< data frames and pongs that must come, in order among their kind
    std::optional<int> closeCode = {};   ///< of the server's Close; nothing: the session goes on
};

struct ConformanceFile
{
    std::string name; ///< without folder and extension
    std::vector<ConformanceCase> cases;
    std::vector<std::string> errors; ///< lines that are not understood; the cases are then not to be trusted
};

/// Reads one file of the corpus.
ConformanceFile readConformanceFile(const std::filesystem::path &path);
/// The files of tests/conformance/corpus/`kind`, by name.
std::vector<std::filesystem::path> corpusPaths(const std::string &kind);
/// Reads all of them.
std::vector<ConformanceFile> readCorpus(const std::string &kind);

} // namespace mws::test
