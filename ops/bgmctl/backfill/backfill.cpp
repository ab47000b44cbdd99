#include "ops/bgmctl/backfill/backfill.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <thread>

#include "ops/bgmctl/backfill/backfill_line.hpp"
#include "ops/bgmctl/backfill/backfill_window.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/client/posts_client.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kBetweenCheckpoints{1};
constexpr milliseconds kWaitMax{100};
// An ack takes milliseconds. A post without one for so long was lost between the sockets.
constexpr std::chrono::seconds kOverdueAfter{20};

/// Lets so many posts a second go, in bursts of at most a tenth of a second.
class RateLimit {
 public:
    explicit RateLimit(double posts_per_s) : posts_per_s_(posts_per_s) {}

    bool take(Clock::time_point now) {
        if (posts_per_s_ <= 0) return true;
        const double burst = std::max(1.0, posts_per_s_ / 10);
        credit_ =
            std::min(burst, credit_ + std::chrono::duration<double>(now - last_).count() * posts_per_s_);
        last_ = now;
        if (credit_ < 1) return false;
        credit_ -= 1;
        return true;
    }
    milliseconds until_next() const {
        if (posts_per_s_ <= 0 || credit_ >= 1) return milliseconds(0);
        return milliseconds(static_cast<std::int64_t>(std::ceil((1 - credit_) / posts_per_s_ * 1000)));
    }

 private:
    double posts_per_s_;
    double credit_ = 1;
    Clock::time_point last_ = Clock::now();
};

class Run {
 public:
    Run(BgmctlContext& context, const BackfillOptions& options, NdjsonReader reader, RejectedList rejected,
        PostsClient posts, const BackfillCheckpoint& from)
        : options_(options),
          reader_(std::move(reader)),
          rejected_(std::move(rejected)),
          posts_(std::move(posts)),
          totals_(from),
          rate_(options.posts_per_s_max),
          progress_(*context.err, context.stderr_is_terminal && !context.json()) {
        totals_.complete = false;
        totals_.head_hash = reader_.file().head_hash();
        lines_before_ = totals_.lines_done;
    }

    Result<BackfillReport> finish() {
        std::optional<Error> failure;
        while (!failure && !interrupted() && !(at_end_ && window_.empty())) {
            if (auto done = step(); !done) failure = done.error();
        }
        if (!failure && read_failure_ && window_.empty()) failure = read_failure_;
        totals_.complete = !failure && at_end_ && window_.empty();
        progress_.clear();
        // Whatever ended it: what is settled is recorded.
        if (auto written = write_progress(); !written && !failure) failure = written.error();
        if (failure) return *failure;
        return BackfillReport{
            .totals = totals_,
            .lines_this_run = totals_.lines_done - lines_before_,
            .seconds = seconds_so_far(),
            .interrupted = !totals_.complete,
            .ignored_bytes = reader_.file().ignored_bytes(),
            .rejected_path = rejected_.bytes() > 0 ? options_.path + ".rejected.ndjson" : ""};
    }

 private:
    double seconds_so_far() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

    Status step() {
        const auto now = Clock::now();
        if (auto filled = fill(); !filled) return filled;
        if (auto sent = send(now); !sent) return sent;
        if (auto received = receive(); !received) return received;
        while (auto entry = window_.take_settled()) {
            if (auto recorded = record(*entry); !recorded) return recorded;
        }
        if (Clock::now() - written_at_ >= kBetweenCheckpoints) {
            if (auto written = write_progress(); !written) return written;
        }
        if (progress_.due()) progress_.draw(progress_text());
        return ok_status();
    }

    /// Reads lines until the window is full.
    Status fill() {
        while (!at_end_ && window_.size() < options_.window && window_.bytes() < options_.window_bytes_max) {
            auto line = reader_.next();
            if (!line) {  // what was read before the damage is sent all the same
                read_failure_ = line.error();
                at_end_ = true;
                return ok_status();
            }
            if (!*line) {
                at_end_ = true;
                break;
            }
            auto post = read_backfill_line(**line, options_.tenant);
            if (post) {
                window_.add((*line)->number, (*line)->end_offset, std::move(post->post_id),
                            std::move(post->encoded));
            } else {
                window_.add_rejected((*line)->number, (*line)->end_offset,
                                     {.line_number = (*line)->number,
                                      .post_id = "",
                                      .code = std::string(name(post.error().code)),
                                      .field = post.error().field,
                                      .message = post.error().message});
            }
        }
        return ok_status();
    }

    Status send(Clock::time_point now) {
        if (const std::uint64_t lost = posts_.connections_lost(); lost != connections_lost_) {
            connections_lost_ = lost;
            window_.send_all_again();
        }
        window_.send_overdue_again(now, kOverdueAfter);
        if (now < pause_until_) return ok_status();
        std::optional<Error> failure;
        window_.send_waiting(now, [&](const BackfillWindow::Entry& entry) {
            if (!rate_.take(now)) return false;
            auto sent = posts_.send(WireFormat::protobuf, entry.encoded);
            if (!sent && sent.error().code != ErrorCode::resource_exhausted) failure = sent.error();
            return sent.ok();
        });
        if (failure) return *failure;
        return ok_status();
    }

    milliseconds wait_time() const {
        if (window_.on_their_way() > 0 || window_.empty()) {
            return window_.empty() ? milliseconds(0) : kWaitMax;
        }
        const auto pause = std::chrono::duration_cast<milliseconds>(pause_until_ - Clock::now());
        return std::clamp(std::max(pause, rate_.until_next()), milliseconds(1), kWaitMax);
    }

    /// Takes in every ack that is there, waiting for the first.
    Status receive() {
        const bool waiting_for_answers = window_.on_their_way() > 0;
        auto wait = wait_time();
        // With a rate there is more to send before the next ack.
        if (options_.posts_per_s_max > 0)
            wait = std::min(wait, std::max(milliseconds(1), rate_.until_next()));
        while (true) {
            auto ack = posts_.receive(wait);
            if (!ack) return ack.error();
            if (!*ack) break;
            wait = milliseconds(0);
            heard_at_ = Clock::now();
            window_.settle(**ack);
            if ((*ack)->status == PostAck::Status::busy) {
                ++busy_;
                pause_until_ = Clock::now() + milliseconds(std::clamp((*ack)->retry_after_ms, 1U, 60'000U));
            }
        }
        if (!waiting_for_answers) {
            heard_at_ = Clock::now();
        } else if (Clock::now() - heard_at_ > options_.patience) {
            return Error{
                ErrorCode::unavailable,
                "the daemon has not answered for " + std::to_string(options_.patience.count()) + " s", ""};
        }
        return ok_status();
    }

    Status record(const BackfillWindow::Entry& entry) {
        totals_.lines_done = entry.line_number;
        totals_.offset = entry.end_offset;
        switch (*entry.outcome) {
            case BackfillWindow::Outcome::accepted:
                ++totals_.accepted;
                break;
            case BackfillWindow::Outcome::duplicate:
                ++totals_.duplicate;
                break;
            case BackfillWindow::Outcome::rejected:
                ++totals_.rejected;
                return rejected_.add(entry.rejection);
        }
        return ok_status();
    }

    Status write_progress() {
        written_at_ = Clock::now();
        if (auto synced = rejected_.sync(); !synced) return synced;
        totals_.rejected_bytes = rejected_.bytes();
        return write_checkpoint(options_.path + ".progress", totals_);
    }

    std::string progress_text() const {
        const InputFile& file = reader_.file();
        const double share = file.bytes_on_disk() > 0 ? static_cast<double>(file.bytes_taken()) /
                                                            static_cast<double>(file.bytes_on_disk())
                                                      : 1;
        const double seconds = seconds_so_far();
        const auto lines = static_cast<double>(totals_.lines_done - lines_before_);
        const double rate = seconds > 0 ? lines / seconds : 0;
        const double share_this_run = share - share_at_start_;
        std::string text = bar(share, 20) + ' ' + percent_text(share) + "  " + grouped(totals_.lines_done) +
                           " lines  " + grouped(static_cast<std::uint64_t>(rate)) + "/s";
        if (share_this_run > 0 && seconds > 1) {
            text += "  " + duration_text(seconds * (1 - share) / share_this_run) + " left";
        }
        text += "  " + grouped(totals_.accepted) + " accepted, " + grouped(totals_.duplicate) +
                " duplicate, " + grouped(totals_.rejected) + " rejected";
        if (busy_ > 0) text += ", busy " + grouped(busy_) + " times";
        return text;
    }

    const BackfillOptions& options_;
    NdjsonReader reader_;
    RejectedList rejected_;
    PostsClient posts_;
    BackfillWindow window_;
    BackfillCheckpoint totals_;
    RateLimit rate_;
    ProgressLine progress_;
    bool at_end_ = false;
    std::optional<Error> read_failure_;  // why the file cannot be read to its end
    std::uint64_t lines_before_ = 0;
    std::uint64_t connections_lost_ = 0;
    std::uint64_t busy_ = 0;
    Clock::time_point started_ = Clock::now();
    double share_at_start_ = reader_.file().bytes_on_disk() > 0
                                 ? static_cast<double>(reader_.file().bytes_taken()) /
                                       static_cast<double>(reader_.file().bytes_on_disk())
                                 : 0;
    Clock::time_point written_at_ = Clock::now();
    Clock::time_point heard_at_ = Clock::now();
    Clock::time_point pause_until_{};
};

/// Where to begin; says on `err` what was decided where that is not plain.
Result<BackfillCheckpoint> starting_point(BgmctlContext& context, const BackfillOptions& options) {
    const std::string path = options.path + ".progress";
    auto checkpoint = read_checkpoint(path);
    if (!options.resume) {
        if (checkpoint && *checkpoint && !(*checkpoint)->complete) {
            *context.err << "bgmctl: starting over; with --resume it would go on after line "
                         << grouped((*checkpoint)->lines_done) << '\n';
        }
        return BackfillCheckpoint{};
    }
    if (!checkpoint) {
        *context.err << "bgmctl: " << checkpoint.error().to_string()
                     << "; beginning at the first line, posts that are known already do no harm\n";
        return BackfillCheckpoint{};
    }
    return checkpoint->value_or(BackfillCheckpoint{});
}

}  // namespace

Result<BackfillReport> run_backfill(BgmctlContext& context, const BackfillOptions& options) {
    auto from = starting_point(context, options);
    if (!from) return from.error();
    auto reader = NdjsonReader::open(options.path, kBackfillLineBytesMax, from->lines_done, from->offset);
    if (!reader) return reader.error();
    if (from->lines_done > 0 && from->head_hash != reader->file().head_hash()) {
        return Error{ErrorCode::invalid_argument,
                     "does not begin as the file of " + options.path +
                         ".progress did: it is another file. Start over without --resume",
                     options.path};
    }
    auto posts = PostsClient::connect(context.settings.posts, context.deadline);
    if (!posts) return posts.error();
    auto rejected = RejectedList::open(options.path + ".rejected.ndjson", from->rejected_bytes);
    if (!rejected) return rejected.error();
    return Run(context, options, std::move(*reader), std::move(*rejected), std::move(*posts), *from).finish();
}

}  // namespace bgm
