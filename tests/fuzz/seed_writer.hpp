// Where make_seeds puts what it makes: one folder a target, one numbered file a seed.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bgm::fuzz {

class SeedWriter {
 public:
    explicit SeedWriter(std::filesystem::path root) : root_(std::move(root)) {}

    void add(const std::string& target, std::string_view bytes) {
        const auto folder = root_ / target;
        int& count = counts_[target];
        if (count == 0) std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        std::string number = std::to_string(count++);
        number.insert(0, 3 - std::min<std::size_t>(3, number.size()), '0');
        std::ofstream file(folder / number, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!file) throw std::runtime_error("cannot write " + (folder / number).string());
    }
    /// With the choice that the target takes from the first byte.
    void add(const std::string& target, int choice, std::string_view bytes) {
        add(target, std::string(1, static_cast<char>(choice)) + std::string(bytes));
    }

 private:
    std::filesystem::path root_;
    std::map<std::string, int> counts_;
};

void write_image_seeds(SeedWriter& seeds);

}  // namespace bgm::fuzz
