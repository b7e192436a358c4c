#include "mws/base/random.h"

#include <cerrno>
#include <cstdlib>
#include <random>
#include <string_view>
#include <sys/random.h>

namespace mws {

std::string randomBytes(size_t length)
{
    std::string bytes(length, '\0');
    for (size_t have = 0; have < length;) {
        const ssize_t n = ::getrandom(bytes.data() + have, length - have, 0);
        if (n > 0)
            have += size_t(n);
        else if (errno != EINTR)
            std::abort(); // a kernel without random numbers: nothing that is signed would be safe
    }
    return bytes;
}

std::string randomAlphanumeric(size_t length)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr unsigned unbiased = 256 - 256 % alphabet.size();
    std::string text;
    text.reserve(length);
    while (text.size() < length) {
        for (const char byte : randomBytes(length + length / 4 + 1)) {
            const auto value = static_cast<unsigned char>(byte);
            if (value < unbiased && text.size() < length)
                text.push_back(alphabet[value % alphabet.size()]);
        }
    }
    return text;
}

uint64_t randomBelow(uint64_t bound)
{
    if (bound == 0)
        return 0;
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return std::uniform_int_distribution<uint64_t>(0, bound - 1)(generator);
}

} // namespace mws
