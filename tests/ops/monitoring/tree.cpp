#include "tests/ops/monitoring/tree.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace bgm::test {
namespace {

const std::filesystem::path kRoot = BGM_SOURCE_DIR;

std::vector<std::string> files(const std::string& folder, const std::string& ending) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot / folder)) {
        if (entry.path().extension() == ending)
            found.push_back(folder + "/" + entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace

std::string read(const std::string& path) {
    std::ifstream file(kRoot / path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
        found.insert((*match)[1]);
    return found;
}

std::vector<std::string> rule_files() {
    return files("ops/prometheus", ".yml");
}

std::vector<std::string> dashboards() {
    return files("ops/grafana", ".json");
}

std::set<std::string> anchors(const std::string& document) {
    std::set<std::string> found;
    std::istringstream text(read(document));
    for (std::string line; std::getline(text, line);) {
        if (!line.starts_with('#')) continue;
        std::string anchor;
        for (const char letter : line.substr(line.find_first_not_of("# "))) {
            if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_')
                anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
            else if (letter == ' ')
                anchor += '-';
        }
        found.insert(anchor);
    }
    return found;
}

}  // namespace bgm::test
