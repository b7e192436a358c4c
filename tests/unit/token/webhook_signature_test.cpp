#include "token/webhook_signature.h"

#include <gtest/gtest.h>

namespace mws {

namespace {

// The vector of the specification's own libraries (standard-webhooks, "sign function works").
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const std::string body = R"({"test": 2432232314})";
const std::string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// `whsec_` and base64 of so many zero bytes.
std::string secretOf(size_t bytes)
{
    std::string text = "whsec_" + std::string((bytes + 2) / 3 * 4, 'A');
    for (size_t i = 0; i < (3 - bytes % 3) % 3; ++i)
        text[text.size() - 1 - i] = '=';
    return text;
}

} // namespace

TEST(WebhookSignature, IsThatOfTheSpecification)
{
    EXPECT_EQ(webhookSignature({secret}, id, "1614265330", body), signature);
}

TEST(WebhookSignature, IsMadeWithEachSecret)
{
    const std::string other = webhookSignature({secretOf(32)}, id, "1614265330", body);
    EXPECT_NE(other, signature);
    EXPECT_EQ(webhookSignature({secretOf(32), secret}, id, "1614265330", body), other + ' ' + signature);
    EXPECT_EQ(webhookSignature({}, id, "1614265330", body), "");
}

TEST(WebhookSignature, DependsOnIdTimeAndBody)
{
    EXPECT_NE(webhookSignature({secret}, id + 'x', "1614265330", body), signature);
    EXPECT_NE(webhookSignature({secret}, id, "1614265331", body), signature);
    EXPECT_NE(webhookSignature({secret}, id, "1614265330", body + ' '), signature);
}

TEST(WebhookSignature, TakesKeysOf24To64Bytes)
{
    EXPECT_FALSE(webhookKey(secretOf(23)));
    EXPECT_EQ(webhookKey(secretOf(24)), std::string(24, '\0'));
    EXPECT_EQ(webhookKey(secretOf(64)), std::string(64, '\0'));
    EXPECT_FALSE(webhookKey(secretOf(65)));
}

TEST(WebhookSignature, RefusesWhatIsNoSecret)
{
    for (const char *text :
         {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"})
        EXPECT_FALSE(webhookKey(text)) << text;
}

} // namespace mws
