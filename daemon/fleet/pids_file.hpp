// The file with a line "name pid" for every process of a stack. Other programs keep lines of their own in it
// (a private MariaDB): theirs stay, under a common lock.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace bgm {

class PidsFile {
 public:
    /// Empty: there is none.
    explicit PidsFile(std::string path) : path_(std::move(path)) {}

    /// Puts these and bgmd itself in the place of all lines of ours. Waits for nobody: see due().
    void write(const std::vector<std::pair<std::string, pid_t>>& processes);
    /// Somebody held the lock, and it is to be written again.
    bool due() const { return due_; }

 private:
    const std::string path_;
    bool due_ = false;
};

}  // namespace bgm
