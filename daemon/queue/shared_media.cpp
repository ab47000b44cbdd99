#include "daemon/queue/shared_media.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "schemas/hex.hpp"
#include "schemas/random_bytes.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

// A probe that takes longer: the file system hangs.
constexpr std::chrono::seconds kProbePatience{15};
constexpr std::chrono::seconds kSweepPeriodMost{600};

}  // namespace

Result<std::unique_ptr<SharedMedia>> SharedMedia::open(Options options) {
    if (Status fine = MediaFolder(options.folder).check(); !fine) return fine.error();
    std::unique_ptr<SharedMedia> media(new SharedMedia(std::move(options)));
    media->probe();
    SharedMedia& own = *media;
    const auto serve = [&own](const char* name, Work& work) {
        own.threads_.emplace_back([name, &work](const std::stop_token& stop) {
            name_this_thread(name);
            while (!stop.stop_requested()) {
                const auto next = work.next(stop, Clock::now() + std::chrono::hours(1));
                if (next && !stop.stop_requested()) (*next)(stop);
            }
        });
    };
    serve("media-write", own.writes_);
    serve("media-read", own.reads_);
    serve("media-erase", own.erasures_);
    own.threads_.emplace_back([&own](const std::stop_token& stop) { own.look_after(stop); });
    return media;
}

SharedMedia::SharedMedia(Options options)
    : options_(std::move(options)), folder_(options_.folder), own_name_(hex(random_bytes(8))) {}

SharedMedia::~SharedMedia() {
    for (std::jthread& thread : threads_)
        thread.request_stop();
    threads_.clear();
}

void SharedMedia::write(std::vector<std::string> names, std::shared_ptr<const Frames> frames, OnDone done) {
    std::size_t bytes = 0;
    for (const Frame& frame : *frames)
        bytes += frame.size();
    if (waiting_bytes_.fetch_add(bytes) + bytes > options_.waiting_bytes_max) {
        waiting_bytes_.fetch_sub(bytes);
        return done(Error{.code = ErrorCode::resource_exhausted,
                          .message = "too much is on its way to queue.media_folder"});
    }
    writes_.push([this, names = std::move(names), frames = std::move(frames), bytes,
                  done = std::move(done)](const std::stop_token&) {
        Status written = ok_status();
        for (std::size_t i = 0; written && i < names.size(); ++i)
            written = folder_.write(names[i], (*frames)[i].view());
        if (!written) (void)folder_.erase(names);
        {
            const MutexLock lock(mutex_);
            (written ? counts_.written : counts_.failed) += names.size();
        }
        waiting_bytes_.fetch_sub(bytes);
        done(written);
    });
}

void SharedMedia::keep(std::vector<std::string> names, OnDone done) {
    writes_.push([this, names = std::move(names), done = std::move(done)](const std::stop_token&) {
        done(folder_.keep(names));
    });
}

void SharedMedia::read(std::vector<NamedMedia> media, OnRead done) {
    reads_.push([this, media = std::move(media), done = std::move(done)](const std::stop_token& stop) {
        done(read_now(media, stop));
    });
}

Result<Frames> SharedMedia::read_now(const std::vector<NamedMedia>& media, const std::stop_token& stop) {
    std::size_t bytes = 0;
    for (const NamedMedia& each : media)
        bytes += each.bytes;
    {
        Room& room = *room_;
        MutexLock lock(room.mutex);
        room.left.wait(lock, stop, [&room, bytes, this]() BGM_REQUIRES(room.mutex) {
            return room.bytes == 0 || room.bytes + bytes <= options_.read_bytes_max;
        });
        room.bytes += bytes;
    }
    const std::shared_ptr<void> permit(nullptr, [room = room_, bytes](void*) {
        const MutexLock lock(room->mutex);
        room->bytes -= bytes;
        room->left.notify_all();
    });
    Frames frames;
    for (std::size_t i = 0; i < media.size(); ++i) {
        auto read = folder_.read(media[i]);
        if (read) {
            auto held = std::make_shared<Frame>(std::move(*read));
            const std::string_view view = held->view();
            frames.emplace_back(std::as_bytes(std::span(view)),
                                [held, room = permit]() mutable { held.reset(), room.reset(); });
            continue;
        }
        Error error = read.error();
        // Where the folder does not answer, nothing is known of the file.
        if (error.code != ErrorCode::corrupt) {
            const auto probed = folder_.probe(own_name_ + ".read");
            if (!probed && probed.error().code != ErrorCode::resource_exhausted) {
                const MutexLock lock(mutex_);
                ++counts_.away;
                return probed.error();
            }
            error.code = ErrorCode::not_found;
        }
        error.field = std::to_string(i);
        const MutexLock lock(mutex_);
        ++(error.code == ErrorCode::corrupt ? counts_.changed : counts_.missing);
        return error;
    }
    const MutexLock lock(mutex_);
    counts_.read += media.size();
    return frames;
}

void SharedMedia::erase(std::vector<std::string> names, std::function<void()> done) {
    erasures_.push([this, names = std::move(names), done = std::move(done)](const std::stop_token& stop) {
        Status erased = names.empty() ? ok_status() : folder_.erase(names);
        if (!erased)
            log_error("shared media cannot be erased; it is tried again",
                      {{"error", erased.error().to_string()}});
        while (!erased) {
            pause(stop, options_.again);
            if (stop.stop_requested()) return;
            erased = folder_.erase(names);
        }
        {
            const MutexLock lock(mutex_);
            counts_.erased += names.size();
        }
        done();
    });
}

void SharedMedia::pause(const std::stop_token& stop, std::chrono::milliseconds time) {
    MutexLock lock(mutex_);
    paused_.wait_for(lock, stop, time, [] { return false; });
}

void SharedMedia::look_after(const std::stop_token& stop) {
    name_this_thread("media-probe");
    const auto sweep_period = std::clamp(options_.unkept / 4, std::chrono::seconds(1), kSweepPeriodMost);
    Clock::time_point sweep_at = Clock::now();
    while (!stop.stop_requested()) {
        const auto now = probe();
        if (now && Clock::now() >= sweep_at) {
            sweep(*now);
            sweep_at = Clock::now() + sweep_period;
        }
        pause(stop, std::min<std::chrono::milliseconds>(options_.probe_period, sweep_period));
    }
}

std::optional<std::chrono::seconds> SharedMedia::probe() {
    {
        const MutexLock lock(mutex_);
        asked_ = Clock::now();
    }
    const auto probed = folder_.probe(own_name_);
    std::string trouble = probed ? std::string() : probed.error().message;
    {
        const MutexLock lock(mutex_);
        asked_.reset();
        std::swap(trouble_, trouble);
        if (trouble_ == trouble) return probed ? std::optional(*probed) : std::nullopt;
    }
    if (probed) {
        log_info("queue.media_folder can be written again");
        return *probed;
    }
    log_error("queue.media_folder cannot be written", {{"error", probed.error().to_string()}});
    return std::nullopt;
}

void SharedMedia::sweep(std::chrono::seconds now) {
    const auto swept = folder_.sweep(now - options_.unkept);
    if (!swept) return log_warn("queue.media_folder cannot be swept", {{"error", swept.error().to_string()}});
    if (swept->removed > 0)
        log_info("media of posts that nobody was promised is swept",
                 {{"files", std::to_string(swept->removed)}});
    const MutexLock lock(mutex_);
    counts_.swept += swept->removed;
    counts_.bytes = swept->left_bytes;
}

std::string SharedMedia::trouble() const {
    const MutexLock lock(mutex_);
    if (asked_ && Clock::now() > *asked_ + kProbePatience) return "does not answer";
    return trouble_;
}

SharedMediaCounts SharedMedia::counts() const {
    const bool available = trouble().empty();
    const MutexLock lock(mutex_);
    SharedMediaCounts counts = counts_;
    counts.available = available;
    return counts;
}

}  // namespace bgm
