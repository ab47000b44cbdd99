// What the processes of a stack have spent of the processor so far, user and system time together.
//
// Read from /proc, a file for each process and, for bgmd, one for each of its threads, which are told apart
// by their names. The kernel counts in hundredths of a second.
#pragma once

#include <map>
#include <string>

namespace bgm::bench {

class ProcessorTime {
 public:
    /// `pids_file`: lines of "name pid", as ops/sandbox writes them. Beside these: "client", this process.
    static ProcessorTime of_stack(const std::string& pids_file);

    /// What was spent since `before`.
    ProcessorTime since(const ProcessorTime& before) const;

    /// Seconds of all processes whose name begins so; 0 where there is none.
    double seconds(const std::string& prefix) const;
    /// Of bgmd's threads, by name. Those that have ended are not among them.
    const std::map<std::string, double>& threads() const { return threads_; }

 private:
    std::map<std::string, double> processes_;
    std::map<std::string, double> threads_;
};

}  // namespace bgm::bench
