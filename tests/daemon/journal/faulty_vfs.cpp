#include "tests/daemon/journal/faulty_vfs.hpp"

#include <sqlite3.h>

#include <mutex>
#include <new>
#include <stdexcept>

namespace bgm::testing {
namespace {

using Fault = FaultyVfs::Fault;

// One for the process, like SQLite's list of VFSs.
struct Plan {
    std::mutex mutex;
    std::int64_t operations = 0;
    std::int64_t failures = 0;
    std::int64_t first = 0;  // 0: nothing fails
    std::int64_t times = 0;
    bool syncs_only = false;
    Fault fault = Fault::io_error;

    void set(std::int64_t nth, std::int64_t count, bool syncs, Fault kind) {
        const std::lock_guard lock(mutex);
        operations = failures = 0;
        first = nth;
        times = count;
        syncs_only = syncs;
        fault = kind;
    }
};

Plan& plan() {
    static Plan the_plan;
    return the_plan;
}

enum class Kind { other, write, sync };

// SQLITE_OK, or how this operation fails.
int next(int error_code, Kind kind = Kind::other) {
    Plan& p = plan();
    const std::lock_guard lock(p.mutex);
    if (p.syncs_only && kind != Kind::sync) return SQLITE_OK;
    ++p.operations;
    if (p.first == 0 || p.operations < p.first || p.operations >= p.first + p.times) return SQLITE_OK;
    ++p.failures;
    return kind == Kind::write && p.fault == Fault::full ? SQLITE_FULL : error_code;
}

struct File {
    sqlite3_file base;
    sqlite3_file* real;  // behind this struct, in the same allocation
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real;
}

sqlite3_vfs* real(sqlite3_vfs* vfs) {
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}

int read_file(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
    if (const int code = next(SQLITE_IOERR_READ)) return code;
    return real(file)->pMethods->xRead(real(file), data, size, at);
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const int code = next(SQLITE_IOERR_WRITE, Kind::write);
    const int written =
        real(file)->pMethods->xWrite(real(file), data, code == SQLITE_OK ? size : size / 2, at);
    return code == SQLITE_OK ? written : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = next(SQLITE_IOERR_TRUNCATE)) return code;
    return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_file(sqlite3_file* /*file*/, int /*flags*/) {
    return next(SQLITE_IOERR_FSYNC, Kind::sync);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (const int code = next(SQLITE_IOERR_FSTAT)) return code;
    return real(file)->pMethods->xFileSize(real(file), size);
}

int lock_file(sqlite3_file* file, int level) {
    if (const int code = next(SQLITE_IOERR_LOCK)) return code;
    return real(file)->pMethods->xLock(real(file), level);
}

int unlock_file(sqlite3_file* file, int level) {
    const int code = next(SQLITE_IOERR_UNLOCK);
    const int unlocked = real(file)->pMethods->xUnlock(real(file), level);
    return code == SQLITE_OK ? unlocked : code;
}

int check_reserved_lock(sqlite3_file* file, int* held) {
    if (const int code = next(SQLITE_IOERR_CHECKRESERVEDLOCK)) return code;
    return real(file)->pMethods->xCheckReservedLock(real(file), held);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}

int device_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int map_shared(sqlite3_file* file, int page, int page_size, int extend, void volatile** memory) {
    if (const int code = next(SQLITE_IOERR_SHMMAP)) {
        *memory = nullptr;
        return code;
    }
    return real(file)->pMethods->xShmMap(real(file), page, page_size, extend, memory);
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    const int code = next(SQLITE_IOERR_SHMLOCK);
    if (code != SQLITE_OK && !unlocks) return code;
    const int done = real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    return code == SQLITE_OK ? done : code;
}

void barrier_shared(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}

int unmap_shared(sqlite3_file* file, int erase) {
    return real(file)->pMethods->xShmUnmap(real(file), erase);
}

// Version 2: with shared memory for the WAL, without memory mapping, which would go past us.
constexpr sqlite3_io_methods kMethods{.iVersion = 2,
                                      .xClose = close_file,
                                      .xRead = read_file,
                                      .xWrite = write_file,
                                      .xTruncate = truncate_file,
                                      .xSync = sync_file,
                                      .xFileSize = file_size,
                                      .xLock = lock_file,
                                      .xUnlock = unlock_file,
                                      .xCheckReservedLock = check_reserved_lock,
                                      .xFileControl = file_control,
                                      .xSectorSize = sector_size,
                                      .xDeviceCharacteristics = device_characteristics,
                                      .xShmMap = map_shared,
                                      .xShmLock = lock_shared,
                                      .xShmBarrier = barrier_shared,
                                      .xShmUnmap = unmap_shared,
                                      .xFetch = nullptr,
                                      .xUnfetch = nullptr};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
    file->pMethods = nullptr;  // then SQLite does not close what was not opened
    if (const int code = next(SQLITE_CANTOPEN)) return code;
    auto* const ours = reinterpret_cast<File*>(file);
    ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
    const int opened = real(vfs)->xOpen(real(vfs), name, ours->real, flags, flags_out);
    if (opened == SQLITE_OK) file->pMethods = &kMethods;
    return opened;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    if (const int code = next(SQLITE_IOERR_DELETE)) return code;
    return real(vfs)->xDelete(real(vfs), name, sync_folder);
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    if (const int code = next(SQLITE_IOERR_ACCESS)) return code;
    return real(vfs)->xAccess(real(vfs), name, flags, result);
}

int full_path(sqlite3_vfs* vfs, const char* name, int size, char* path) {
    if (const int code = next(SQLITE_CANTOPEN)) return code;
    return real(vfs)->xFullPathname(real(vfs), name, size, path);
}

sqlite3_vfs& ours() {
    static sqlite3_vfs vfs{};
    return vfs;
}

}  // namespace

FaultyVfs::FaultyVfs() {
    sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
    if (system == nullptr || system == &ours()) throw std::logic_error("one FaultyVfs at a time");
    sqlite3_vfs& vfs = ours();
    vfs = *system;
    vfs.zName = "faulty";
    vfs.pAppData = system;
    vfs.pNext = nullptr;
    vfs.szOsFile = static_cast<int>(sizeof(File)) + system->szOsFile;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_path;
    // What is left (time, randomness) needs nothing of the VFS that it is called on.
    heal();
    sqlite3_vfs_register(&vfs, /*makeDflt=*/1);
}

FaultyVfs::~FaultyVfs() {
    auto* const system = static_cast<sqlite3_vfs*>(ours().pAppData);
    sqlite3_vfs_unregister(&ours());
    sqlite3_vfs_register(system, /*makeDflt=*/1);
}

void FaultyVfs::fail(std::int64_t nth, std::int64_t times, Fault fault) {
    plan().set(nth, times, /*syncs=*/false, fault);
}

void FaultyVfs::fail_syncs(std::int64_t nth, std::int64_t times) {
    plan().set(nth, times, /*syncs=*/true, Fault::io_error);
}

void FaultyVfs::heal() {
    plan().set(0, 0, /*syncs=*/false, Fault::io_error);
}

std::int64_t FaultyVfs::operations() const {
    const std::lock_guard lock(plan().mutex);
    return plan().operations;
}

std::int64_t FaultyVfs::failures() const {
    const std::lock_guard lock(plan().mutex);
    return plan().failures;
}

}  // namespace bgm::testing
