#include "app/document_tables.h"

#include "api/route_table.h"
#include "mws/base/error.h"
#include "ops/metric_families.h"
#include "protocol/close_codes.h"

#include <array>
#include <string_view>

namespace mws {

namespace {

/// A page of the documentation: `./dev docs --write-tables` writes it, tests/documentation compares.
struct DocumentTable
{
    std::string_view name;
    std::string_view file; ///< in the repository
    std::string (*page)();
};

using Row = std::vector<std::string>;

std::string tableLine(const Row &cells)
{
    std::string line = "|";
    for (const std::string &cell : cells)
        ((line += ' ') += cell) += " |";
    return line + '\n';
}

std::string tableHead(const Row &titles)
{
    return tableLine(titles) + tableLine(Row(titles.size(), "---"));
}

std::string code(std::string_view text)
{
    return '`' + std::string(text) + '`';
}

std::string errorsPage()
{
    std::string page = R"(
# Errors

What a call or a handshake that was refused is answered with: the status, and in the body `reason`, which stays the same from version to
version, and `message`, which is for people and may say more than the words below. For invalid data there is a list, with the property
that is wrong:

```json
{"error":{"reason":"AccessDenied","message":"Access denied"}}
{"errors":[{"reason":"InvalidData","property":"receivers.tags","message":"Must be a list of tags"}]}
```

)";
    page += tableHead({"status", "reason", "message", "when", "what to do"});
    for (const ErrorInfo &error : errorTable())
        page += tableLine({std::to_string(error.httpStatus), code(error.reason), std::string(error.message),
                           std::string(error.when), std::string(error.advice)});
    return page;
}

std::string_view senderText(CloseSender sender)
{
    switch (sender) {
    case CloseSender::Gateway:
        return "gateway";
    case CloseSender::Backend:
        return "gateway, for the backend";
    case CloseSender::Client:
        return "client";
    case CloseSender::Nobody:
        return "nobody: the library's own word";
    }
    return {};
}

std::string closeCodesPage()
{
    std::string page = R"(
# Close codes

Why a socket ended, and what its client does then. A backend may choose the code with which it closes one
(`DELETE sockets/{id}?code=4001&reason=bye`) among those with a tick.

)";
    page += tableHead({"code", "name", "sent by", "backend", "when", "the client"});
    for (const CloseCodeInfo &info : closeCodeTable()) {
        std::string codes = std::to_string(info.first);
        if (info.last != info.first)
            codes += "–" + std::to_string(info.last);
        page += tableLine({std::move(codes), std::string(info.name), std::string(senderText(info.sender)),
                           info.backendMayAsk ? "✓" : "", std::string(info.when), std::string(info.client)});
    }
    return page;
}

std::string metricsPage()
{
    return R"(
# Metrics

What `GET /metrics` has, in its order. Counters begin at 0 with the process. The first 100 gateways that are seen (`metrics.gateways`)
have a `gateway` label of their own; those that come later are added up under `_other`, so that a thousand gateways make no more series
than that; the samples of a gateway that was removed go. How to scrape and what to look at: [watching.md](../watching.md).

)" + metricsTable();
}

constexpr std::array tables{
    DocumentTable{"errors", "docs/reference/errors.md", errorsPage},
    DocumentTable{"close-codes", "docs/reference/close-codes.md", closeCodesPage},
    DocumentTable{"metrics", "docs/reference/metrics.md", metricsPage},
    DocumentTable{"routes", "docs/paths.md", routesPage},
};

std::string tableNames()
{
    std::string names;
    for (const DocumentTable &table : tables)
        (names += table.name) += ", ";
    return names + "list";
}

std::string tableList()
{
    std::string list;
    for (const DocumentTable &table : tables)
        (((list += table.name) += ' ') += table.file) += '\n';
    return list;
}

ProgramExit printTable(std::string_view name)
{
    if (name == "list")
        return {0, tableList(), {}};
    for (const DocumentTable &table : tables)
        if (table.name == name)
            return {0,
                    "<!-- Made by `mws-gateway --print-table " + std::string(name) +
                        "`; a test compares. Change the code's table instead. -->" + table.page(),
                    {}};
    return {2, {}, "--print-table: no table \"" + std::string(name) + "\"; there are " + tableNames() + '\n'};
}

} // namespace

std::optional<ProgramExit> printDocumentTable(const std::vector<std::string> &arguments)
{
    if (arguments.empty() || arguments.front() != "--print-table")
        return std::nullopt;
    if (arguments.size() != 2)
        return ProgramExit{2, {}, "--print-table takes one name: " + tableNames() + '\n'};
    return printTable(arguments[1]);
}

} // namespace mws
