#include "conformance/conformance_test.h"

namespace mws::test {

/// Every case of a file of corpus/http, delivered in several ways.
class HttpCorpus : public ConformanceTest
{
protected:
    /// Cases that stay open are followed by the innocent request in a segment of its own.
    void add(const ConformanceCase &one, std::string how, std::vector<std::string> pieces);
    void addScript(const ConformanceCase &one, std::string how, Script script, bool followed);
    /// Plays all that were added.
    void play();

private:
    struct Delivery
    {
        const ConformanceCase *of = nullptr;
        std::string how;
        bool followed = false; ///< by the innocent request
    };

    std::vector<Delivery> m_deliveries;
    std::vector<Script> m_scripts;
};

void HttpCorpus::addScript(const ConformanceCase &one, std::string how, Script script, bool followed)
{
    script.halfCloses = one.halfCloses;
    m_deliveries.push_back({&one, std::move(how), followed});
    m_scripts.push_back(std::move(script));
}

void HttpCorpus::add(const ConformanceCase &one, std::string how, std::vector<std::string> pieces)
{
    if (one.staysOpen)
        pieces.emplace_back(innocentRequest);
    addScript(one, std::move(how), {std::move(pieces)}, one.staysOpen);
}

void HttpCorpus::play()
{
    const std::vector<Heard> heard = playScripts(endpoint(), m_scripts);
    for (size_t i = 0; i < heard.size(); ++i) {
        const Delivery &delivery = m_deliveries[i];
        const std::string problem = httpProblem(*delivery.of, heard[i], delivery.followed, contract());
        if (!problem.empty())
            ADD_FAILURE() << delivery.of->name << " (" << delivery.of->where << "), " << delivery.how << ": "
                          << problem;
    }
    m_deliveries.clear();
    m_scripts.clear();
}

TEST_P(HttpCorpus, Whole)
{
    for (const ConformanceCase &one : cases()) {
        Script script{{one.bytes}};
        script.awaitAnswer = one.staysOpen; // so that the next request comes to an idle connection
        if (one.staysOpen)
            script.pieces.emplace_back(innocentRequest);
        addScript(one, "whole", std::move(script), one.staysOpen);
    }
    play();
}

TEST_P(HttpCorpus, ByteByByte)
{
    for (const ConformanceCase &one : cases()) {
        if (!one.wholeOnly)
            add(one, "byte by byte", bytewise(one.bytes));
    }
    play();
}

TEST_P(HttpCorpus, SplitEverywhere)
{
    for (const ConformanceCase &one : cases()) {
        for (size_t at = 1; isSplit(one) && at < one.bytes.size(); ++at)
            add(one, "split at " + std::to_string(at), {one.bytes.substr(0, at), one.bytes.substr(at)});
    }
    play();
}

TEST_P(HttpCorpus, WithARequestBehindIt)
{
    for (const ConformanceCase &one : cases()) {
        if (!one.halfCloses)
            addScript(one, "with a request behind it", {{one.bytes + innocentRequest}}, true);
    }
    play();
}

INSTANTIATE_TEST_SUITE_P(File, HttpCorpus, ::testing::ValuesIn(corpusPaths("http")), fileName);

TEST(HttpCorpusFiles, AreUnderstood)
{
    EXPECT_GE(expectUnderstood("http"), 250u);
}

} // namespace mws::test
