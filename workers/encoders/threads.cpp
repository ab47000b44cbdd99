#include "workers/encoders/threads.hpp"

#include <ATen/Parallel.h>
#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

namespace bgm {
namespace {

// Never destroyed at the end of the process: somebody may have forked it, and has the object without threads.
std::unique_ptr<Team>& team_of_process() {
    static auto* team = new std::unique_ptr<Team>;
    return *team;
}

}  // namespace

int use_threads(int threads) {
    const int count = threads > 0 ? threads : omp_get_num_procs();
    at::set_num_threads(count);
    auto& team = team_of_process();
    if (!team || team->threads() != static_cast<std::size_t>(count))
        team = std::make_unique<Team>(static_cast<std::size_t>(count));
    return count;
}

Team& team() {
    if (!team_of_process()) use_threads(0);
    return *team_of_process();
}

void settle_environment(char** arguments) {
    static constexpr const char* kKernels = "OPENBLAS_CORETYPE";
    static constexpr const char* kSpins = "GOMP_SPINCOUNT";
    if (getenv(kKernels) == nullptr && getenv(kSpins) != nullptr) return;
    // A tenth of a millisecond: the ends of a step that was shared out evenly are nearer than that.
    if (unsetenv(kKernels) != 0 || setenv(kSpins, "2000", 0) != 0) return;
    execv("/proc/self/exe", arguments);
}

}  // namespace bgm
