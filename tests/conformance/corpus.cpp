#include "conformance/corpus.h"

#include "conformance/escapes.h"
#include "conformance/frame_line.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace mws::test {

namespace {

struct Line
{
    size_t number = 0;
    std::string word; ///< the first
    std::string rest; ///< what follows one space after it
};

/// A name and the texts that it stands for, one after the other.
struct Each
{
    std::string name;
    std::vector<std::string> values;
};

/// A case as it stands in the file: its lines, and what they are repeated for.
struct Block
{
    Line title;
    std::vector<Each> each;
    std::vector<Line> lines;
};

using Names = std::map<std::string, std::string>;

constexpr size_t fewValues = 64;
constexpr size_t differentValues = 8;

Line splitLine(const std::string &text, size_t number)
{
    const size_t space = std::min(text.find(' '), text.size());
    return {number, text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
}

std::vector<std::string> words(const std::string &text)
{
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

std::string replaced(std::string text, const Names &names)
{
    for (size_t at = text.find("$("); at != text.npos; at = text.find("$(", at)) {
        const size_t end = text.find(')', at);
        const auto found = names.find(text.substr(at + 2, end == text.npos ? end : end - at - 2));
        if (found == names.end())
            ++at;
        else
            text.replace(at, end - at + 1, found->second); // what stands in it is replaced, too
    }
    return text;
}

std::string twoHexDigits(uint64_t value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[value >> 4 & 15], digits[value & 15]};
}

/// `a`, or `0..999`, or `hex:00..1f`.
bool addValues(const std::string &word, std::vector<std::string> &values)
{
    const bool hex = word.starts_with("hex:");
    const std::string text = hex ? word.substr(4) : word;
    const size_t dots = text.find("..");
    if (dots == text.npos) {
        values.push_back(text);
        return true;
    }
    const auto first = parseNumber(text.substr(0, dots), hex ? 16 : 10);
    const auto last = parseNumber(text.substr(dots + 2), hex ? 16 : 10);
    if (!hex && (!first || !last)) { // a text that happens to have dots
        values.push_back(word);
        return true;
    }
    if (!first || !last || *last < *first || (hex && *last > 255))
        return false;
    for (uint64_t value = *first; value <= *last; ++value)
        values.push_back(hex ? twoHexDigits(value) : std::to_string(value));
    return true;
}

/// `200`, `200-head`, `200x100`.
bool addAnswers(const std::string &word, std::vector<ExpectedAnswer> &answers)
{
    const size_t times = std::min(word.find('x'), word.size());
    const size_t dash = std::min(word.find('-'), times);
    const auto status = parseNumber(word.substr(0, dash));
    const auto count = times == word.size() ? 1 : parseNumber(word.substr(times + 1));
    const std::string suffix = word.substr(dash, times - dash);
    if (!status || !count || (!suffix.empty() && suffix != "-head"))
        return false;
    answers.insert(answers.end(), size_t(*count), {int(*status), !suffix.empty()});
    return true;
}

class FileReader
{
public:
    explicit FileReader(const std::filesystem::path &path) : m_path(path) { m_file.name = path.stem(); }
    ConformanceFile read();

private:
    void error(const Line &line, const std::string &what);
    void takeLine(const Line &line);
    void takeEach(const Line &line);
    void makeCases(const Block &block, size_t depth, const Names &names, const std::string &suffix);
    ConformanceCase makeCase(const Block &block, const Names &names);
    bool applyLine(const Line &line, ConformanceCase &made) const;
    static bool applyExpect(const std::string &rest, ConformanceCase &made);

    std::filesystem::path m_path;
    ConformanceFile m_file;
    Names m_names;
    std::vector<Block> m_blocks;
    size_t m_madeOfBlock = 0;
};

void FileReader::error(const Line &line, const std::string &what)
{
    m_file.errors.push_back(m_path.string() + ':' + std::to_string(line.number) + ": " + what + ": " +
                            line.word + ' ' + line.rest);
}

ConformanceFile FileReader::read()
{
    std::ifstream stream(m_path);
    std::string text;
    for (size_t lineNumber = 1; std::getline(stream, text); ++lineNumber) {
        if (!text.empty() && !text.starts_with('#'))
            takeLine(splitLine(text, lineNumber));
    }
    for (const Block &block : m_blocks) {
        m_madeOfBlock = 0;
        makeCases(block, 0, m_names, {});
    }
    std::set<std::string> seen;
    for (const ConformanceCase &one : m_file.cases) {
        if (!seen.insert(one.name).second)
            m_file.errors.push_back(one.where + ": the name stands twice: " + one.name);
    }
    if (m_file.cases.empty())
        m_file.errors.push_back(m_path.string() + ": no case");
    return std::move(m_file);
}

void FileReader::takeLine(const Line &line)
{
    if (line.word == "case") {
        m_blocks.push_back({line, {}, {}});
    } else if (line.word == "let" && m_blocks.empty()) {
        const Line definition = splitLine(line.rest, line.number);
        m_names[definition.word] = definition.rest;
    } else if (m_blocks.empty()) {
        error(line, "outside of a case");
    } else if (line.word == "each") {
        takeEach(line);
    } else {
        m_blocks.back().lines.push_back(line);
    }
}

void FileReader::takeEach(const Line &line)
{
    const std::vector<std::string> all = words(line.rest);
    Each each;
    for (size_t i = 0; i < all.size(); ++i) {
        if (i == 0)
            each.name = all[i];
        else if (!addValues(all[i], each.values))
            error(line, "no values");
    }
    if (each.values.empty())
        error(line, "no values");
    m_blocks.back().each.push_back(std::move(each));
}

void FileReader::makeCases(const Block &block, size_t depth, const Names &names, const std::string &suffix)
{
    if (depth == block.each.size()) {
        ConformanceCase made = makeCase(block, names);
        made.name = block.title.rest + suffix;
        made.where = m_path.filename().string() + ':' + std::to_string(block.title.number);
        made.likeOthers = m_madeOfBlock++ >= differentValues;
        size_t siblings = 1;
        for (const Each &each : block.each)
            siblings *= each.values.size();
        made.wholeOnly = made.wholeOnly || siblings > fewValues;
        m_file.cases.push_back(std::move(made));
        return;
    }
    const Each &each = block.each[depth];
    for (const std::string &value : each.values) {
        Names more = names;
        more[each.name] = value;
        makeCases(block, depth + 1, more, suffix + '/' + value);
    }
}

ConformanceCase FileReader::makeCase(const Block &block, const Names &names)
{
    ConformanceCase made;
    made.impliedHandshake = std::none_of(block.lines.begin(), block.lines.end(),
                                         [](const Line &line) { return line.word == "expect"; });
    if (made.impliedHandshake) {
        made.answers = {{101, false}};
        made.upgrades = true;
    }
    for (const Line &line : block.lines) {
        const Line plain{line.number, line.word, replaced(line.rest, names)};
        if (!applyLine(plain, made))
            error(plain, "not understood");
    }
    if (made.bytes.empty() && !made.halfCloses)
        error(block.title, "sends nothing");
    return made;
}

bool FileReader::applyLine(const Line &line, ConformanceCase &made) const
{
    if (line.word == "send" || line.word == "line") {
        const auto bytes = unescaped(line.rest);
        made.bytes += bytes.value_or("") + (line.word == "line" ? "\r\n" : "");
        return bytes.has_value();
    }
    if (line.word == "expect")
        return applyExpect(line.rest, made);
    if (line.word == "frame") {
        const auto frame = parseFrameLine(line.rest);
        if (frame) {
            made.bytes += frame->bytes;
            made.frames.push_back(frame->frame);
        }
        return frame.has_value();
    }
    if (line.word == "reply") {
        const auto frame = parseFrameLine(line.rest);
        if (frame)
            made.replies.push_back(frame->frame);
        return frame.has_value();
    }
    if (line.word == "close") {
        const auto code = line.rest == "none" ? 1005 : parseNumber(line.rest);
        made.closeCode = int(code.value_or(0));
        return code.has_value();
    }
    if (line.word == "field") {
        const size_t colon = line.rest.find(':');
        if (colon == line.rest.npos)
            return false;
        made.fields.emplace_back(line.rest.substr(0, colon),
                                 line.rest.substr(std::min(colon + 2, line.rest.size())));
        return true;
    }
    made.mayContinue = made.mayContinue || line.word == "continue";
    made.halfCloses = made.halfCloses || line.word == "finish";
    made.wholeOnly = made.wholeOnly || line.word == "whole";
    return line.word == "continue" || line.word == "finish" || line.word == "whole";
}

bool FileReader::applyExpect(const std::string &rest, ConformanceCase &made)
{
    std::vector<std::string> all = words(rest);
    if (all.size() < 2 || (all.back() != "open" && all.back() != "closed"))
        return false;
    made.staysOpen = all.back() == "open";
    all.pop_back();
    if (all.size() == 1 && all.front() == "none")
        return !made.staysOpen;
    const bool good = std::all_of(all.begin(), all.end(),
                                  [&](const std::string &word) { return addAnswers(word, made.answers); });
    made.upgrades = good && made.answers.back().status == 101;
    return good;
}

} // namespace

ConformanceFile readConformanceFile(const std::filesystem::path &path)
{
    return FileReader(path).read();
}

std::vector<std::filesystem::path> corpusPaths(const std::string &kind)
{
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(std::filesystem::path(MWS_CORPUS) / kind))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::vector<ConformanceFile> readCorpus(const std::string &kind)
{
    std::vector<ConformanceFile> files;
    for (const auto &path : corpusPaths(kind))
        files.push_back(readConformanceFile(path));
    return files;
}

} // namespace mws::test
