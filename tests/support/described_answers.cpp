#include "support/described_answers.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace mws::test {

namespace {

struct DescribedCall
{
    std::string method;
    std::string path;
    std::set<int> statuses;
};

struct Description
{
    std::vector<DescribedCall> calls;
    std::set<int> ofAnyRequest; ///< refusals that come before anybody looks at the path
};

Description readDescription()
{
    Description description;
    std::ifstream file(MWS_DESCRIBED_ANSWERS);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        DescribedCall call;
        words >> call.method >> call.path;
        for (int status = 0; words >> status;)
            call.statuses.insert(status);
        if (call.method == "ANY")
            description.ofAnyRequest = call.statuses;
        else
            description.calls.push_back(std::move(call));
    }
    return description;
}

const Description &description()
{
    static const Description read = readDescription();
    return read;
}

std::string_view takeSegment(std::string_view &path)
{
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
}

bool isId(std::string_view text)
{
    constexpr size_t longest = 64;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
               c == '_';
    });
}

bool isOfPath(std::string_view described, std::string_view path)
{
    if (std::count(described.begin(), described.end(), '/') != std::count(path.begin(), path.end(), '/'))
        return false;
    while (!described.empty()) {
        const std::string_view expected = takeSegment(described);
        const std::string_view actual = takeSegment(path);
        const bool fits = expected == "{file}" ? actual.find('%') == actual.npos // of any name, and of none
                          : expected.starts_with('{') ? isId(actual)
                                                      : expected == actual;
        if (!fits)
            return false;
    }
    return path.empty();
}

/// Statuses of a request of that method, for the calls that its path has.
std::set<int> statusesOf(std::string_view method, const std::vector<const DescribedCall *> &calls)
{
    if (method == "OPTIONS")
        return {204, 405}; // 405: on the port for metrics and health
    if (calls.empty())
        return {404};
    for (const DescribedCall *call : calls)
        if (call->method == (method == "HEAD" ? "GET" : method))
            return call->statuses;
    return {404, 405};
}

} // namespace

std::string missingFromDescription(std::string_view method, std::string_view target, int status, bool upgrade)
{
    const Description &described = description();
    const bool isPath = target.starts_with('/'); // not `*`, no URI, and nothing that is no HTTP
    if (status == 0 || !isPath || described.calls.empty() || described.ofAnyRequest.contains(status))
        return {};
    const std::string_view path = target.substr(0, target.find('?'));
    std::vector<const DescribedCall *> calls;
    for (const DescribedCall &call : described.calls)
        if (isOfPath(call.path, path))
            calls.push_back(&call);
    std::set<int> statuses = statusesOf(method, calls);
    if (upgrade) // the handshake is looked at first, whatever the path
        statuses.insert({401, 404, 405, 426});
    if (statuses.contains(status))
        return {};
    return "docs/openapi.yaml does not have: " + std::string(method) + ' ' + std::string(path) +
           " answered " + std::to_string(status);
}

} // namespace mws::test
