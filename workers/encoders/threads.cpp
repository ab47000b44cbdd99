#include "workers/encoders/threads.hpp"

#include <ATen/Parallel.h>
#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

namespace bgm {

int use_threads(int threads) {
    const int count = threads > 0 ? threads : omp_get_num_procs();
    at::set_num_threads(count);
    return count;
}

void leave_inherited_kernels(char** arguments) {
    static constexpr const char* kSetting = "OPENBLAS_CORETYPE";
    if (getenv(kSetting) == nullptr || unsetenv(kSetting) != 0) return;
    execv("/proc/self/exe", arguments);
}

}  // namespace bgm
