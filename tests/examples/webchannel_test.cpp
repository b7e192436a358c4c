#include "client/client_test.h"
#include "examples/support/browser.h"
#include "examples/support/example_program.h"

namespace mws::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

constexpr char program[] = MWS_EXAMPLE_BUILD "/webchannel_host";

GatewayOptions configured(const char *file, Environment more = {})
{
    more.insert({"MWS_SERVER_PORT", std::to_string(lastingPort())});
    return {.environment = std::move(more),
            .configuration = readFile(std::string(MWS_EXAMPLE_FOLDER "/") + file)};
}

bool waitForChannel(Page &page)
{
    return page.waitFor("document.querySelector('#status.open') !== null && !!thermostat", 50);
}

/// Writes the property, as the slider does, and waits for the signal that the room has come there.
bool heatTo(Page &page, const std::string &target)
{
    page.evaluate("document.querySelector('#target').value = " + target +
                  "; document.querySelector('#target').dispatchEvent(new Event('input')); 0");
    return page.waitFor("document.querySelector('#signals').textContent === 'The room has " + target +
                        ".0 °C.'");
}

double number(Page &page, const std::string &expression)
{
    return page.evaluate(expression).toDouble();
}

} // namespace

/// The gateway for pairs, and the host as a process of its own.
class WebChannelPairs : public GatewayTest
{
protected:
    WebChannelPairs() : GatewayTest(configured("gateway.toml", {{"SECURITY_TOKEN", securityToken}})) {}

    ExampleProgram host{
        {program, "--gateway", "http://127.0.0.1:" + std::to_string(gateway.port()) + "/v1", "--port", "0"},
        {{"SECURITY_TOKEN", securityToken}}};
    Browser browser;
};

TEST_F(WebChannelPairs, PageUsesTheObjectAsIfItWereItsOwn)
{
    ASSERT_TRUE(host.isListening() && browser.isRunning());
    Page page = browser.open(host.url("/"), 560, 650);
    ASSERT_TRUE(waitForChannel(page));
    EXPECT_EQ(page.text("#temperature"), "19.2 °C") << "a property's first value";
    ASSERT_TRUE(heatTo(page, "21")) << "a signal";
    EXPECT_TRUE(page.waitFor("document.querySelector('#temperature').textContent === '21.0 °C'"))
        << "a change";
    EXPECT_EQ(page.text("#mode"), "as wanted");
    page.click("#forecast");
    EXPECT_TRUE(
        page.waitFor("document.querySelector('#answer').textContent === 'The room is at its target.'"));
    page.click("#fahrenheit");
    EXPECT_TRUE(page.waitFor("document.querySelector('#answer').textContent === '69.8 °F'"))
        << "a method's result";
    EXPECT_EQ(number(page, "thermostat.toFahrenheit(100)"), 212);
    EXPECT_EQ(number(page, "thermostat.forecast().then(answer => answer.degrees)"), 0);
    page.evaluate("thermostat.target = 1000, 0");
    EXPECT_TRUE(page.waitFor("thermostat.target === 30", 50)) << "the object's own bounds hold";
    page.evaluate("thermostat.target = 24.5, 0");
    EXPECT_TRUE(page.waitFor(
        "document.querySelector('#mode').textContent === 'heating' && thermostat.target === 24.5", 20));
    page.screenshot("webchannel", "page");
    page.click("#air"); // a slot
    EXPECT_TRUE(page.waitFor("document.querySelector('#signals').textContent === 'The room has 24.5 °C.'"));
    EXPECT_THAT(page.errors(), ElementsAre());
    EXPECT_EQ(host.log().find(securityToken), std::string::npos);
}

TEST_F(WebChannelPairs, TwoPagesDoNotSeeEachOthers)
{
    ASSERT_TRUE(host.isListening() && browser.isRunning());
    Page one = browser.open(host.url("/"));
    ASSERT_TRUE(waitForChannel(one));
    ASSERT_TRUE(
        waitUntil([&] { return JsonView(backend.get("/sockets").body).size("/results") == 3; }, longPatience))
        << "both halves of a pair, and the host's half of the next";
    Page two = browser.open(host.url("/"));
    ASSERT_TRUE(waitForChannel(two));
    one.evaluate("heard = [], thermostat.temperatureChanged.connect(value => heard.push(value)), 0");
    two.evaluate("heard = [], thermostat.temperatureChanged.connect(value => heard.push(value)), 0");
    ASSERT_TRUE(heatTo(one, "20"));
    ASSERT_TRUE(heatTo(two, "18"));
    EXPECT_EQ(number(one, "Math.min(...heard)"), 19.3);
    EXPECT_EQ(number(one, "Math.max(...heard)"), 20);
    EXPECT_EQ(number(two, "Math.min(...heard)"), 18);
    EXPECT_EQ(number(two, "Math.max(...heard)"), 19.1);
    EXPECT_EQ(one.text("#temperature"), "20.0 °C");
    EXPECT_EQ(two.text("#temperature"), "18.0 °C");
}

TEST_F(WebChannelPairs, PageFindsItsThermostatAgainAfterARestart)
{
    ASSERT_TRUE(host.isListening() && browser.isRunning());
    Page page = browser.open(host.url("/"));
    ASSERT_TRUE(waitForChannel(page));
    ASSERT_TRUE(heatTo(page, "20"));
    ASSERT_EQ(gateway.stop(), 0);
    ASSERT_TRUE(page.waitFor("!thermostat", 50));
    gateway.start();
    ASSERT_TRUE(waitForChannel(page));
    EXPECT_EQ(number(page, "thermostat.target"), 20);
    EXPECT_TRUE(heatTo(page, "21"));
}

TEST_F(WebChannelPairs, HostAnswersWhatItDoesNotKnow)
{
    ASSERT_TRUE(host.isListening());
    HttpClient client({.port = host.port()});
    EXPECT_EQ(client.request("POST", "/pairs/0123456789abcdef0123456789abcdef").status, 404);
    EXPECT_EQ(client.request("GET", "/nothing").status, 404);
    EXPECT_EQ(client.request("POST", "/pairs").status, 201);
}

/// The gateway as on the slides: an echo server's configuration, but for `relay`.
class WebChannelSlides : public ::testing::Test
{
protected:
    std::string server() const { return "ws://localhost:" + std::to_string(gateway.port()); }

    GatewayProcess gateway{configured("slides.toml")};
    ExampleProgram host{{program, "--direct", server(), "--port", "0"}, {}};
    Browser browser;
};

TEST_F(WebChannelSlides, TwoClientsThatKnowOnlyAnAddress)
{
    ASSERT_TRUE(host.isListening() && browser.isRunning());
    Page page = browser.open(host.url("/?server=" + server()));
    ASSERT_TRUE(waitForChannel(page));
    EXPECT_EQ(page.text("#temperature"), "19.2 °C");
    EXPECT_TRUE(heatTo(page, "20"));
    EXPECT_EQ(number(page, "thermostat.toFahrenheit(0)"), 32);
    EXPECT_THAT(page.errors(), ElementsAre());
    HttpClient client({.port = host.port()});
    EXPECT_EQ(client.request("POST", "/pairs").status, 503) << "there are no pairs here";
}

TEST_F(WebChannelSlides, BothComeBackAfterARestart)
{
    ASSERT_TRUE(host.isListening() && browser.isRunning());
    Page page = browser.open(host.url("/?server=" + server()));
    ASSERT_TRUE(waitForChannel(page));
    ASSERT_EQ(gateway.stop(), 0);
    ASSERT_TRUE(page.waitFor("!thermostat", 50));
    gateway.start();
    ASSERT_TRUE(waitForChannel(page));
    EXPECT_TRUE(heatTo(page, "20"));
}

} // namespace mws::test
