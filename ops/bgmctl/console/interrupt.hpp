// Ctrl-C, SIGTERM and SIGHUP as a question that a loop can ask, so that it ends between two steps and not
// inside one.
#pragma once

namespace bgm {

/// From now on SIGINT, SIGTERM and SIGHUP only set a mark and cut waits short; a second one ends the program
/// at once.
void watch_for_interrupts();

bool interrupted();

}  // namespace bgm
