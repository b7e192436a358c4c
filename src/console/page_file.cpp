#include "console/page_file.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mws {

/// Made by embed_pages.cmake.
namespace embedded {

extern const PageFile pages[];
extern const size_t pageCount;

} // namespace embedded

std::span<const PageFile> consolePages()
{
    return {embedded::pages, embedded::pageCount};
}

const PageFile *findConsolePage(std::string_view name)
{
    const auto pages = consolePages();
    const auto found =
        std::find_if(pages.begin(), pages.end(), [name](const PageFile &page) { return page.name == name; });
    return found == pages.end() ? nullptr : &*found;
}

std::string_view contentTypeOf(const PageFile &page)
{
    using Row = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Row, 4> types{
        Row{".html", "text/html; charset=utf-8"}, Row{".css", "text/css; charset=utf-8"},
        Row{".js", "text/javascript; charset=utf-8"}, Row{".svg", "image/svg+xml; charset=utf-8"}};
    for (const auto &[end, type] : types)
        if (page.name.ends_with(end))
            return type;
    return "application/octet-stream";
}

} // namespace mws
