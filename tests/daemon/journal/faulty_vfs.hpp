// SQLite's own VFS with faults: counts every operation on a file and fails those it is told to.
//
// It is SQLite's default VFS for as long as it lives, so that the code under test opens its files through it
// unawares; connections must be closed before it goes. An operation that fails does half of its work or none,
// as a disk would: half of a write is on the file. Unlocking always succeeds on the file, since a kernel
// never keeps a lock that was given up. Nothing is synced, because no test cuts the power: a walk over
// thousands of faults would otherwise wait for the disk most of the time. Thread-safe.
#pragma once

#include <cstdint>

namespace bgm::testing {

class FaultyVfs {
 public:
    enum class Fault {
        io_error,  // SQLITE_IOERR with the operation's own extended code
        full       // SQLITE_FULL, of writes; other operations fail as with io_error
    };

    FaultyVfs();
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    /// Counts anew, and fails `times` operations from the `nth` on (the first is 1). Then the disk is well.
    void fail(std::int64_t nth, std::int64_t times, Fault fault = Fault::io_error);
    /// The same, of syncs alone.
    void fail_syncs(std::int64_t nth, std::int64_t times);
    void heal();

    /// Since the last fail() or heal().
    std::int64_t operations() const;
    std::int64_t failures() const;
};

}  // namespace bgm::testing
