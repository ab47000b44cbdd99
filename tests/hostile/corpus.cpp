#include "tests/hostile/corpus.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace bgm::test {
namespace {

constexpr std::size_t kWrongKindEvery = 12;

void append(std::vector<HostileFile>& all, std::vector<HostileFile> files) {
    std::move(files.begin(), files.end(), std::back_inserter(all));
}

std::string another_kind(const std::string& kind) {
    return kind == "IMAGE" ? "VIDEO" : kind == "VIDEO" ? "AUDIO" : "IMAGE";
}

}  // namespace

std::vector<HostileFile> hostile_corpus() {
    std::vector<HostileFile> all = good_files();
    append(all, damaged_files(all));
    append(all, lying_pictures());
    append(all, lying_animations());
    append(all, lying_clips());
    append(all, impostors());
    for (std::size_t i = 0, count = all.size(); i < count; i += kWrongKindEvery)
        all.push_back({all[i].name + ", posted as another kind", another_kind(all[i].kind), all[i].bytes});
    // Every stretch of the list shall hold some of everything, so that what the first third costs can be held
    // against the rest. std::shuffle differs from library to library.
    std::mt19937 random(11);
    for (std::size_t i = all.size(); i > 1; --i)
        std::swap(all[i - 1], all[random() % i]);
    return all;
}

}  // namespace bgm::test
