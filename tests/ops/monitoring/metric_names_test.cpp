// Alerts and dashboards are of use only as long as the metrics that they ask for exist: every name in them
// must be one that the daemon's table of metrics defines.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/ops/monitoring/tree.hpp"

namespace bgm::test {
namespace {

std::set<std::string> defined(const std::string& kind) {
    return matches(read("daemon/base/metric_families.hpp") + read("daemon/gateway/gateway_metrics.cpp"),
                   std::regex(kind + R"re(\((?:\)\s*\.Name\()?\s*"(bgmd_[a-z_]+)")re", std::regex::icase));
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
    std::vector<std::string> files = dashboards();
    files.insert(files.end(), {"ops/prometheus/alerts.yml", "tests/ops/monitoring/alerts_test.yml",
                               "tests/ops/monitoring/gateway_alerts_test.yml"});
    for (const std::string& file : files) {
        const std::set<std::string> used = matches(read(file), std::regex(R"re(\b(bgmd_[a-z_]+)\b)re"));
        EXPECT_FALSE(used.empty()) << file;
        for (const std::string& name : used)
            EXPECT_TRUE(known.contains(name)) << file << " asks for " << name;
    }
}

// metric -> what its row of docs/metrics.md says of its labels.
std::map<std::string, std::string> documented_labels() {
    std::map<std::string, std::string> found;
    std::istringstream manual(read("docs/metrics.md"));
    const std::regex row(R"re(^\| `(bgmd_[a-z_]+)` \| \w+ \| ([^|]*)\|)re");
    std::smatch match;
    for (std::string line; std::getline(manual, line);) {
        if (std::regex_search(line, match, row)) found[match[1]] = match[2];
    }
    found["bgmd_stage_seconds"] = "`stage`";
    return found;
}

// A selector with a misspelt label or value is no error for Prometheus: it only finds nothing, for ever.
TEST(MetricNames, AlertsAndDashboardsSelectByLabelsThatTheManualGives) {
    const auto labels = documented_labels();
    std::vector<std::string> files = dashboards();
    files.insert(files.end(), {"ops/prometheus/alerts.yml", "tests/ops/monitoring/alerts_test.yml",
                               "tests/ops/monitoring/gateway_alerts_test.yml"});
    const std::regex selector(R"re((bgmd_[a-z_]+)\{([^}]*)\})re");
    const std::regex matcher(R"re((\w+) ?(=|!=|=~|!~)\\?"([^"\\]*)\\?")re");
    // `route` and `status` have tables of their own, which the manual does not repeat.
    const std::set<std::string> given_elsewhere{"instance", "job", "le", "route", "status"};
    for (const std::string& file : files) {
        const std::string text = read(file);
        for (std::sregex_iterator at(text.begin(), text.end(), selector), end; at != end; ++at) {
            const std::string metric =
                std::regex_replace((*at)[1].str(), std::regex("_(bucket|sum|count)$"), "");
            ASSERT_TRUE(labels.contains(metric)) << file << " asks for " << metric;
            const std::string& row = labels.at(metric);
            const std::string inside = (*at)[2];
            for (std::sregex_iterator label(inside.begin(), inside.end(), matcher); label != end; ++label) {
                const std::string name = (*label)[1];
                if (given_elsewhere.contains(name)) continue;
                // "`outcome`: accepted, busy; `code`": the values end at the next label.
                std::smatch documented;
                ASSERT_TRUE(std::regex_search(row, documented, std::regex("`" + name + "`(:[^`]*)?")))
                    << file << ": " << metric << " has no label " << name;
                const std::string values = documented[1];
                // Error codes, modalities and moods are closed sets of their own.
                if (values.empty() || values.find("error code") != std::string::npos) continue;
                for (const std::string& value :
                     matches((*label)[3].str() + "|", std::regex(R"re(([^|]+)\|)re")))
                    EXPECT_TRUE(std::regex_search(values, std::regex("\\b" + value + "\\b")))
                        << file << ": " << metric << "{" << name << "} is never " << value;
            }
        }
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
}  // namespace bgm::test
