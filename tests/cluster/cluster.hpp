// Several bgmd that share their work, as a platform would run them: each host, each broker and the database
// on a machine of its own. For the test's main thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/brokers.hpp"
#include "tests/cluster/database.hpp"
#include "tests/cluster/host.hpp"

namespace bgm::test {

class Cluster {
 public:
    struct Options {
        bool amqp = true;      // else one host with a journal of its own
        bool galera = false;   // three nodes of it, else one MariaDB
        bool replica = false;  // of the one, read-only
        std::size_t hosts = 3;
        std::size_t brokers = 3;
        std::size_t workers = 1;              // text workers on each host
        std::vector<std::string> settings{};  // of every host, "key=value"
    };

    /// Empty where such a cluster can be made, else the sentence to skip with.
    static std::string why_not(bool amqp, bool galera = false);

    explicit Cluster(const Options& options);
    ~Cluster();

    Database& database() { return *database_; }
    Brokers& brokers() { return *brokers_; }
    /// Whose disk the folder for large media is on, which all hosts of a shared queue see.
    const Machine& media() const { return *media_; }
    std::filesystem::path media_folder() const { return media_->disk() / "media"; }
    std::size_t host_count() const { return hosts_.size(); }
    Host& host(std::size_t number) { return *hosts_[number]; }

    /// One more, on a machine that is its own; not started. With the settings of the others, and these.
    std::unique_ptr<Host> another_host(const std::string& name, int number,
                                       const std::vector<std::string>& more = {});

    /// Puts in every wire, frees every disk, sets every clock, wakes what is stopped and starts what does not
    /// run, as a service manager would. Waits for nothing but the database.
    void mend();
    /// The same until every host is ready; false, and what is not is said, where that takes too long.
    bool heal();
    bool all_ready();
    /// What hosts and brokers said last, for a failure's message.
    std::string last_words() const;

 private:
    std::vector<std::unique_ptr<Machine>> machines_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Brokers> brokers_;
    const Machine* media_ = nullptr;
    std::vector<std::string> settings_;
    std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace bgm::test
