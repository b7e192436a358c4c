#include "conformance/corpus.h"

#include <algorithm>
#include <fstream>
#include <iostream>

using namespace mws::test;

namespace {

constexpr size_t longestSeed = 4096;

/// The fuzz targets take how to split what follows from the first four bytes.
constexpr char cuts[] = "\x3c\x0a\x01\x20";

/// Writes a seed for each case of that kind; how many it were, or -1 if one could not be written.
int writeSeeds(const std::string &kind, const std::filesystem::path &folder)
{
    std::filesystem::create_directories(folder);
    int count = 0;
    for (const ConformanceFile &file : readCorpus(kind)) {
        for (const ConformanceCase &one : file.cases) {
            if (one.bytes.size() > longestSeed || one.wholeOnly)
                continue;
            const auto path = folder / (kind + '-' + file.name + '-' + std::to_string(count));
            std::ofstream stream(path, std::ios::binary);
            stream << cuts << one.bytes;
            if (!stream.flush())
                return -1;
            ++count;
        }
    }
    return count;
}

} // namespace

/// Writes the corpus as seeds for fuzz_request_parser and fuzz_frame_parser into FOLDER/request_parser and
/// FOLDER/frame_parser.
int main(int count, char **arguments)
{
    if (count != 2) {
        std::cerr << "conformance_seeds FOLDER\n";
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    const int requests = writeSeeds("http", folder / "request_parser");
    const int handshakes = writeSeeds("handshake", folder / "request_parser");
    const int frames = writeSeeds("frames", folder / "frame_parser");
    std::cout << requests << " requests, " << handshakes << " handshakes, " << frames << " frame sequences\n";
    return std::min({requests, handshakes, frames}) > 0 ? 0 : 1;
}
