// A world of its own for a test program: namespaces for its processes, its network and its mounts. Whatever
// becomes of the tests, a crash and a kill -9 among it, every process that they started and every network
// that they made ends with them; only the mounts' empty folders are left to remove.
//
// Needs the rights for namespaces (root, in most places). Without them the tests run outside and skip.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace bgm::test {

class World {
 public:
    /// Runs `tests` inside and returns their exit status; the process that calls waits outside.
    static int run(const std::function<int()>& tests);

    /// Empty where machines can be made, else the sentence to skip with.
    static const std::string& why_not();
    /// Where everything lies; removed afterwards.
    static const std::filesystem::path& folder();

 private:
    static std::string why_not_;
    static std::filesystem::path folder_;
};

/// Runs a shell command, without its output; false where it fails.
bool shell(const std::string& command);

}  // namespace bgm::test
