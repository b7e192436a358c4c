#include "base/base64url.h"

#include <gtest/gtest.h>

namespace mws {

TEST(Base64Url, KnowsWhatRfc4648Lists)
{
    const std::pair<const char *, const char *> vectors[] = {
        {"", ""},           {"Zg", "f"},          {"Zm8", "fo"},          {"Zm9v", "foo"},
        {"Zm9vYg", "foob"}, {"Zm9vYmE", "fooba"}, {"Zm9vYmFy", "foobar"}, {"-_-_", "\xfb\xff\xbf"}};
    for (const auto &[text, bytes] : vectors) {
        EXPECT_EQ(decodeBase64Url(text), bytes) << text;
        EXPECT_EQ(encodeBase64Url(bytes), text);
    }
}

TEST(Base64Url, DecodesWhatItEncodes)
{
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes.push_back(char(i));
        EXPECT_EQ(decodeBase64Url(encodeBase64Url(bytes)), bytes) << i;
    }
}

TEST(Base64Url, TakesOneFormOnly)
{
    for (const char *text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm/v", "Zm+v", "Zm v", "Zm9v\n",
                             " Zm9v", "Zm9v.", "Zm9v\xc3\xa4"})
        EXPECT_FALSE(decodeBase64Url(text)) << text;
    EXPECT_FALSE(decodeBase64Url(std::string_view("Zm9v\0", 5)));
}

} // namespace mws
