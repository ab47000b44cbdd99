// hostile-corpus DIR: writes every file of the corpus below DIR, to look at or to feed a fuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/hostile/corpus.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: hostile-corpus DIR\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    std::size_t bytes = 0;
    std::size_t number = 0;
    for (const bgm::test::HostileFile& file : bgm::test::hostile_corpus()) {
        std::string name = std::to_string(number++) + " " + file.name;
        for (char& c : name) {
            if (c == '/' || c == ' ') c = '_';
        }
        std::filesystem::create_directories(folder / file.kind);
        std::ofstream out(folder / file.kind / name, std::ios::binary);
        if (!out.write(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()))) {
            std::fprintf(stderr, "cannot write %s\n", (folder / file.kind / name).c_str());
            return 1;
        }
        bytes += file.bytes.size();
    }
    std::printf("%zu files, %zu bytes\n", number, bytes);
    return 0;
}
