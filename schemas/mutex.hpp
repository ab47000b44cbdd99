// A mutex that clang knows as one: it proves at compile time that what BGM_GUARDED_BY(mutex) marks is touched
// under its lock only (-Wthread-safety, `make lint`). libstdc++'s own mutex has no such marks. No cost, and
// no marks with gcc.
#pragma once

#include <mutex>

#ifdef __clang__
#define BGM_THREAD_SAFETY(mark) __attribute__((mark))
#else
#define BGM_THREAD_SAFETY(mark)
#endif
/// A member that may be touched only by who holds `mutex`.
#define BGM_GUARDED_BY(mutex) BGM_THREAD_SAFETY(guarded_by(mutex))
/// A function that may be called only by who holds `mutex`.
#define BGM_REQUIRES(mutex) BGM_THREAD_SAFETY(requires_capability(mutex))

namespace bgm {

class BGM_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
    void lock() BGM_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
    void unlock() BGM_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
    std::mutex mutex_;
};

/// Holds a mutex until the end of the block, or until unlock(). A std::condition_variable_any waits with it;
/// the condition that it calls is a lambda with BGM_REQUIRES.
class BGM_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
    explicit MutexLock(Mutex& mutex) BGM_THREAD_SAFETY(acquire_capability(mutex)) : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() BGM_THREAD_SAFETY(release_capability()) {
        if (held_) mutex_.unlock();
    }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

    void lock() BGM_THREAD_SAFETY(acquire_capability()) {
        mutex_.lock();
        held_ = true;
    }
    void unlock() BGM_THREAD_SAFETY(release_capability()) {
        held_ = false;
        mutex_.unlock();
    }

 private:
    Mutex& mutex_;
    bool held_ = true;
};

}  // namespace bgm
