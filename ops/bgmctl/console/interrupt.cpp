#include "ops/bgmctl/console/interrupt.hpp"

#include <csignal>

namespace bgm {
namespace {

// A signal handler has no other place to leave a mark.
volatile std::sig_atomic_t signal_seen = 0;

void mark(int) {
    signal_seen = 1;
}

}  // namespace

void watch_for_interrupts() {
    struct sigaction action {};
    action.sa_handler = mark;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART: a poll that waits must return
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // A terminal that is closed; under nohup it stays ignored.
    struct sigaction before {};
    if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() {
    return signal_seen != 0;
}

}  // namespace bgm
