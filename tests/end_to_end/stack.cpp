#include "tests/end_to_end/stack.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bgm::test {
namespace {

const std::string kSandbox =
    std::string("BGMD_BIN_DIR='") + BGM_BINARY_DIR + "' '" + BGM_SOURCE_DIR + "/ops/sandbox'";

struct Pipe {
    std::FILE* file;
    explicit Pipe(const std::string& command) : file(::popen(command.c_str(), "re")) {
        if (file == nullptr) throw std::runtime_error("cannot run " + command);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        if (file != nullptr) ::pclose(file);
    }
    std::string read() const {
        std::string text;
        char buffer[4096];
        while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file))
            text.append(buffer, count);
        return text;
    }
    int close() {
        const int status = ::pclose(file);
        file = nullptr;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
};

Stack::Output run(const std::string& command) {
    Pipe pipe(command);
    std::string text = pipe.read();
    return {.exit_code = pipe.close(), .text = std::move(text)};
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(part);
    return parts;
}

}  // namespace

Stack::Stack(const Options& options) {
    std::string pattern = (std::filesystem::temp_directory_path() / "bgmd-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder_ = std::filesystem::path(pattern) / options.folder_name;
    const std::string guarded = "setsid sh -c 'read done || { " + std::string(BGM_SOURCE_DIR) +
                                "/ops/sandbox down --dir \"" + folder_.string() + "\"; rm -rf \"" + pattern +
                                "\"; }' 2>/dev/null";
    guard_ = ::popen(guarded.c_str(), "we");
    up_command_ = kSandbox + " up --dir '" + folder_.string() + "' 2>&1";
    std::string first = up_command_;
    if (!options.mysql) first += " --no-mysql";
    for (const std::string& setting : options.settings)
        first += " --set '" + setting + "'";
    try {
        if (const Output made = run(first); made.exit_code != 0) throw std::runtime_error(made.text);
        read_env();
    } catch (...) {
        ::pclose(guard_);
        throw;
    }
}

Stack::~Stack() {
    static_cast<void>(run(kSandbox + " down --dir '" + folder_.string() + "' 2>&1"));
    std::error_code ignored;
    std::filesystem::remove_all(folder_.parent_path(), ignored);
    if (guard_ != nullptr) {
        std::fputs("done\n", guard_);
        ::pclose(guard_);
    }
}

void Stack::up() {
    if (const Output made = run(up_command_); made.exit_code != 0) throw std::runtime_error(made.text);
}

void Stack::down() {
    const Output made = run(kSandbox + " down --dir '" + folder_.string() + "' 2>&1");
    if (made.exit_code != 0) throw std::runtime_error(made.text);
}

bool Stack::up_with(const std::vector<std::string>& settings) const {
    std::string command = up_command_.substr(0, up_command_.rfind(" 2>&1"));
    for (const std::string& setting : settings)
        command += " --set '" + setting + "'";
    return run(command + " 2>&1").exit_code == 0;
}

void Stack::read_env() {
    std::ifstream file(folder_ / "env");
    for (std::string line; std::getline(file, line);) {
        const auto equals = line.find('=');
        if (line.starts_with('#') || equals == std::string::npos) continue;
        std::string value = line.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '\'') value = value.substr(1, value.size() - 2);
        env_[line.substr(0, equals)] = value;
    }
}

const std::string& Stack::env(const std::string& name) const {
    return env_.at(name);
}

std::map<std::string, pid_t> Stack::processes() const {
    std::map<std::string, pid_t> found;
    std::ifstream file(folder_ / "pids");
    std::string name;
    for (pid_t pid = 0; file >> name >> pid;) {
        // A number that nobody has any more, or that waits to be reaped, is not a running process.
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string text;
        std::getline(stat, text);
        const auto after_name = text.rfind(')');
        if (after_name == std::string::npos || text.size() < after_name + 3 || text[after_name + 2] == 'Z')
            continue;
        found[name] = pid;
    }
    return found;
}

bool Stack::signal(const std::string& process, int number) const {
    const auto running = processes();
    const auto found = running.find(process);
    return found != running.end() && ::kill(found->second, number) == 0;
}

std::vector<std::vector<std::string>> Stack::sql(const std::string& query) const {
    const std::filesystem::path input = folder_ / "query.sql";
    std::ofstream(input) << query;
    const Output answer = run(
        "MYSQL_PWD='" + env("BGMD_MYSQL_PASSWORD") + "' mariadb --no-defaults --batch --skip-column-names" +
        " --default-character-set=utf8mb4 --socket='" + env("BGMD_MYSQL_SOCKET") + "' --user='" +
        env("BGMD_MYSQL_USER") + "' '" + env("BGMD_MYSQL_DATABASE") + "' 2>&1 <'" + input.string() + "'");
    if (answer.exit_code != 0) throw std::runtime_error(query + ": " + answer.text);
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : split(answer.text, '\n'))
        rows.push_back(split(line, '\t'));
    return rows;
}

long Stack::count(const std::string& query) const {
    return std::stol(sql(query).at(0).at(0));
}

Stack::HttpAnswer Stack::http_get(const std::string& path) const {
    const std::string& address = env("BGMD_HTTP");  // http://127.0.0.1:PORT
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string text;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0) {
        const std::string request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
        static_cast<void>(::send(socket, request.data(), request.size(), MSG_NOSIGNAL));
        char buffer[4096];
        for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(got));
        }
    }
    ::close(socket);
    const auto body = text.find("\r\n\r\n");
    if (body == std::string::npos || !text.starts_with("HTTP/1.")) return {};
    return {.code = std::stoi(text.substr(9, 3)), .body = text.substr(body + 4)};
}

Stack::Output Stack::bgmctl(const std::string& arguments) const {
    return run("set -a; . '" + (folder_ / "env").string() + "'; '" + BGM_BINARY_DIR + "/bgmctl' " +
               arguments + " 2>&1");
}

}  // namespace bgm::test
