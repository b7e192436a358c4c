#include "domain/tag_rules.h"

namespace mws {

Result<void> checkTags(const std::vector<Tag> &tags, const Limits &limits, std::string_view property)
{
    const auto invalid = [](std::string message, std::string where) {
        return Unexpected(ErrorCode::InvalidData, std::move(message), std::move(where));
    };
    if (tags.size() > limits.tagsPerSocket)
        return invalid("More than " + std::to_string(limits.tagsPerSocket) + " tags", std::string(property));
    size_t total = 0;
    for (size_t i = 0; i < tags.size(); ++i) {
        const auto where = [&] { return std::string(property) + "[" + std::to_string(i) + "]"; };
        if (tags[i].empty())
            return invalid("A tag must not be empty", where());
        if (tags[i].size() > limits.tagLength)
            return invalid("Longer than " + std::to_string(limits.tagLength) + " bytes", where());
        total += tags[i].size();
    }
    if (total > limits.tagBytes)
        return invalid("All tags together are longer than " + std::to_string(limits.tagBytes) + " bytes",
                       std::string(property));
    return {};
}

} // namespace mws
