// How many threads the towers of this process compute with, and the one inherited setting that would slow
// them down unseen. Free of libtorch.
#pragma once

namespace bgm {

/// For libtorch, oneDNN and OpenBLAS alike: all three share OpenMP's threads. 0 takes as many as there are
/// processors for this process. libtorch's own guess is not to be relied upon: on some virtual machines it
/// counts one core where there are more, and then lowers OpenMP's number for everybody. Gives the number.
int use_threads(int threads);

/// OPENBLAS_CORETYPE makes OpenBLAS run the kernels of another processor, mostly an older one. It is read
/// when the library is loaded, before main(): where it is set, the program is started again without it. To be
/// called first in main(); bgmd starts its workers without it. Stays silent where starting again fails.
void leave_inherited_kernels(char** arguments);

}  // namespace bgm
