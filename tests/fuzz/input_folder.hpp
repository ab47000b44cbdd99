// A folder of the process's own for targets whose parser takes files: written anew for each input.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm::fuzz {

class InputFolder {
 public:
    std::filesystem::path path() const { return folder_.file(""); }

    void write(const std::string& name, std::string_view bytes) const {
        std::FILE* file = std::fopen(folder_.file(name).c_str(), "wb");
        if (file == nullptr) std::abort();
        std::fwrite(bytes.data(), 1, bytes.size(), file);
        std::fclose(file);
    }
    void clear() const {
        for (const auto& entry : std::filesystem::directory_iterator(path()))
            std::filesystem::remove(entry.path());
    }

 private:
    TemporaryFolder folder_;
};

}  // namespace bgm::fuzz
