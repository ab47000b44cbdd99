// What happens to files on the way: uploads that break off, bits that flip, blocks that come twice or never.
#include <algorithm>
#include <array>
#include <random>

#include "tests/hostile/corpus.hpp"

namespace bgm::test {
namespace {

struct Cut {
    const char* name;
    double share;
};

constexpr std::array kCuts{Cut{"after 2%", 0.02}, Cut{"after 10%", 0.1}, Cut{"after 30%", 0.3},
                           Cut{"after 60%", 0.6}, Cut{"after 95%", 0.95}};

// std::uniform_int_distribution differs from library to library; this does not.
std::size_t below(std::mt19937& random, std::size_t end) {
    return random() % end;
}

std::string with_bits_flipped(std::string file, std::size_t from, std::size_t to, int bits,
                              std::uint32_t seed) {
    std::mt19937 random(seed);
    from = std::min(from, file.size() - 1);
    to = std::clamp(to, from + 1, file.size());
    for (int i = 0; i < bits; ++i) {
        char& byte = file[from + below(random, to - from)];
        byte = static_cast<char>(byte ^ (1 << below(random, 8)));
    }
    return file;
}

}  // namespace

std::vector<HostileFile> damaged_files(const std::vector<HostileFile>& good) {
    std::vector<HostileFile> files;
    std::uint32_t seed = 1;
    for (const HostileFile& file : good) {
        const std::string& bytes = file.bytes;
        const auto add = [&](std::string what, std::string damaged) {
            files.push_back({std::move(what) + " " + file.name, file.kind, std::move(damaged)});
        };
        for (const Cut& cut : kCuts)
            add(std::string("cut ") + cut.name,
                bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * cut.share)));
        add("all but the last byte of", bytes.substr(0, bytes.size() - 1));
        add("the first 12 bytes of", bytes.substr(0, 12));
        add("without its first half,", bytes.substr(bytes.size() / 2));
        add("bits flipped in the head of", with_bits_flipped(bytes, 12, 200, 3, seed));
        add("bits flipped anywhere in", with_bits_flipped(bytes, 12, bytes.size(), 12, seed + 1));
        add("many bits flipped in", with_bits_flipped(bytes, 12, bytes.size(), 200, seed + 2));
        std::string holed = bytes;
        std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3), bytes.size() / 3, '\0');
        add("a hole in", std::move(holed));
        const std::size_t middle = bytes.size() / 2;
        add("the middle twice in", bytes.substr(0, middle + middle / 4) + bytes.substr(middle));
        seed += 3;
    }
    return files;
}

}  // namespace bgm::test
