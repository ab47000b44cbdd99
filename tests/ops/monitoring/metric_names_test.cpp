// Alerts and dashboards are of use only as long as the metrics that they ask for exist: every name in them
// must be one that the daemon's table of metrics defines.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace bgm {
namespace {

std::string read(const std::string& path) {
    std::ifstream file(std::string(BGM_SOURCE_DIR) + "/" + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
        found.insert((*match)[1]);
    }
    return found;
}

std::set<std::string> defined(const std::string& kind) {
    return matches(read("daemon/base/metrics.cpp"), std::regex(kind + R"re(\(\s*"(bgmd_[a-z_]+)")re"));
}

TEST(MetricNames, AlertsAndDashboardsAskForWhatExists) {
    const std::set<std::string> counters = defined("counter");
    const std::set<std::string> gauges = defined("gauge");
    const std::set<std::string> histograms = defined("histogram");
    ASSERT_FALSE(counters.empty());
    ASSERT_FALSE(gauges.empty());
    ASSERT_FALSE(histograms.empty());
    std::set<std::string> known = counters;
    known.insert(gauges.begin(), gauges.end());
    for (const std::string& histogram : histograms) {
        for (const char* part : {"_bucket", "_sum", "_count"})
            known.insert(histogram + part);
    }
    for (const char* file : {"ops/prometheus/alerts.yml", "ops/grafana/bgmd.json"}) {
        const std::set<std::string> used = matches(read(file), std::regex(R"re(\b(bgmd_[a-z_]+)\b)re"));
        EXPECT_FALSE(used.empty()) << file;
        for (const std::string& name : used)
            EXPECT_TRUE(known.contains(name)) << file << " asks for " << name;
    }
}

TEST(MetricNames, EveryAlertIsExplainedInTheManual) {
    const std::string manual = read("docs/operations.md");
    for (const std::string& alert :
         matches(read("ops/prometheus/alerts.yml"), std::regex(R"re(alert: (\w+))re"))) {
        EXPECT_NE(manual.find(alert), std::string::npos) << alert << " is not in docs/operations.md";
    }
}

TEST(MetricNames, EveryMetricIsExplainedInTheManual) {
    const std::string manual = read("docs/metrics.md");
    for (const char* kind : {"counter", "gauge", "histogram"}) {
        for (const std::string& name : defined(kind))
            EXPECT_NE(manual.find("`" + name + "`"), std::string::npos)
                << name << " is not in docs/metrics.md";
    }
}

TEST(MetricNames, FollowTheRules) {
    // bgmd_<noun>_<unit>; counters end in _total, and nothing else does.
    for (const std::string& name : defined("counter"))
        EXPECT_TRUE(name.ends_with("_total")) << name;
    for (const std::string& name : defined("gauge"))
        EXPECT_FALSE(name.ends_with("_total")) << name;
    for (const std::string& name : defined("histogram"))
        EXPECT_FALSE(name.ends_with("_total")) << name;
}

}  // namespace
}  // namespace bgm
