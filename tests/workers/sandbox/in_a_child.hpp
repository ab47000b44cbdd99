// Work in processes of its own: confined, or only apart, so that what a library keeps once it was used is not
// there yet. What a child says comes back.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "workers/sandbox/sandbox.hpp"

namespace bgm::test {

struct Ended {
    int status = -1;
    std::string said;
    bool well() const { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
};

/// `work` gets the descriptor that is read here; it ends with the child.
template <typename Work>
Ended in_a_child(const Work& work) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
        work(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    Ended ended;
    std::array<char, 65'536> buffer{};
    for (ssize_t count = 0; (count = read(ends[0], buffer.data(), buffer.size())) > 0;)
        ended.said.append(buffer.data(), static_cast<std::size_t>(count));
    close(ends[0]);
    waitpid(child, &ended.status, 0);
    return ended;
}

inline void say(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(descriptor, text.data(), text.size());
        if (written <= 0) _exit(1);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// What `work` gives, and what libraries and the sandbox say on standard error meanwhile. `prepare` comes
/// before the sandbox.
template <typename Prepare, typename Work>
Ended confined(const Prepare& prepare, const Work& work) {
    return in_a_child([&](int out) {
        dup2(out, STDERR_FILENO);
        auto ready = prepare();
        if (!enter_sandbox({.mode = SandboxMode::automatic, .task_memory_bytes = 1U << 30U})) _exit(1);
        say(STDERR_FILENO, work(ready));
    });
}

/// The bytes that `make` gives, without this process having made them.
template <typename Make>
std::string made_elsewhere(const Make& make) {
    return in_a_child([&](int out) { say(out, make()); }).said;
}

}  // namespace bgm::test
