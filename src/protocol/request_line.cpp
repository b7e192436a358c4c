#include "protocol/request_line.h"

#include "protocol/http_text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace mws {
namespace {

constexpr size_t maxMethod = 32;

Unexpected bad(std::string_view why)
{
    return Unexpected(ErrorCode::BadRequest, std::string(why));
}

bool isPort(std::string_view text)
{
    unsigned value = 0;
    for (char c : text) {
        if (!isDigit(c) || text.size() > 5)
            return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value <= 65535;
}

bool isIpv6(std::string_view text)
{
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size())
        return false;
    std::copy(text.begin(), text.end(), terminated.begin());
    in6_addr address;
    return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

/// True if each `%` in `text` begins two hexadecimal digits that are not 00.
bool isPercentEncoding(std::string_view text)
{
    for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        if (text.size() - at < 3 || !isChar(HexChar, text[at + 1]) || !isChar(HexChar, text[at + 2]))
            return false;
        if (text[at + 1] == '0' && text[at + 2] == '0')
            return false;
    }
    return true;
}

bool isRegName(std::string_view text)
{
    return isPercentEncoding(text) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c == '%' || isChar(RegNameChar, c); });
}

/// Of `HTTP/1.1` and the like; -1 if the text is no version at all, 0xFF for one that is not ours.
constexpr int notOurs = 0xFF;
int minorOf(std::string_view version)
{
    if (version.size() != 8 || !version.starts_with("HTTP/") || !isDigit(version[5]) || version[6] != '.' ||
        !isDigit(version[7]))
        return -1;
    return version[5] == '1' && version[7] <= '1' ? version[7] - '0' : notOurs;
}

/// Length of the scheme with `://`; 0 if the target has none of ours.
size_t schemeSize(std::string_view target)
{
    for (std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
        if (equalsIgnoringCase(target.substr(0, scheme.size()), scheme))
            return scheme.size();
    }
    return 0;
}

Result<void> reduceTarget(RequestLine &line)
{
    if (line.method == "CONNECT")
        return bad("CONNECT is not served");
    if (line.target == "*") {
        if (line.method != "OPTIONS")
            return bad("the target * is only for OPTIONS");
        return {};
    }
    if (line.target.front() == '/')
        return {};
    const size_t scheme = schemeSize(line.target);
    if (scheme == 0)
        return bad("the target is neither a path nor an http URI");
    const std::string_view rest = line.target.substr(scheme);
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    line.authority = rest.substr(0, end);
    if (!isAuthority(line.authority))
        return bad("the target's host is malformed");
    if (end == rest.size())
        line.target = "/";
    else if (rest[end] == '/')
        line.target = rest.substr(end);
    else
        return bad("the target has a query but no path");
    return {};
}

std::string_view targetPart(std::string_view line, size_t methodSize)
{
    const std::string_view rest = line.substr(std::min(methodSize + 1, line.size()));
    return rest.substr(0, rest.find(' '));
}

} // namespace

bool isAuthority(std::string_view text)
{
    size_t hostSize;
    if (text.starts_with('[')) {
        hostSize = text.find(']');
        if (hostSize == std::string_view::npos || !isIpv6(text.substr(1, hostSize - 1)))
            return false;
        ++hostSize;
    } else {
        hostSize = std::min(text.find(':'), text.size());
        if (hostSize == 0 || !isRegName(text.substr(0, hostSize)))
            return false;
    }
    const std::string_view port = text.substr(hostSize);
    return port.empty() || (port.front() == ':' && isPort(port.substr(1)));
}

Result<void> checkRequestLineLimits(std::string_view line, size_t targetBytes)
{
    const size_t methodSize = std::min(line.find(' '), line.size());
    const bool tooLong = methodSize > maxMethod;
    if ((tooLong || methodSize < line.size()) &&
        !isHttpToken(line.substr(0, tooLong ? maxMethod + 1 : methodSize)))
        return bad("the method is not a token");
    if (tooLong)
        return Unexpected(ErrorCode::NotImplemented, "The method is longer than 32 characters");
    if (targetPart(line, methodSize).size() > targetBytes)
        return Unexpected(ErrorCode::UriTooLong);
    return {};
}

Result<RequestLine> parseRequestLine(std::string_view line, size_t targetBytes)
{
    if (const Result<void> limits = checkRequestLineLimits(line, targetBytes); !limits)
        return Unexpected(limits.error());
    RequestLine parsed;
    parsed.method = line.substr(0, line.find(' '));
    parsed.target = targetPart(line, parsed.method.size());
    const size_t used = parsed.method.size() + 1 + parsed.target.size();
    if (parsed.method.empty() || parsed.target.empty() || used >= line.size())
        return bad("the request line is not method, target and version with one space between");
    if (!consistsOf(TargetChar, parsed.target))
        return bad("the target has a character that is not allowed in it");
    if (!isPercentEncoding(parsed.target))
        return bad("the target has a percent sign without two hexadecimal digits, or %00");
    parsed.minorVersion = minorOf(line.substr(used + 1));
    if (parsed.minorVersion < 0)
        return bad("the request line does not end with an HTTP version");
    if (parsed.minorVersion == notOurs)
        return Unexpected(ErrorCode::VersionNotSupported);
    if (const Result<void> reduced = reduceTarget(parsed); !reduced)
        return Unexpected(reduced.error());
    return parsed;
}

} // namespace mws
