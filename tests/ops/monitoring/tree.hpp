// What the tests of alerts and dashboards read in the tree.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

namespace bgm::test {

/// The text of a file of the tree; empty where it is not there.
std::string read(const std::string& path);

/// The first group of each match.
std::set<std::string> matches(const std::string& text, const std::regex& pattern);

/// Paths of all files with rules, and of all dashboards.
std::vector<std::string> rule_files();
std::vector<std::string> dashboards();

/// What links to the headings of a document end in: "When an alert comes" is "when-an-alert-comes".
std::set<std::string> anchors(const std::string& document);

}  // namespace bgm::test
