// Runs a fuzz target without libFuzzer: over every file of the given folders, then over a number of damaged
// ones, always the same. What breaks it is left in the file "crash-input" of the working folder.
//   fuzz_NAME MUTATIONS FOLDER...
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/promise.hpp"

namespace {

// What the target is looking at, for the signal handler.
const char* current_data = nullptr;
std::size_t current_size = 0;

void keep_input(int signal) {
    const int file = ::open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        [[maybe_unused]] const auto written = ::write(file, current_data, current_size);
        ::close(file);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const std::string& input) {
    // A copy of its exact size: a sanitiser sees one byte too far.
    const std::vector<std::uint8_t> copy(input.begin(), input.end());
    current_data = input.data();
    current_size = input.size();
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

class Damage {
 public:
    explicit Damage(const std::vector<std::string>& seeds) : seeds_(seeds) {}

    std::string next() {
        std::string bytes = seeds_[below(seeds_.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits)
            edit(bytes);
        return bytes;
    }

 private:
    // Not std::uniform_int_distribution: its numbers differ from library to library.
    std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

    void edit(std::string& bytes) {
        // Most of what a parser decides stands at the beginning.
        const std::size_t at =
            below(below(2) == 0 ? std::min<std::size_t>(bytes.size() + 1, 64) : bytes.size() + 1);
        switch (below(7)) {
            case 0:
                bytes.resize(at);
                break;
            case 1:
                if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1U << below(8)));
                break;
            case 2:
                if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
                break;
            case 3:
                bytes.erase(at, 1 + below(8));
                break;
            case 4:
                bytes.insert(at, 1 + below(4), static_cast<char>(random_()));
                break;
            case 5:
                lie_about_length(bytes, at);
                break;
            default:
                if (const std::string& other = seeds_[below(seeds_.size())]; !other.empty())
                    bytes.insert(at, other, below(other.size()), 1 + below(40));
        }
    }

    // Numbers at which arithmetic on lengths goes wrong, in the widths and both byte orders that formats use.
    void lie_about_length(std::string& bytes, std::size_t at) {
        constexpr std::array<std::uint64_t, 8> kNumbers{
            0, 1, 0x7F, 0xFF, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF, 0xFFFF'FFFF'FFFF'FFFF};
        const std::uint64_t number = kNumbers[below(kNumbers.size())];
        const std::size_t width = std::size_t{1} << below(4);
        const bool big_endian = below(2) == 0;
        for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
            bytes[at + i] = static_cast<char>(number >> (8 * (big_endian ? width - 1 - i : i)));
    }

    const std::vector<std::string>& seeds_;
    std::mt19937 random_{20260101};
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) {
        std::fprintf(stderr, "usage: %s MUTATIONS FOLDER...\n", arguments[0]);
        return 2;
    }
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL})
        std::signal(signal, keep_input);
    std::vector<std::filesystem::path> files;
    for (int i = 2; i < count; ++i) {
        std::error_code absent;  // not every target has regressions
        for (const auto& entry : std::filesystem::directory_iterator(arguments[i], absent))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> seeds;
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
        run(seeds.back());
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "there is no seed\n");
        return 1;
    }
    Damage damage(seeds);
    const int mutations = std::atoi(arguments[1]);
    for (int i = 0; i < mutations; ++i)
        run(damage.next());
    std::printf("%zu files, %d mutations\n", seeds.size(), mutations);
    return 0;
}
