#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mws {

/// A file of the console, as it is in src/console/page and in the executable.
struct PageFile
{
    std::string_view name; ///< e.g. `main.js`
    std::string_view etag; ///< a strong one (RFC 9110 §8.8.3), with its quotes
    std::string_view content;
};

/// All of them, by name; `index.html` is the page itself.
std::span<const PageFile> consolePages();
/// Null if there is none.
const PageFile *findConsolePage(std::string_view name);
/// By the end of the name.
std::string_view contentTypeOf(const PageFile &page);

} // namespace mws
