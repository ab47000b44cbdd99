#include "ops/lab/encoder-bench/beside.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <vector>

#include "ops/lab/encoder-bench/workloads.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/encoders/tower_opening.hpp"

namespace bgm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTurn{700};
// Quiet: the threads waited for a processor for no more than so much of the time that they ran. Others'
// programs are waited out by trying again.
constexpr double kQuiet = 0.03;
constexpr int kTriesOfTurn = 8;

// Spin, one on each processor from the last one down, until it goes out of scope.
class BusyProcesses {
 public:
    explicit BusyProcesses(int count) {
        for (int i = 0; i < count; ++i) {
            const pid_t child = fork();
            if (child == 0) spin(i);
            if (child > 0) children_.push_back(child);
        }
    }
    ~BusyProcesses() {
        for (const pid_t child : children_) {
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
        }
    }
    BusyProcesses(const BusyProcesses&) = delete;
    BusyProcesses& operator=(const BusyProcesses&) = delete;

 private:
    [[noreturn]] static void spin(int index) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const long processors = sysconf(_SC_NPROCESSORS_ONLN);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>((processors - 1 - index % processors)), &one);
        sched_setaffinity(0, sizeof one, &one);
        for (volatile unsigned turns = 0;;)
            turns = turns + 1;
    }

    std::vector<pid_t> children_;
};

// Of all threads of this process, in seconds.
struct ProcessorTime {
    double ran = 0;
    double waited = 0;  // could have run, and another did

    static ProcessorTime now() {
        ProcessorTime time;
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            double ran = 0;
            double waited = 0;
            std::ifstream(task.path() / "schedstat") >> ran >> waited;
            time.ran += ran / 1e9;
            time.waited += waited / 1e9;
        }
        return time;
    }
};

struct Measured {
    double images = 0;
    double seconds = 0;
    ProcessorTime processor;
    int turns = 0;

    bool quiet() const { return processor.waited <= kQuiet * processor.ran; }
    void add(const Measured& other) {
        images += other.images;
        seconds += other.seconds;
        processor.ran += other.processor.ran;
        processor.waited += other.processor.waited;
        ++turns;
    }
    double per_second() const { return images / seconds; }
    double per_processor_second() const { return images / processor.ran; }
};

struct Situation {
    const char* name;
    int threads;
    int busy;
};

constexpr std::array<Situation, 6> kSituations{{
    {"one thread alone", 1, 0},
    {"two threads on two free processors", 2, 0},
    {"one thread beside one busy", 1, 1},
    {"two threads beside one busy", 2, 1},
    {"one thread beside two busy", 1, 2},
    {"two threads beside two busy", 2, 2},
}};

Measured turn(const Situation& situation, std::int64_t batch, const Run& run) {
    use_threads(situation.threads);
    const BusyProcesses busy(situation.busy);
    run();
    Measured measured{.images = 0, .seconds = 0, .processor = {}, .turns = 1};
    const ProcessorTime before = ProcessorTime::now();
    const auto begin = Clock::now();
    while (Clock::now() - begin < kTurn) {
        run();
        measured.images += static_cast<double>(batch);
    }
    measured.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const ProcessorTime after = ProcessorTime::now();
    measured.processor = {.ran = after.ran - before.ran, .waited = after.waited - before.waited};
    return measured;
}

void print(const Situation& situation, const Measured& measured, const Measured& alone, int unquiet) {
    std::printf("  %-35s %6.1f images/s x%.2f, %.2f processors, %6.1f images by processor second x%.2f",
                situation.name, measured.per_second(), measured.per_second() / alone.per_second(),
                measured.processor.ran / measured.seconds, measured.per_processor_second(),
                measured.per_processor_second() / alone.per_processor_second());
    if (unquiet > 0) std::printf("  (%d of %d turns beside others)", unquiet, measured.turns);
    std::printf("\n");
}

}  // namespace

Status measure_beside(const std::filesystem::path& models, int turns) {
    const Arithmetic arithmetic{.precision = processor_has_bf16() ? Precision::bf16 : Precision::fp32};
    std::printf("images, oneDNN %s, turns of %lld ms\n", processor_has_bf16() ? "bf16" : "fp32",
                static_cast<long long>(kTurn.count()));
    for (const std::int64_t batch : {8, 1}) {
        const Workload workload = images(batch);
        std::map<int, Run> runs;  // by threads: code is compiled for a number of them
        for (const int threads : {1, 2}) {
            use_threads(threads);
            auto run = workload.load(models / workload.folder, arithmetic);
            if (!run) return run.error();
            runs[threads] = *run;
            (*run)();
        }
        std::array<Measured, kSituations.size()> sums{};
        std::array<int, kSituations.size()> unquiet{};
        for (int round = 0; round < turns; ++round) {
            for (std::size_t i = 0; i < kSituations.size(); ++i) {
                const Situation& situation = kSituations[i];
                Measured measured = turn(situation, batch, runs[situation.threads]);
                for (int tries = 1; situation.busy == 0 && !measured.quiet() && tries < kTriesOfTurn; ++tries)
                    measured = turn(situation, batch, runs[situation.threads]);
                const bool quiet = situation.busy > 0 || measured.quiet();
                // Turns beside others count as long as there is none without.
                if (!quiet && sums[i].turns > unquiet[i]) continue;
                if (quiet && unquiet[i] > 0) {
                    sums[i] = {};
                    unquiet[i] = 0;
                }
                if (!quiet) ++unquiet[i];
                sums[i].add(measured);
            }
        }
        std::printf("batch %lld\n", static_cast<long long>(batch));
        for (std::size_t i = 0; i < kSituations.size(); ++i)
            print(kSituations[i], sums[i], sums[0], unquiet[i]);
        std::fflush(stdout);
    }
    return ok_status();
}

}  // namespace bgm::bench
