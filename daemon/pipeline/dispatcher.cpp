#include "daemon/pipeline/dispatcher.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/config_views.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::size_t kRefill =
    256;  // posts read from the journal at once: acks wait while they are admitted
constexpr std::uint32_t kAttemptsMax = 5;
constexpr std::chrono::milliseconds kRetryPeriod{50};
constexpr std::chrono::seconds kFirstRetry{1};  // doubles with each attempt
constexpr std::chrono::seconds kLastRetry{30};

Modality modality_of(v1::Asset::Kind kind) {
    switch (kind) {
        case v1::Asset::AUDIO:
            return Modality::audio;
        case v1::Asset::VIDEO:
            return Modality::video;
        default:
            return Modality::image;
    }
}

// It would fail again: another try of the post, for the sake of its other parts, leaves it as it is.
bool failed_for_good(const Finding& finding) {
    if (finding.outputs) return false;
    const ErrorCode code = finding.outputs.error().code;
    return !retryable(code) || code == ErrorCode::deadline_exceeded;
}

std::size_t memory_of(const v1::Post& post) {
    return 1024 + 2 * post.ByteSizeLong();
}

}  // namespace

Dispatcher::Dispatcher(const Config& config, EventLoop& loop, Journal& journal, const MediaStore& media,
                       Analysts analysts, Metrics& metrics, OnDecided on_decided,
                       std::function<Clock::time_point()> now)
    : config_(config),
      loop_(loop),
      journal_(journal),
      media_(media),
      analysts_(std::move(analysts)),
      metrics_(metrics),
      on_decided_(std::move(on_decided)),
      now_(std::move(now)),
      limits_(post_limits(config)) {
    loop_.every(kRetryPeriod, [this] { retry_due(); });
}

std::size_t Dispatcher::window() const {
    return static_cast<std::size_t>(config_.dispatch.window);
}

bool Dispatcher::room(bool backfill) const {
    // Half of the window is kept free of backfill, so that a live post never waits behind a bulk job.
    const auto bytes = static_cast<std::size_t>(config_.dispatch.window_bytes);
    const std::size_t share = backfill ? 2 : 1;
    return active_.size() < std::max<std::size_t>(window() / share, 1) && active_bytes_ < bytes / share &&
           (!pace_ || pace_(backfill, active_.size() + 1));
}

void Dispatcher::accept(AcceptedPost post) {
    const auto older = active_.find(post.seq);
    if (older != active_.end()) {  // a newer revision: what is known about the older one is void
        for (const std::uint64_t task_id : older->second.task_ids)
            analysts_.cancel(task_id);
        analysts_.drop(post.seq);
        forget(post.seq, older->second.accepted.revision);
    }
    const bool backfill = post.post.priority() == v1::BACKFILL;
    if (draining_ || !analysts_.has_catalogue() || backlog_.at(backfill ? 1 : 0) || !room(backfill)) {
        backlog_.at(backfill ? 1 : 0) = true;
        missed_.at(backfill ? 1 : 0) = true;
        return;
    }
    admit(std::move(post), now_());
}

std::size_t Dispatcher::running() const {
    return active_.size() - waiting_;
}

void Dispatcher::resume() {
    backlog_ = {true, true};
    refill();
}

void Dispatcher::admit(AcceptedPost post, Clock::time_point accepted_at) {
    const std::int64_t seq = post.seq;
    Analysis analysis;
    analysis.bytes = memory_of(post.post);
    analysis.accepted = std::move(post);
    analysis.accepted_at = accepted_at;
    active_bytes_ += analysis.bytes;
    auto [entry, inserted] = active_.emplace(seq, std::move(analysis));
    start(seq, entry->second);
}

void Dispatcher::start(std::int64_t seq, Analysis& analysis) {
    const v1::Post& post = analysis.accepted.post;
    analysis.started = now_();
    if (std::exchange(analysis.waiting, false)) --waiting_;
    ++analysis.attempts;
    const std::vector<Finding> before = std::exchange(analysis.findings, {});
    analysis.task_ids.clear();
    analysis.worker_away.reset();
    struct Planned {
        std::size_t finding;
        TaskRequest request;
        const v1::Asset* to_fetch;  // its media must be fetched first; null where it is at hand
    };
    std::vector<Planned> planned;
    const bool backfill = post.priority() == v1::BACKFILL;
    const auto plan = [&](std::string asset_id, TaskRequest request, const v1::Asset* to_fetch = nullptr) {
        const std::size_t finding = analysis.findings.size();
        if (finding < before.size() && failed_for_good(before[finding])) {
            analysis.findings.push_back(before[finding]);
            return;
        }
        if (analysis.deaths.size() <= finding) analysis.deaths.push_back(request.deaths);
        request.deaths = analysis.deaths[finding];
        request.backfill = backfill;
        planned.push_back({finding, std::move(request), to_fetch});
        analysis.findings.push_back({.modality = std::string(name(planned.back().request.modality)),
                                     .asset_id = std::move(asset_id),
                                     .outputs = Error{.code = ErrorCode::internal, .message = "no answer"},
                                     .heads = nullptr});
    };
    if (!post.text().empty()) {
        const auto bytes_max = static_cast<std::size_t>(config_.dispatch.analysed_text_bytes);
        plan("", {.modality = Modality::text,
                  .text = std::string(truncate_utf8(post.text(), bytes_max)),
                  .lang = post.lang(),
                  .load_media = {}});
    }
    for (const v1::Asset& asset : post.assets()) {
        const bool on_the_web = !asset.has_frame() && is_web_uri(asset.uri());
        plan(asset.asset_id(),
             {.modality = modality_of(asset.kind()),
              .text = {},
              .lang = {},
              .load_media =
                  on_the_web ? std::function<Result<Frame>()>() : media_loader(analysis.accepted, asset)},
             on_the_web ? &asset : nullptr);
    }
    analysis.open = planned.size();
    if (planned.empty()) return conclude(seq, analysis);  // all of it has failed for good
    const std::uint32_t revision = analysis.accepted.revision;
    for (Planned& task : planned) {
        if (task.to_fetch != nullptr) {
            fetch(seq, revision, task.finding, *task.to_fetch, post.tenant(), std::move(task.request));
        } else {
            submit(seq, revision, task.finding, std::move(task.request));
        }
    }
}

std::function<Result<Frame>()> Dispatcher::media_loader(const AcceptedPost& accepted,
                                                        const v1::Asset& asset) const {
    if (asset.has_frame()) {
        return [&media = media_, folder = accepted.media, frame = asset.frame()] {
            return media.read_inline(folder, frame);
        };
    }
    const auto path = media_path(asset.uri());
    if (!path) return [error = path.error()]() -> Result<Frame> { return error; };
    return [&media = media_, path = *path, bytes_max = asset_bytes_max(asset.kind(), limits_),
            digest = asset.sha256()]() -> Result<Frame> {
        auto file = media.read_file(path, bytes_max);
        if (!file || digest.empty() || same_digest(digest, sha256(file->view()))) return file;
        return Error{.code = ErrorCode::corrupt,
                     .message = "the file does not have the sha256 that the post gives"};
    };
}

// The task goes to a worker once its media is here; that does not count against its lease.
void Dispatcher::fetch(std::int64_t seq, std::uint32_t revision, std::size_t finding, const v1::Asset& asset,
                       const std::string& tenant, TaskRequest request) {
    analysts_.fetch(
        {.uri = asset.uri(), .tenant = tenant, .bytes_max = asset_bytes_max(asset.kind(), limits_)},
        [this, seq, revision, finding, digest = asset.sha256(),
         request = std::move(request)](Result<FetchedBytes> fetched) mutable {
            loop_.post([this, seq, revision, finding, digest = std::move(digest),
                        fetched = std::move(fetched), request = std::move(request)]() mutable {
                const auto found = active_.find(seq);
                if (found == active_.end() || found->second.accepted.revision != revision) return;
                if (!fetched) return answer(seq, revision, finding, fetched.error());
                request.load_media = [digest = std::move(digest),
                                      bytes = *std::move(fetched)]() -> Result<Frame> {
                    if (!digest.empty() && !same_digest(digest, sha256(*bytes)))
                        return Error{
                            .code = ErrorCode::corrupt,
                            .message = "what was fetched does not have the sha256 that the post gives"};
                    return Frame(std::as_bytes(std::span(*bytes)), [bytes] {});
                };
                submit(seq, revision, finding, std::move(request));
            });
        });
}

void Dispatcher::submit(std::int64_t seq, std::uint32_t revision, std::size_t finding, TaskRequest request) {
    const Modality modality = request.modality;
    const std::uint64_t task_id =
        analysts_.submit(std::move(request), [this, seq, revision, finding, modality](TaskAnswer answered) {
            const bool away = !answered && answered.error().code == ErrorCode::unavailable;
            const auto found = active_.find(seq);
            if (away && found != active_.end() && found->second.accepted.revision == revision)
                found->second.worker_away = modality;
            answer(seq, revision, finding, std::move(answered));
        });
    active_.at(seq).task_ids.push_back(task_id);
}

void Dispatcher::answer(std::int64_t seq, std::uint32_t revision, std::size_t index, TaskAnswer answered) {
    const auto found = active_.find(seq);
    if (found == active_.end() || found->second.accepted.revision != revision) return;
    Analysis& analysis = found->second;
    Finding& finding = analysis.findings[index];
    if (answered) {
        finding.outputs = std::move(answered->outputs);
        finding.heads = std::move(answered->heads);
    } else {
        finding.outputs = answered.error();
    }
    if (--analysis.open == 0) conclude(seq, analysis);
}

void Dispatcher::conclude(std::int64_t seq, Analysis& analysis) {
    analysis.answered = now_();
    metrics_.observe_stage(Stage::analyse,
                           std::chrono::duration<double>(analysis.answered - analysis.started).count());
    const AcceptedPost& accepted = analysis.accepted;
    auto decided = decide_mood(accepted.post, accepted.revision, analysis.findings);
    if (!decided) return failed(seq, analysis, decided.error());
    analysts_.recommend(seq, accepted.post, *std::move(decided),
                        [this, seq, revision = accepted.revision](Result<v1::Pick> pick) {
                            recommended(seq, revision, std::move(pick));
                        });
}

void Dispatcher::recommended(std::int64_t seq, std::uint32_t revision, Result<v1::Pick> pick) {
    const auto found = active_.find(seq);
    if (found == active_.end() || found->second.accepted.revision != revision) return;
    Analysis& analysis = found->second;
    metrics_.observe_stage(Stage::fuse, std::chrono::duration<double>(now_() - analysis.answered).count());
    if (!pick) return failed(seq, analysis, pick.error());
    commit_pick(analysis, *std::move(pick));
}

void Dispatcher::failed(std::int64_t seq, Analysis& analysis, const Error& error) {
    // A worker that is away comes back: such a post waits for it, however long. Whatever else may heal gets
    // some tries, a stranger's server too.
    const bool again = (error.code == ErrorCode::unavailable && analysis.worker_away) ||
                       (retryable(error.code) && error.code != ErrorCode::deadline_exceeded &&
                        analysis.attempts < kAttemptsMax);
    if (!again) return commit_dead(analysis, error);
    wait_for_another_try(analysis);
    log_warn("post is tried again", {{"seq", std::to_string(seq)}, {"error", error.to_string()}});
}

void Dispatcher::commit_pick(const Analysis& analysis, v1::Pick pick) {
    metrics_.count_pick(*mood_from_name(pick.mood()), pick.ambiguous());
    for (const v1::Degraded& degraded : pick.degraded())
        metrics_.count_degraded(degraded.modality(), degraded.code());
    std::string bytes = pick.SerializeAsString();
    commit({.seq = analysis.accepted.seq,
            .revision = analysis.accepted.revision,
            .pick = std::make_shared<v1::Pick>(std::move(pick)),
            .dead = nullptr,
            .accepted_at = analysis.accepted_at,
            .backfill = analysis.accepted.post.priority() == v1::BACKFILL},
           std::move(bytes), analysis.accepted.media);
}

void Dispatcher::commit_dead(const Analysis& analysis, const Error& error) {
    metrics_.count_dead("analyse", name(error.code));
    const v1::Post& post = analysis.accepted.post;
    log_warn("post is dead",
             {{"tenant", post.tenant()}, {"post_id", post.post_id()}, {"error", error.to_string()}});
    auto dead = std::make_shared<v1::DeadLetter>();
    dead->set_tenant(post.tenant());
    dead->set_post_id(post.post_id());
    dead->set_revision(analysis.accepted.revision);
    dead->set_stage("analyse");
    dead->set_code(std::string(name(error.code)));
    dead->set_message(one_line(error.message, kMessageCharacters));
    dead->set_attempts(analysis.attempts);
    *dead->mutable_died_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    std::string bytes = dead->SerializeAsString();  // the journal's row holds the post already
    *dead->mutable_post() = post;
    commit({.seq = analysis.accepted.seq,
            .revision = analysis.accepted.revision,
            .pick = nullptr,
            .dead = std::move(dead),
            .accepted_at = analysis.accepted_at,
            .backfill = analysis.accepted.post.priority() == v1::BACKFILL},
           std::move(bytes), "");  // its media stays until an operator has retried or dropped it
}

void Dispatcher::commit(const Decision& decision, std::string bytes, std::string media) {
    const PostState picked = config_.mysql.enabled() ? PostState::picked : PostState::delivered;
    auto current = std::make_shared<bool>(false);
    const std::size_t size = bytes.size();
    (void)journal_.submit(
        Journal::Urgency::internal, size,
        [decision, bytes = std::move(bytes), picked, current](JournalStore& store) -> Status {
            auto changed = decision.pick
                               ? store.set_picked(decision.seq, decision.revision, bytes, picked, now_ms())
                               : store.set_dead(decision.seq, decision.revision, bytes, now_ms());
            if (!changed) return changed.error();
            *current = *changed;
            return ok_status();
        },
        [this, decision, media = std::move(media), current](const Status& committed) {
            loop_.post([this, decision, media, current, committed] {
                if (!committed) return refused(decision, committed.error());
                // Not current: a newer revision took the row, and its own analysis will follow.
                if (*current) {
                    media_.erase(media);
                    on_decided_(decision);
                }
                forget(decision.seq, decision.revision);
                // One look into the journal serves many posts: it waits until the window is rather empty. The
                // timer looks in any case, so that a window of slow posts does not keep quick ones waiting.
                if (active_.size() <= window() / 4) refill();
            });
        });
}

void Dispatcher::wait_for_another_try(Analysis& analysis) {
    analysis.waiting = true;
    ++waiting_;
    analysis.retry_at =
        now_() + std::min(kFirstRetry * (1 << std::min(analysis.attempts - 1, 10U)), kLastRetry);
}

// The journal does not take this decision, for a reason that does not heal by itself; and the post must end.
// It is decided anew; where that does not help, what ends it is the refusal.
void Dispatcher::refused(const Decision& decision, const Error& error) {
    log_error("journal refused a decision", {{"error", error.to_string()}});
    const auto found = active_.find(decision.seq);
    if (found == active_.end() || found->second.accepted.revision != decision.revision) return;
    Analysis& analysis = found->second;
    if (decision.pick && analysis.attempts >= kAttemptsMax) return commit_dead(analysis, error);
    analysis.worker_away.reset();
    wait_for_another_try(analysis);
}

void Dispatcher::forget(std::int64_t seq, std::uint32_t revision) {
    const auto found = active_.find(seq);
    if (found == active_.end() || found->second.accepted.revision != revision) return;
    active_bytes_ -= found->second.bytes;
    if (found->second.waiting) --waiting_;
    active_.erase(found);
}

void Dispatcher::refill() {
    const bool wanted = (backlog_[0] && room(false)) || (backlog_[1] && room(true));
    if (scanning_ || draining_ || !wanted || !analysts_.has_catalogue() || now_() < next_scan_) return;
    scanning_ = true;
    missed_ = {false, false};
    const std::size_t limit = active_.size() + kRefill;
    auto waiting = std::make_shared<std::vector<std::int64_t>>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [waiting, limit](JournalStore& store) -> Status {
            auto found = store.waiting(limit);
            if (!found) return found.error();
            *waiting = std::move(*found);
            return ok_status();
        },
        [this, waiting, limit](const Status& done) {
            loop_.post([this, waiting, limit, done] {
                if (!done) return scan_failed(done.error());
                load(*waiting, waiting->size() < limit);
            });
        });
}

// The backlog is there all the same: it is looked for again.
void Dispatcher::scan_failed(const Error& error) {
    log_error("journal cannot be read", {{"error", error.to_string()}});
    scanning_ = false;
    next_scan_ = now_() + kFirstRetry;
}

void Dispatcher::load(const std::vector<std::int64_t>& waiting, bool all_seen) {
    auto wanted = std::make_shared<std::vector<std::int64_t>>();
    for (const std::int64_t seq : waiting) {
        if (!active_.contains(seq)) wanted->push_back(seq);
    }
    // What finds no room would be read for nothing.
    const std::size_t places = window() - std::min(window(), active_.size());
    const bool cut = wanted->size() > places;
    if (cut) wanted->resize(places);
    auto rows = std::make_shared<std::vector<JournalRow>>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [wanted, rows](JournalStore& store) -> Status {
            rows->clear();
            for (const std::int64_t seq : *wanted) {
                auto row = store.row(seq);
                if (!row) return row.error();
                if (*row && (*row)->state == PostState::accepted) rows->push_back(std::move(**row));
            }
            return ok_status();
        },
        [this, rows, all_seen, cut](const Status& done) {
            loop_.post([this, rows, all_seen, cut, done] {
                if (!done) return scan_failed(done.error());
                scanning_ = false;
                // Live posts come first: behind one of backfill there are no others.
                const bool live_cut = cut && (rows->empty() || rows->back().priority != v1::BACKFILL);
                std::array<bool, 2> left{!all_seen || live_cut, !all_seen || cut};
                for (JournalRow& row : *rows) {
                    if (active_.contains(row.seq)) continue;
                    const bool backfill = row.priority == v1::BACKFILL;
                    if (!room(backfill)) {
                        left.at(backfill ? 1 : 0) = true;
                        continue;
                    }
                    AcceptedPost accepted{
                        .seq = row.seq, .revision = row.revision, .post = {}, .media = std::move(row.media)};
                    if (!accepted.post.ParseFromString(row.post)) {
                        bury(std::move(accepted), row);
                        continue;
                    }
                    admit(std::move(accepted),
                          now_() - std::chrono::milliseconds(now_ms() - row.accepted_ms));
                }
                // What was accepted while we were reading is not among the rows.
                backlog_ = {left[0] || missed_[0], left[1] || missed_[1]};
            });
        });
}

// Its bytes are damaged, or another version's: it ends, under the name that the journal knows it by.
void Dispatcher::bury(AcceptedPost accepted, const JournalRow& row) {
    log_error("journal holds a post that cannot be read", {{"seq", std::to_string(row.seq)}});
    accepted.post.Clear();
    accepted.post.set_tenant(row.tenant);
    accepted.post.set_post_id(row.post_id);
    Analysis analysis;
    analysis.accepted = std::move(accepted);
    analysis.accepted_at = now_() - std::chrono::milliseconds(now_ms() - row.accepted_ms);
    analysis.attempts = kAttemptsMax;
    active_bytes_ += analysis.bytes;
    const auto [entry, inserted] = active_.emplace(row.seq, std::move(analysis));
    commit_dead(entry->second,
                {.code = ErrorCode::corrupt, .message = "the journal's copy of the post cannot be read"});
}

void Dispatcher::retry_due() {
    const auto now = now_();
    std::vector<std::int64_t> due;
    if (waiting_ > 0) {
        for (const auto& [seq, analysis] : active_) {
            const bool worker_back = analysis.worker_away && analysts_.ready(*analysis.worker_away) > 0;
            if (analysis.waiting && (analysis.retry_at <= now || worker_back)) due.push_back(seq);
        }
    }
    for (const std::int64_t seq : due)
        start(seq, active_.at(seq));
    refill();
    metrics_.set_posts_in_analysis(active_.size());
}

}  // namespace bgm
