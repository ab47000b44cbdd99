#include "tests/cluster/cluster.hpp"

#include <csignal>
#include <iostream>
#include <stdexcept>

#include "tests/cluster/world.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

constexpr int kFirstHost = 11, kFirstBroker = 21, kDatabase = 31, kReplica = 41, kMedia = 51;

}  // namespace

std::string Cluster::why_not(bool amqp, bool galera) {
    if (!World::why_not().empty()) return World::why_not();
    if (!Database::why_not(galera).empty()) return Database::why_not(galera);
    if (!amqp) return "";
    if (!Brokers::why_not().empty()) return Brokers::why_not();
    return shell(BGM_BINARY_DIR "/bgmd --check-config | grep -q '^\\[queue\\]'")
               ? ""
               : "this bgmd knows no queue.kind";
}

Cluster::Cluster(const Options& options) {
    const auto machine = [&](const std::string& name, int number, int disk_mib) -> const Machine& {
        return *machines_.emplace_back(std::make_unique<Machine>(name, number, disk_mib));
    };
    std::vector<const Machine*> databases{&machine("database", kDatabase, 512)};
    for (int node = 1; options.galera && node < 3; ++node)
        databases.push_back(&machine("database" + std::to_string(node + 1), kDatabase + node, 512));
    database_ =
        std::make_unique<Database>(databases, options.replica ? &machine("replica", kReplica, 512) : nullptr);
    std::vector<std::string> settings{"mysql.retry_max_ms=500",
                                      "matching.repeat_after_s=0",  // the same users come again and again
                                      "workers.program=" BGM_BINARY_DIR "/waiting-worker",
                                      "workers.text=" + std::to_string(options.workers),
                                      "workers.image=0",
                                      "workers.audio=0",
                                      "workers.video=0",
                                      "workers.restart_max_ms=500",
                                      "workers.silent_ms=4000"};
    if (options.amqp) {
        std::vector<const Machine*> nodes;
        for (std::size_t i = 0; i < options.brokers; ++i)
            nodes.push_back(
                &machine("broker" + std::to_string(i + 1), kFirstBroker + static_cast<int>(i), 256));
        brokers_ = std::make_unique<Brokers>(nodes);
        media_ = &machine("media", kMedia, 32);
        std::filesystem::create_directory(media_folder());
        std::filesystem::permissions(media_folder(), std::filesystem::perms::owner_all);
        settings.insert(settings.end(),
                        {"queue.media_folder=" + media_folder().string(), "queue.message_bytes_max=65536",
                         "queue.media_wait_s=2", "queue.kind=amqp",
                         "queue.endpoints=" + brokers_->endpoints(), "queue.user=" + brokers_->user(),
                         "queue.password_file=" + brokers_->password_file().string(), "queue.heartbeat_s=2"});
    }
    const std::vector<std::string> where = database_->settings();
    settings.insert(settings.end(), where.begin(), where.end());
    settings.insert(settings.end(), options.settings.begin(), options.settings.end());
    settings_ = std::move(settings);
    for (std::size_t i = 0; i < options.hosts; ++i)
        hosts_.push_back(another_host("host" + std::to_string(i + 1), kFirstHost + static_cast<int>(i)));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"db", "migrate"},
          {"catalogue", "import", std::string(BGM_SOURCE_DIR) + "/data/catalogue/starter.jsonl"}}) {
        if (const Host::Output output = host(0).bgmctl(words); output.exit_code != 0)
            throw std::runtime_error(output.text);
    }
    if (!heal()) throw std::runtime_error("the cluster does not start");
}

std::unique_ptr<Host> Cluster::another_host(const std::string& name, int number,
                                            const std::vector<std::string>& more) {
    // A twin's machine has a name of its own.
    machines_.push_back(std::make_unique<Machine>("m" + std::to_string(number), number, 256));
    std::vector<std::string> settings = settings_;
    if (brokers_) settings.push_back("queue.host_name=" + name);
    settings.insert(settings.end(), more.begin(), more.end());
    return std::make_unique<Host>(*machines_.back(), std::move(settings), database_->options().password);
}

Cluster::~Cluster() {
    for (const auto& host : hosts_)
        host->kill();
}

bool Cluster::all_ready() {
    bool all = true;
    for (const auto& host : hosts_)
        all = all && host->ready();
    return all;
}

void Cluster::mend() {
    for (const auto& machine : machines_) {
        machine->put_in();
        machine->shift_clock(0);
        machine->free_disk();
    }
    for (std::size_t node = 0; node < database_->nodes(); ++node) {
        database_->thaw(node);
        // A node of several may be on its way back to the others.
        if (!database_->answers(node) && (database_->nodes() == 1 || !database_->runs(node)))
            database_->restart(node);
    }
    for (std::size_t i = 0; brokers_ && i < brokers_->count(); ++i) {
        brokers_->thaw(i);
        if (!brokers_->runs(i)) brokers_->start(i);
    }
    for (const auto& host : hosts_) {
        host->signal(SIGCONT);
        if (!host->runs()) host->start();
    }
}

bool Cluster::heal() {
    const bool ready = eventually(
        [&] {
            mend();
            return all_ready();
        },
        std::chrono::seconds(120));
    if (!ready) std::cerr << last_words();
    return ready;
}

std::string Cluster::last_words() const {
    std::string all;
    for (const auto& host : hosts_)
        all += "--- " + host->machine().name() + ": " + host->http_get("/readyz") + "\n" +
               host->last_words() + "\n";
    for (std::size_t i = 0; brokers_ && i < brokers_->count(); ++i)
        all += "--- " + brokers_->machine(i).name() + ":\n" + brokers_->last_words(i) + "\n";
    if (brokers_) {
        all += hosts_[0]->bgmctl({"status", "--all"}).text;
        for (std::size_t i = 0; i < brokers_->count(); ++i) {
            const std::string queues = brokers_->ctl(i, {"list_queues", "name", "state", "leader", "online",
                                                         "messages_ready", "messages_unacknowledged"});
            if (queues.empty()) continue;
            all += queues;
            break;
        }
    }
    return all;
}

}  // namespace bgm::test
