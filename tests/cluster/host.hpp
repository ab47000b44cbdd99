// One bgmd on a machine of its own, with its workers. For the test's main thread.
#pragma once

#include <string>
#include <vector>

#include "tests/cluster/machine.hpp"

namespace bgm::test {

class Host {
 public:
    /// `settings`: "key=value", as for --set; `mysql_password` for the environment.
    Host(const Machine& machine, std::vector<std::string> settings, std::string mysql_password);

    const Machine& machine() const { return machine_; }
    std::string posts() const { return at(5555); }
    std::string events() const { return at(5557); }

    /// Adds to the settings that it starts with from now on.
    void set(const std::string& setting) { settings_.push_back(setting); }
    void start();
    bool runs() { return program_.runs(); }
    void kill() { program_.kill(); }
    int stop() { return program_.stop(); }
    void signal(int number) const { program_.signal(number); }
    pid_t pid() const { return program_.pid(); }
    /// Whether /readyz says so.
    bool ready() const { return http_get("/readyz").starts_with("200"); }

    /// "200" and the body; empty where nobody answers.
    std::string http_get(const std::string& path) const;
    /// The sum of a metric over its labels; 0 where there is none.
    double metric(const std::string& name) const;

    struct Output {
        int exit_code = -1;
        std::string text;
    };
    Output bgmctl(const std::vector<std::string>& words) const;
    /// What it said, the last 2000 bytes.
    std::string last_words() const;
    /// How many lines of what it has ever said contain this.
    std::size_t times_said(const std::string& words) const;

 private:
    std::string at(int port) const { return "tcp://" + machine_.address() + ":" + std::to_string(port); }

    const Machine& machine_;
    std::vector<std::string> settings_;
    std::string mysql_password_;
    Program program_;
};

}  // namespace bgm::test
