// A machine of a test: a network namespace at the end of a wire to the hub, and a small disk of its own.
// What is started on it sees only its addresses. For the test's main thread; failures are exceptions.
//
// Machines have the addresses 10.91.0.NUMBER; the test itself is 10.91.0.1 and reaches them all.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bgm::test {

/// A process with all that it starts in its group. Ends with the object.
class Program {
 public:
    Program() = default;
    explicit Program(pid_t pid) : pid_(pid) {}
    ~Program() { kill(); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    Program(Program&& other) noexcept;
    Program& operator=(Program&& other) noexcept;

    bool runs();
    pid_t pid() const { return pid_; }
    /// To the whole group.
    void signal(int number) const;
    /// kill -9, and waits.
    void kill();
    /// SIGTERM, and waits; the exit status (128 + signal), -1 where it had to be killed after the time.
    int stop(std::chrono::seconds within = std::chrono::seconds(40));

 private:
    pid_t pid_ = 0;
    int status_ = 0;
};

class Machine {
 public:
    /// `name`: at most 12 letters and digits.
    Machine(std::string name, int number, int disk_mib = 512);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const std::string& name() const { return name_; }
    const std::string& address() const { return address_; }
    /// Its disk.
    const std::filesystem::path& disk() const { return disk_; }

    /// Starts a program on it, with "NAME=VALUE" added to the environment; what it says goes to
    /// disk()/../NAME.LOG.
    Program start(const std::string& log, const std::vector<std::string>& words,
                  const std::vector<std::string>& environment = {}) const;
    /// The file that such a program writes to.
    std::filesystem::path log(const std::string& name) const;
    /// Runs a command on it and returns its output; `exit_code`, where wanted.
    std::string ask(const std::vector<std::string>& words, const std::vector<std::string>& environment = {},
                    int* exit_code = nullptr) const;
    /// Calls this with the calling thread on the machine: what it starts has its network, its clock and its
    /// disk for temporary files.
    void on_it(const std::function<void()>& call) const;

    void pull_out() const;
    void put_in() const;
    /// No more than so many MiB are free on its disk, from now until free_disk().
    void fill_disk(int free_mib = 0) const;
    void free_disk() const;

    /// The clock of what is started on it from now on, and was: seconds beside the true one.
    void shift_clock(double seconds) const;
    /// "NAME=VALUE", for programs that inherit nothing.
    std::vector<std::string> clock_environment() const;

 private:
    std::vector<std::string> with_clock(const std::vector<std::string>& environment) const;

    std::string name_, address_;
    std::filesystem::path disk_, clock_;
    int network_ = -1;
};

/// Whether somebody takes connections there.
bool listens(const std::string& address, int port);

}  // namespace bgm::test
