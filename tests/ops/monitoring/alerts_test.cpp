// An alert that nobody has seen fire may never fire. Prometheus' own tool judges the rules: each alert has a
// case in which it comes and one in which it does not; what it counts is there to be counted; and it leads to
// a section of the manual.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/metrics.hpp"
#include "daemon/gateway/gateway_metrics.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/ops/monitoring/tree.hpp"

namespace bgm::test {
namespace {

const std::string kAlerts = "ops/prometheus/alerts.yml";
const std::vector<std::string> kCases{"tests/ops/monitoring/alerts_test.yml",
                                      "tests/ops/monitoring/gateway_alerts_test.yml"};

class Promtool : public ::testing::Test {
 protected:
    void SetUp() override {
        if (std::system("command -v promtool >/dev/null") != 0)
            GTEST_SKIP() << "no promtool: ops/install-deps installs it (Debian's prometheus)";
    }
    static void expect_success(const std::string& arguments) {
        EXPECT_EQ(std::system(("promtool " + arguments + " >&2").c_str()), 0) << "promtool " << arguments;
    }
    static std::string in_tree(const std::string& path) { return "'" BGM_SOURCE_DIR "/" + path + "'"; }
};

TEST_F(Promtool, ReadsTheRulesAndTheConfiguration) {
    expect_success("check rules " + in_tree(kAlerts));
    expect_success("check config " + in_tree("ops/prometheus/prometheus.yml"));
}

TEST_F(Promtool, SeesEachAlertComeAndStayAway) {
    for (const std::string& cases : kCases)
        expect_success("test rules " + in_tree(cases));
}

TEST_F(Promtool, ReadsEachExpressionOfTheDashboards) {
    using Json = nlohmann::json;
    Json rules = Json::array();
    for (const std::string& dashboard : dashboards()) {
        const Json board = Json::parse(read(dashboard));
        for (const Json& panel : board.at("panels")) {
            for (const Json& target : panel.value("targets", Json::array())) {
                rules.push_back({{"record", "panel:" + std::to_string(panel.at("id").get<int>()) + ":" +
                                                target.at("refId").get<std::string>()},
                                 {"expr", target.at("expr")}});
            }
        }
    }
    ASSERT_FALSE(rules.empty());
    // JSON is YAML.
    const bgm::testing::ScratchFolder folder;
    const std::string file = folder.path() / "dashboards.json";
    std::ofstream(file) << Json{{"groups", {{{"name", "dashboards"}, {"rules", rules}}}}};
    expect_success("check rules '" + file + "'");
}

struct Alert {
    std::string name, text;
};

// The alerts with their lines.
std::vector<Alert> alerts() {
    std::vector<Alert> found;
    const std::string text = read(kAlerts);
    const std::regex start(R"re(- alert: (\w+)\n)re");
    for (std::sregex_iterator at(text.begin(), text.end(), start), end; at != end;) {
        const std::smatch match = *at++;
        const auto to = at == end ? text.size() : static_cast<std::size_t>(at->position());
        const auto from = static_cast<std::size_t>(match.position());
        found.push_back({.name = match[1], .text = text.substr(from, to - from)});
    }
    return found;
}

TEST(Alerts, HaveACaseInWhichTheyComeAndOneInWhichTheyDoNot) {
    std::map<std::string, std::set<bool>> comes;
    std::string cases;
    for (const std::string& file : kCases)
        cases += read(file);
    const std::regex expectation(R"re(alertname: (\w+),?\s+exp_alerts:( \[\])?)re");
    for (std::sregex_iterator match(cases.begin(), cases.end(), expectation), end; match != end; ++match)
        comes[(*match)[1]].insert(!(*match)[2].matched);
    ASSERT_FALSE(alerts().empty());
    for (const Alert& alert : alerts())
        EXPECT_THAT(comes[alert.name], ::testing::ElementsAre(false, true)) << alert.name;
    EXPECT_EQ(comes.size(), alerts().size()) << "a case of an alert that is not there expects nothing";
}

TEST(Alerts, LeadToTheirSectionOfTheManual) {
    for (const Alert& alert : alerts()) {
        std::smatch runbook;
        ASSERT_TRUE(
            std::regex_search(alert.text, runbook, std::regex(R"re(runbook: "([\w./-]+)#([\w-]+)")re")))
            << alert.name;
        EXPECT_THAT(anchors(runbook[1]), ::testing::Contains(runbook[2].str())) << alert.name;
    }
}

TEST(Alerts, CountWhatStandsAtZeroFromTheStart) {
    // increase() does not see the first event of a series that appears with it.
    const std::string at_start = Metrics().text() + gateway::GatewayMetrics().text({});
    int counted = 0;
    for (const Alert& alert : alerts()) {
        for (const std::string& name : matches(alert.text, std::regex(R"re(increase\((\w+))re"))) {
            EXPECT_NE(at_start.find("\n" + name + "{"), std::string::npos)
                << alert.name << " counts " << name;
            ++counted;
        }
    }
    EXPECT_GT(counted, 0);
}

}  // namespace
}  // namespace bgm::test
