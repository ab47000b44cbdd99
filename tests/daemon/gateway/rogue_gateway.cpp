// A gateway that does what one would that strangers have taken over: the program's own main(), and in place
// of what reads a client's key something that obeys it. `Authorization: Bearer open` opens a file.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tests/workers/sandbox/rogue_deeds.hpp"

namespace {

using namespace bgm::testing;  // the deeds that the gateway and the worker are both tried with

void open_its_configuration_again() {
    if (open("/proc/self/exe", O_RDONLY) >= 0) _exit(kEscaped);
}

void write_a_file() {
    if (open("bgm-rogue", O_WRONLY | O_CREAT, 0600) >= 0) _exit(kEscaped);
}

void make_a_socket() {
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) _exit(kEscaped);
}

// The sockets that it has are bound already; none of them may call somebody.
void connect_out() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(9);
    for (int fd = 3; fd < 64; ++fd)
        connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    // Only a refusal of the other side would come back here.
    _exit(kEscaped);
}

void listen_elsewhere() {
    for (int fd = 3; fd < 64; ++fd) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    _exit(kEscaped);
}

void delete_a_file() {
    if (unlink("bgm-gone") == 0) _exit(kEscaped);
}

const std::map<std::string_view, void (*)()> kDeeds{
    {"open", open_a_file},
    {"read-itself", open_its_configuration_again},
    {"write", write_a_file},
    {"socket", make_a_socket},
    {"local-socket", make_a_local_socket},
    {"connect", connect_out},
    {"bind", listen_elsewhere},
    {"fork", fork_away},
    {"exec", run_a_program},
    {"unlink", delete_a_file},
    {"kill", kill_the_daemon},
    {"ptrace", trace_the_daemon},
    {"make-code", make_code},
};

}  // namespace

// The linker calls it in place of bgm::gateway::presented_key_digest(): a name of its own, as nothing may be
// defined twice.
std::optional<std::string> obey(std::string_view authorization) __asm__(
    "__wrap__ZN3bgm7gateway20presented_key_digestB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEE");

std::optional<std::string> obey(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (!authorization.starts_with(kScheme)) return std::nullopt;
    if (const auto deed = kDeeds.find(authorization.substr(kScheme.size())); deed != kDeeds.end())
        deed->second();
    return std::nullopt;
}
