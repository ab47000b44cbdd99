#include "ops/bench/end_to_end/processor_time.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bgm::bench {
namespace {

// Fields 14 and 15 of proc(5)'s stat. The second field is a name in parentheses, which may hold anything.
double seconds_in(const std::filesystem::path& stat) {
    std::ifstream file(stat);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string line_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

std::map<std::string, double> difference(std::map<std::string, double> after,
                                         const std::map<std::string, double>& before) {
    for (auto& [name, seconds] : after) {
        const auto found = before.find(name);
        if (found != before.end()) seconds -= found->second;
    }
    return after;
}

}  // namespace

ProcessorTime ProcessorTime::of_stack(const std::string& pids_file) {
    ProcessorTime spent;
    spent.processes_["client"] = seconds_in("/proc/self/stat");
    std::ifstream lines(pids_file);
    std::string name;
    std::string pid;
    while (lines >> name >> pid) {
        const std::filesystem::path process = std::filesystem::path("/proc") / pid;
        spent.processes_[name] += seconds_in(process / "stat");
        if (name != "bgmd") continue;
        std::error_code error;
        for (const auto& thread : std::filesystem::directory_iterator(process / "task", error)) {
            // The main thread has the name of the process.
            const bool main = thread.path().filename() == pid;
            spent.threads_[main ? "loop" : line_of(thread.path() / "comm")] +=
                seconds_in(thread.path() / "stat");
        }
    }
    return spent;
}

ProcessorTime ProcessorTime::since(const ProcessorTime& before) const {
    ProcessorTime spent;
    spent.processes_ = difference(processes_, before.processes_);
    spent.threads_ = difference(threads_, before.threads_);
    return spent;
}

double ProcessorTime::seconds(const std::string& prefix) const {
    double sum = 0;
    for (const auto& [name, seconds] : processes_)
        sum += name.starts_with(prefix) ? seconds : 0;
    return sum;
}

}  // namespace bgm::bench
