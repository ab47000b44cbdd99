// The tables of wishes: each a text and what it states, "genre:rock year:1990-1999" (a + is a space within
// one).
#pragma once

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace bgm::testing {

struct WishLine {
    std::string text;
    std::vector<std::string> stated;
};

inline std::vector<WishLine> wish_lines(const std::string& file) {
    std::vector<WishLine> all;
    std::ifstream lines(std::string(BGM_SOURCE_DIR) + "/tests/fusion/wish/" + file);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        if (line.starts_with('#') || tab == std::string::npos) continue;
        WishLine one{.text = line.substr(0, tab), .stated = {}};
        std::istringstream words(line.substr(tab + 1));
        for (std::string word; words >> word;) {
            std::replace(word.begin(), word.end(), '+', ' ');
            one.stated.push_back(word);
        }
        all.push_back(one);
    }
    return all;
}

}  // namespace bgm::testing
