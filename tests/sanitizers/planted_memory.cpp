#include <cstdlib>
#include <limits>
#include <memory>
#include <string_view>

namespace {

/// So that no compiler sees the fault before it happens.
template <typename T>
T hidden(T value)
{
    volatile T held = value;
    return held;
}

int overflow()
{
    const auto bytes = std::make_unique<char[]>(hidden(size_t(8)));
    char *const at = bytes.get();
    return at[hidden(size_t(8))];
}

int useAfterFree()
{
    auto number = std::make_unique<int>(1);
    const int *const kept = hidden(number.get());
    number.reset();
    return *kept;
}

int leak()
{
    int *volatile lost = nullptr;
    for (int i = 0; i < 100; ++i) // more than could stand in a register that was left as it was
        lost = new int(i);
    lost = nullptr;
    return lost == nullptr ? 0 : 1;
}

int signedOverflow()
{
    return hidden(std::numeric_limits<int>::max()) + hidden(1);
}

int shift()
{
    return hidden(1) << hidden(40);
}

} // namespace

int main(int count, char **arguments)
{
    const std::string_view fault = count > 1 ? arguments[1] : "";
    volatile int used = 0; // so that nothing is left out because nobody asks for it
    if (fault == "overflow")
        used = overflow();
    else if (fault == "use_after_free")
        used = useAfterFree();
    else if (fault == "leak")
        used = leak();
    else if (fault == "signed_overflow")
        used = signedOverflow();
    else if (fault == "shift")
        used = shift();
    else if (fault != "none")
        return 2;
    return used * 0;
}
