// How many threads the towers of this process compute with, and the settings of the environment that would
// slow them down unseen. Free of libtorch.
#pragma once

#include "workers/encoders/team.hpp"

namespace bgm {

/// For libtorch, oneDNN and OpenBLAS alike: all three share OpenMP's threads. 0 takes as many as there are
/// processors for this process. libtorch's own guess is not to be relied upon: on some virtual machines it
/// counts one core where there are more, and then lowers OpenMP's number for everybody. Gives the number.
int use_threads(int threads);

/// The threads of this process, as use_threads() left them; before that, as many as there are processors.
Team& team();

/// OPENBLAS_CORETYPE makes OpenBLAS run the kernels of another processor, mostly an older one, and a thread
/// of OpenMP that waits spins for many milliseconds where GOMP_SPINCOUNT does not say less. Both are read
/// when the libraries are loaded, before main(): where one is not as it should be, the program is started
/// again with it set right. To be called first in main(); bgmd starts its workers so. Stays silent where
/// starting again fails.
void settle_environment(char** arguments);

}  // namespace bgm
