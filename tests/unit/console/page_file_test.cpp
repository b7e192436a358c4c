#include "console/page_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace mws {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(PageFile, AllAreThereWithTypeAndTag)
{
    std::set<std::string_view> tags;
    for (const PageFile &page : consolePages()) {
        EXPECT_THAT(std::string(page.etag), MatchesRegex("\"[0-9a-f]{32}\"")) << page.name;
        EXPECT_TRUE(tags.insert(page.etag).second) << page.name;
        EXPECT_NE(contentTypeOf(page), "application/octet-stream") << page.name;
        EXPECT_FALSE(page.content.empty()) << page.name;
        EXPECT_EQ(findConsolePage(page.name), &page);
    }
    EXPECT_EQ(findConsolePage("nothing.js"), nullptr);
}

TEST(PageFile, IsWholeAndUnchanged)
{
    const PageFile *page = findConsolePage("index.html");
    ASSERT_NE(page, nullptr);
    EXPECT_TRUE(page->content.starts_with("<!doctype html>"));
    EXPECT_TRUE(page->content.ends_with("</html>\n"));
    const PageFile *snippets = findConsolePage("snippets.js"); // has backslashes, semicolons and quotes
    ASSERT_NE(snippets, nullptr);
    EXPECT_THAT(std::string(snippets->content), HasSubstr("text.replaceAll(\"'\", \"'\\\\''\")"));
}

TEST(PageFile, NothingIsMadeOfMarkupOrAskedOfOthers)
{
    for (const PageFile &page : consolePages()) {
        const std::string content(page.content);
        for (const char *sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                 "style=\"", " src=\"http"})
            EXPECT_THAT(content, Not(HasSubstr(sink))) << page.name;
    }
}

} // namespace
} // namespace mws
