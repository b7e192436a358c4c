#pragma once

#include "mws/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mws {

// How nodes write to each other: numbers as LEB128 (seven bits a byte, the lowest first), texts with their
// length before them. Whoever reads checks each length against what is there, so that no more memory is taken
// than the bytes have.

void putNumber(std::string &out, uint64_t number);
void putText(std::string &out, std::string_view text);
/// Their count first.
void putTexts(std::string &out, const std::vector<std::string> &texts);

/// Since 1970; 0 for what was before.
uint64_t millisecondsOf(WallTime time);
/// Nothing for what a WallTime cannot hold, which may be finer than a millisecond: after the year 2262.
std::optional<WallTime> wallTimeOf(uint64_t milliseconds);

/// Takes what was put, in the same order. After a failure nothing more can be taken.
class WireReader
{
public:
    explicit WireReader(std::string_view bytes) : m_rest(bytes) {}

    std::optional<uint8_t> byte();
    /// Below 2^63.
    std::optional<uint64_t> number();
    std::optional<std::string_view> text();
    std::optional<std::vector<std::string>> texts();
    std::string_view rest() const { return m_rest; }
    bool atEnd() const { return m_rest.empty(); }

private:
    std::nullopt_t fail();

    std::string_view m_rest;
};

} // namespace mws
