#include "fuzz/fuzz_input.h"
#include "token/token_claims.h"
#include "token/token_codec.h"

#include <algorithm>

using namespace mws;
using namespace mws::test;

namespace {

const WallTime now{std::chrono::seconds(1767225600)};

Gateway makeGateway(char key)
{
    Gateway made;
    made.id = "default";
    made.signingKeys.push_back({std::string(32, key), std::nullopt});
    return made;
}

bool same(const Reservation &a, const Reservation &b)
{
    return a.socketId == b.socketId && a.tags == b.tags && a.user == b.user &&
           a.clientMessages == b.clientMessages && a.reuse == b.reuse && a.tokenId == b.tokenId &&
           a.issuedAt == b.issuedAt && a.expiresAt == b.expiresAt;
}

/// Since no fuzzer finds a signature: any bytes as header and claims. What is read is written and read again.
void checkParts(const Gateway &gateway, std::string_view text)
{
    (void)checkTokenHeader(text);
    const auto read = readClaims(gateway, text, now);
    if (!read)
        return;
    require(readGatewayClaim(text) == gateway.id);
    require(read->expiresAt > now && read->tags.size() <= gateway.settings.limits.tagsPerSocket);
    const auto claims = writeClaims(gateway.id, *read);
    require(claims.has_value());
    const auto again = readClaims(gateway, *claims, now);
    require(again && same(*again, *read));
}

Reservation makeReservation(Choices &choices)
{
    Reservation made;
    made.socketId = *SocketId::parse("0123456789abcdefghijABCDEFGHIJKL");
    made.tokenId = "n";
    made.tokenId.append(choices.text(20));
    made.issuedAt = now + std::chrono::seconds(choices.oneOf(61));
    made.expiresAt = now + std::chrono::seconds(1 + choices.oneOf(200));
    made.reuse = choices.flag();
    if (choices.flag())
        made.clientMessages = choices.flag() ? ClientMessages::Echo : ClientMessages::Ignore;
    made.user = choices.text(20);
    for (size_t tags = choices.oneOf(5); tags > 0; --tags)
        made.tags.emplace_back(choices.text(20));
    return made;
}

/// What was signed verifies as what it was, and with any change of any character it does not.
void checkSigned(const Gateway &gateway, Choices &choices)
{
    static const Gateway stranger = makeGateway('s');
    const Reservation reservation = makeReservation(choices);
    const auto token = signToken(gateway, reservation);
    if (!token)
        return;
    const auto read = verifyToken(gateway, *token, now);
    require(read && same(*read, reservation));
    require(claimedGateway(*token) == gateway.id);
    require(!verifyToken(stranger, *token, now) && !verifyToken(gateway, *token, reservation.expiresAt));
    std::string forged = *token;
    const size_t fromEnd = choices.flag() ? 1 : 1 + choices.oneOf(256) + 256 * choices.oneOf(4);
    char &changed = forged[forged.size() - std::min(fromEnd, forged.size())];
    changed = char(changed ^ char(1 + choices.oneOf(255)));
    require(!verifyToken(gateway, forged, now));
    require(!verifyToken(gateway, token->substr(0, choices.oneOf(256) % token->size()), now));
}

} // namespace

/// The first byte says whether the rest is a token, its parts, or what is to be signed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Gateway gateway = makeGateway('k');
    Choices choices(data, size);
    const size_t kind = choices.oneOf(4);
    const std::string_view rest = choices.rest();
    if (kind == 3) {
        checkSigned(gateway, choices);
        return 0;
    }
    if (kind != 2)
        (void)claimedGateway(rest);
    require(!verifyToken(gateway, rest, now) || kind < 2);
    if (rest.size() <= maxTokenBytes)
        checkParts(gateway, rest);
    return 0;
}
