#include "tests/daemon/store/private_galera.hpp"

#include <unistd.h>

#include <utility>

namespace bgm::test {
namespace {

constexpr const char* kProvider = "/usr/lib/galera/libgalera_smm.so";
constexpr const char* kNobody = "--wsrep-cluster-address=gcomm://";
constexpr const char* kBegin = "--wsrep-new-cluster";

std::string with_port(const std::string& address, std::uint16_t port) {
    return address + ":" + std::to_string(port);
}

}  // namespace

std::string PrivateGalera::why_not() {
    if (::access("/usr/sbin/mariadbd", X_OK) != 0) return "mariadbd is not installed";
    return ::access(kProvider, R_OK) == 0 ? "" : "galera-4 is not installed";
}

std::vector<std::string> PrivateGalera::options_of(const Member& member) const {
    const std::string group = with_port(member.address, member.group_port);
    return {"--skip-networking=0",
            "--bind-address=" + member.address,
            "--port=" + std::to_string(member.sql_port),
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            "--wsrep-provider=" + std::string(kProvider),
            "--wsrep-cluster-name=test",
            "--wsrep-node-address=" + group,
            "--wsrep-sst-method=test",
            "--wsrep-provider-options=gmcast.listen_addr=tcp://" + group +
                ";ist.recv_addr=" + with_port(member.address, member.transfer_port) + ";gcache.size=64M"};
}

Result<std::unique_ptr<PrivateGalera>> PrivateGalera::start(std::vector<Node> nodes) {
    std::unique_ptr<PrivateGalera> galera(new PrivateGalera);
    for (Node& node : nodes) {
        Member& member = galera->nodes_.emplace_back();
        static_cast<Node&>(member) = std::move(node);
        member.there([&] {
            member.sql_port = free_port();
            member.group_port = free_port();
            member.transfer_port = free_port();
        });
    }
    std::unique_ptr<PrivateMariaDb> seed;
    for (Member& member : galera->nodes_) {
        PrivateMariaDb::Settings settings{.server_options = galera->options_of(member),
                                          .programs = BGM_SOURCE_DIR "/tests/daemon/store"};
        Status started = ok_status();
        member.there([&] {
            if (!seed) {
                settings.first_options = {kNobody, kBegin};
                auto made = PrivateMariaDb::start(settings);
                if (!made) return void(started = made.error());
                seed = *std::move(made);
                MySqlConnection root(seed->root_options());
                started = root.connect();
                for (const std::string& statement :
                     {"CREATE USER 'bgm'@'%' IDENTIFIED BY '" + seed->options().password + "'",
                      std::string("GRANT ALL ON bgm.* TO 'bgm'@'%'")}) {
                    if (!started) return;
                    const auto done = root.execute(statement);
                    if (!done) started = done.error();
                }
                root.disconnect();
                seed->stop();
            } else {
                settings.first_options = {kNobody +
                                          with_port(galera->nodes_[0].address, galera->nodes_[0].group_port)};
            }
            settings.data = seed->directory() + "/data";
            auto made = PrivateMariaDb::start(std::move(settings));
            if (!made) return void(started = made.error());
            member.server = *std::move(made);
        });
        if (!started) return started.error();
    }
    return galera;
}

MySqlOptions PrivateGalera::options() const {
    MySqlOptions all = options(0);
    all.socket.clear();
    for (const Member& member : nodes_)
        all.endpoints.push_back({.host = member.address, .port = member.sql_port});
    return all;
}

Status PrivateGalera::restart(std::size_t node) {
    const Member& member = nodes_[node];
    std::string others = kNobody;
    for (const Member& other : nodes_) {
        if (&other == &member) continue;
        others += (others == kNobody ? "" : ",") + with_port(other.address, other.group_port);
    }
    Status started = ok_status();
    member.there([&] {
        const auto said = member.server->run({others, "--wsrep-recover"});
        if (!said) return void(started = said.error());
        constexpr std::string_view kFound = "Recovered position: ";
        const std::size_t at = said->rfind(kFound);
        if (at == std::string::npos) return void(started = Error{ErrorCode::unavailable, *said, ""});
        const std::string position =
            said->substr(at + kFound.size(), said->find('\n', at) - at - kFound.size());
        started = member.server->restart({others, "--wsrep-start-position=" + position});
    });
    return started;
}

bool PrivateGalera::serves(std::size_t node) const {
    MySqlOptions quickly = options(node);
    quickly.connect_timeout_ms = quickly.read_timeout_ms = 1'000;
    return MySqlConnection(quickly).connect().ok();
}

}  // namespace bgm::test
