#include "tests/cluster/host.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace bgm::test {
namespace {

constexpr int kHttpPort = 9464;

}  // namespace

Host::Host(const Machine& machine, std::vector<std::string> settings, std::string mysql_password)
    : machine_(machine), settings_(std::move(settings)), mysql_password_(std::move(mysql_password)) {
    std::filesystem::create_directories(machine.disk() / "data");
    std::filesystem::create_directories(machine.disk() / "run");
}

void Host::start() {
    const std::string disk = machine_.disk().string();
    std::vector<std::string> words{std::string(BGM_BINARY_DIR) + "/bgmd"};
    const auto set = [&](const std::string& setting) {
        words.emplace_back("--set");
        words.push_back(setting);
    };
    set("data_dir=" + disk + "/data");
    set("runtime_dir=" + disk + "/run");
    set("posts.endpoint=" + posts());
    set("posts.firehose_endpoint=" + at(5556));
    set("events.endpoint=" + events());
    set("http.listen=" + machine_.address() + ":" + std::to_string(kHttpPort));
    for (const std::string& setting : settings_)
        set(setting);
    program_ = machine_.start("bgmd", words, {"BGMD_MYSQL_PASSWORD=" + mysql_password_});
}

std::string Host::http_get(const std::string& path) const {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(kHttpPort);
    ::inet_pton(AF_INET, machine_.address().c_str(), &peer.sin_addr);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 2, .tv_usec = 0};
    for (const int which : {SO_RCVTIMEO, SO_SNDTIMEO})
        ::setsockopt(socket, SOL_SOCKET, which, &patience, sizeof patience);
    std::string text;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0) {
        const std::string request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
        static_cast<void>(::send(socket, request.data(), request.size(), MSG_NOSIGNAL));
        char buffer[4096];
        for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
            text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(socket);
    const auto body = text.find("\r\n\r\n");
    if (body == std::string::npos || !text.starts_with("HTTP/1.")) return "";
    return text.substr(9, 3) + "\n" + text.substr(body + 4);
}

double Host::metric(const std::string& name) const {
    std::istringstream all(http_get("/metrics"));
    double sum = 0;
    for (std::string line; std::getline(all, line);) {
        const bool ours = line.starts_with(name) &&
                          (line.substr(name.size(), 1) == " " || line.substr(name.size(), 1) == "{");
        if (ours) sum += std::stod(line.substr(line.rfind(' ') + 1));
    }
    return sum;
}

Host::Output Host::bgmctl(const std::vector<std::string>& words) const {
    std::vector<std::string> all{std::string(BGM_BINARY_DIR) + "/bgmctl"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<std::string> environment{
        "BGMD_POSTS=" + posts(), "BGMD_EVENTS=" + events(),
        "BGMD_ADMIN=ipc://" + (machine_.disk() / "run" / "admin.sock").string(),
        "BGMD_HTTP=http://" + machine_.address() + ":" + std::to_string(kHttpPort),
        "BGMD_MYSQL_PASSWORD=" + mysql_password_};
    for (const std::string& setting : settings_) {
        if (setting.starts_with("mysql.host="))
            environment.push_back("BGMD_MYSQL_HOST=" + setting.substr(11));
        if (setting.starts_with("mysql.endpoints="))
            environment.push_back("BGMD_MYSQL_ENDPOINTS=" + setting.substr(16));
        if (setting.starts_with("mysql.replicas="))
            environment.push_back("BGMD_MYSQL_REPLICAS=" + setting.substr(15));
        if (setting.starts_with("mysql.port="))
            environment.push_back("BGMD_MYSQL_PORT=" + setting.substr(11));
        if (setting.starts_with("mysql.user="))
            environment.push_back("BGMD_MYSQL_USER=" + setting.substr(11));
        if (setting.starts_with("mysql.database="))
            environment.push_back("BGMD_MYSQL_DATABASE=" + setting.substr(15));
    }
    Output output;
    output.text = machine_.ask(all, environment, &output.exit_code);
    return output;
}

std::string Host::last_words() const {
    std::ifstream file(machine_.log("bgmd"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    constexpr std::size_t kTail = 2000;
    return text.size() > kTail ? text.substr(text.size() - kTail) : text;
}

std::size_t Host::times_said(const std::string& words) const {
    std::ifstream file(machine_.log("bgmd"));
    std::size_t times = 0;
    for (std::string line; std::getline(file, line);)
        times += line.find(words) == std::string::npos ? 0 : 1;
    return times;
}

}  // namespace bgm::test
