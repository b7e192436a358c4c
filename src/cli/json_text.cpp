#include "cli/json_text.h"

#include "json/json_reader.h"

#include <QString>

namespace mws::cli {

std::string quotedJson(std::string_view text)
{
    std::string result;
    appendJsonString(result, QString::fromUtf8(text.data(), qsizetype(text.size())).toUtf8().toStdString());
    return result;
}

std::string jsonArray(const std::vector<std::string> &values)
{
    std::string result = "[";
    for (const std::string &value : values)
        (result += result.size() > 1 ? "," : "") += value;
    return result + ']';
}

JsonText &JsonText::add(std::string_view key, std::string_view text)
{
    return addJson(key, quotedJson(text));
}

JsonText &JsonText::add(std::string_view key, const std::vector<std::string> &texts)
{
    std::vector<std::string> quoted;
    for (const std::string &text : texts)
        quoted.push_back(quotedJson(text));
    return addJson(key, jsonArray(quoted));
}

JsonText &JsonText::addJson(std::string_view key, std::string_view json)
{
    if (m_text.size() > 1)
        m_text += ',';
    m_text.append(quotedJson(key)).append(":").append(json);
    return *this;
}

} // namespace mws::cli
