// What a program that strangers have taken over would try first, whatever it is for.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bgm::testing {

// Each tries one thing, and says with its exit status where it got through.
inline constexpr int kEscaped = 77;

inline void open_a_file() {
    if (open("/etc/passwd", O_RDONLY) >= 0) _exit(kEscaped);
}

inline void make_a_local_socket() {
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) _exit(kEscaped);
}

inline void fork_away() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) _exit(kEscaped);
}

inline void run_a_program() {
    execl("/bin/true", "true", nullptr);
}

inline void kill_the_daemon() {
    if (kill(getppid(), 0) == 0) _exit(kEscaped);
}

inline void trace_the_daemon() {
    if (ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0) _exit(kEscaped);
}

inline void make_code() {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) _exit(kEscaped);
}

}  // namespace bgm::testing
