// A program run by a test: its output, its exit code, and the means to kill it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {

class ChildProgram {
 public:
    ChildProgram(const std::string& program, const std::vector<std::string>& arguments) {
        const std::string out = folder_.file("out");
        const std::string err = folder_.file("err");
        std::vector<char*> words{const_cast<char*>(program.c_str())};
        for (const std::string& argument : arguments) {
            words.push_back(const_cast<char*>(argument.c_str()));
        }
        words.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
            ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
            ::close_range(STDERR_FILENO + 1, ~0U, 0);
            ::execv(program.c_str(), words.data());
            ::_exit(127);
        }
    }
    ~ChildProgram() {
        if (!ended_) {
            signal(SIGKILL);
            wait();
        }
    }
    ChildProgram(const ChildProgram&) = delete;
    ChildProgram& operator=(const ChildProgram&) = delete;

    void signal(int number) const { ::kill(pid_, number); }

    /// The exit code; -1 where a signal ended it.
    int wait() {
        if (!ended_) {
            ::waitpid(pid_, &status_, 0);
            ended_ = true;
        }
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }
    std::string out() const { return folder_.read("out"); }
    std::string err() const { return folder_.read("err"); }

 private:
    TemporaryFolder folder_;
    pid_t pid_ = -1;
    int status_ = 0;
    bool ended_ = false;
};

}  // namespace bgm
