// A worker that does what a taken-over decoder would: its text encoder obeys the text. Images are the builtin
// encoder's, so that a post has something to be picked by.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <vector>

#include "tests/workers/process/around_encoder.hpp"
#include "tests/workers/sandbox/rogue_deeds.hpp"

namespace {

using namespace bgm::testing;  // the deeds that the gateway and the worker are both tried with

void connect_out() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(9);
    connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    if (fd >= 0) _exit(kEscaped);
}

void write_outside() {
    const char* file = std::getenv("BGM_ROGUE_FILE");
    if (open(file != nullptr ? file : "/tmp/bgm-rogue", O_WRONLY | O_CREAT, 0600) >= 0) _exit(kEscaped);
}

void delete_a_file() {
    const char* file = std::getenv("BGM_ROGUE_FILE");
    if (unlink(file != nullptr ? file : "/tmp/bgm-rogue") == 0) _exit(kEscaped);
}

void kill_a_thread_of_the_daemon() {
    if (syscall(SYS_tgkill, getppid(), getppid(), 0) == 0) _exit(kEscaped);
}

// A descriptor that becomes ready sends its owner a signal, whichever one was chosen.
void have_the_daemon_killed() {
    if (fcntl(STDIN_FILENO, F_SETOWN, getppid()) == 0 || fcntl(STDIN_FILENO, F_SETSIG, SIGKILL) == 0)
        _exit(kEscaped);
}

void slow_the_daemon_down() {
    cpu_set_t one{};
    CPU_SET(0, &one);
    if (sched_setaffinity(getppid(), sizeof one, &one) == 0) _exit(kEscaped);
}

void take_all_memory() {
    if (mmap(nullptr, std::size_t{64} << 30U, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
        _exit(kEscaped);
}

void take_all_descriptors() {
    constexpr std::size_t kFarTooMany = 500;
    std::vector<int> taken;
    while (taken.size() < kFarTooMany) {
        const int copy = dup(STDERR_FILENO);
        if (copy < 0) break;
        taken.push_back(copy);
    }
    if (taken.size() == kFarTooMany) _exit(kEscaped);
    for (const int copy : taken)
        close(copy);
}

// Sockets that were open when the program began: whoever started it forgot them, and the other end trusts
// them.
std::vector<int> inherited_sockets() {
    std::vector<int> found;
    for (int fd = 0; fd < static_cast<int>(sysconf(_SC_OPEN_MAX)); ++fd) {
        struct stat info {};
        if (fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)) found.push_back(fd);
    }
    return found;
}
const std::vector<int> kInherited = inherited_sockets();

void speak_as_the_daemon() {
    if (!kInherited.empty()) _exit(kEscaped);
}

void compute_for_ever() {
    std::atomic<unsigned> number = 0;
    while (true)
        ++number;
}

const std::map<std::string_view, void (*)()> kDeeds{
    {"compute for ever", compute_for_ever},
    {"connect", connect_out},
    {"connect locally", make_a_local_socket},
    {"open", open_a_file},
    {"write", write_outside},
    {"fork", fork_away},
    {"exec", run_a_program},
    {"unlink", delete_a_file},
    {"kill", kill_the_daemon},
    {"kill a thread", kill_a_thread_of_the_daemon},
    {"kill by a descriptor", have_the_daemon_killed},
    {"slow down", slow_the_daemon_down},
    {"take memory", take_all_memory},
    {"take descriptors", take_all_descriptors},
    {"speak as the daemon", speak_as_the_daemon},
    {"ptrace", trace_the_daemon},
    {"make code", make_code},
};

class ObedientEncoder final : public bgm::test::AroundEncoder {
 public:
    using AroundEncoder::AroundEncoder;
    std::vector<bgm::EncodeResult> encode(std::span<const bgm::EncodeTask> tasks) override {
        for (const bgm::EncodeTask& task : tasks) {
            if (const auto deed = kDeeds.find(task.text); deed != kDeeds.end()) deed->second();
        }
        return AroundEncoder::encode(tasks);
    }
};

}  // namespace

int main(int argc, char** argv) {
    return bgm::test::run_worker(argc, argv, "a worker gone bad",
                                 [](std::unique_ptr<bgm::Encoder> honest) -> std::unique_ptr<bgm::Encoder> {
                                     if (honest->modality() != bgm::Modality::text) return honest;
                                     return std::make_unique<ObedientEncoder>(std::move(honest));
                                 });
}
