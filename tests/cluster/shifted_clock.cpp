// Preloaded into the programs of a test's machine: the time of day is beside the true one by what a file
// says, nanoseconds as eight bytes. The file is mapped when the program starts, so it may change at any time.
// Clocks that only run forward are as they were.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

const std::int64_t* map_shift() {
    static constexpr std::int64_t kNone = 0;
    const char* name = std::getenv("BGM_SHIFTED_CLOCK");
    const int fd = name == nullptr ? -1 : ::open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return &kNone;
    void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    return mapped == MAP_FAILED ? &kNone : static_cast<const std::int64_t*>(mapped);
}

using Read = int (*)(clockid_t, timespec*);
Read read_clock = nullptr;
const volatile std::int64_t* shift = nullptr;

[[gnu::constructor]] void begin() {
    read_clock = reinterpret_cast<Read>(::dlsym(RTLD_NEXT, "clock_gettime"));
    shift = map_shift();
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (read_clock == nullptr) begin();  // asked by another library's constructor
    const int status = read_clock(clock, now);
    if (status != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return status;
    const std::int64_t all = now->tv_sec * kSecond_ns + now->tv_nsec + *shift;
    now->tv_sec = all / kSecond_ns;
    now->tv_nsec = all % kSecond_ns;
    return 0;
}

extern "C" int gettimeofday(timeval* now, void* /*zone*/) noexcept {
    timespec exact{};
    const int status = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return status;
}

extern "C" time_t time(time_t* now) noexcept {
    timespec exact{};
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now != nullptr) *now = exact.tv_sec;
    return exact.tv_sec;
}
