#include "daemon/pipeline/dispatcher.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/config_views.hpp"
#include "daemon/pipeline/post_seeds.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"
#include "schemas/pick_origin.hpp"
#include "schemas/pick_seeds.hpp"

namespace bgm {
namespace {

constexpr std::uint32_t kAttemptsMax = 5;
constexpr std::chrono::milliseconds kRetryPeriod{50};
constexpr std::chrono::seconds kFirstRetry{1};  // doubles with each attempt
constexpr std::chrono::seconds kLastRetry{30};

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
      limits_(post_limits(config)),
      pool_options_(pool_options(config)),
      window_(static_cast<std::size_t>(config.dispatch.window),
              static_cast<std::size_t>(config.dispatch.window_bytes)),
      backlog_(loop, journal, window_,
               {.has_room = [this](bool backfill) { return room(backfill); },
                .take = [this](JournalRow row) { take(std::move(row)); },
                .now = now_}) {
    loop_.every(kRetryPeriod, [this] { retry_due(); });
}

bool Dispatcher::room(bool backfill) const {
    return window_.has_room(backfill) && (!pace_ || pace_(backfill, window_.size() + 1));
}

void Dispatcher::accept(AcceptedPost post) {
    // A newer revision: what is known about the older one is void.
    if (const PostAnalysis* const older = window_.find(post.seq)) {
        for (const TaskId task_id : older->task_ids)
            analysts_.cancel(task_id);
        analysts_.drop(post.seq);
        window_.remove(*older);
    }
    const bool backfill = post.post.priority() == v1::BACKFILL;
    if (draining_ || !analysts_.has_catalogue() || backlog_.waits(backfill) || !room(backfill))
        return backlog_.leave(backfill);
    admit(std::move(post), now_());
}

void Dispatcher::resume() {
    backlog_.expect();
    refill();
}

void Dispatcher::admit(AcceptedPost post, Clock::time_point accepted_at) {
    start(window_.add({.accepted = std::move(post), .accepted_at = accepted_at}));
}

void Dispatcher::start(PostAnalysis& analysis) {
    window_.go_on(analysis);
    analysis.started = now_();
    if (analysts_.expect) analysts_.expect(analysis.accepted.post);
    std::vector<PlannedTask> planned = plan_attempt(
        analysis, media_, limits_, static_cast<std::size_t>(config_.dispatch.analysed_text_bytes));
    if (planned.empty()) return conclude(analysis);  // all of it has failed for good
    const AcceptedPost& accepted = analysis.accepted;
    for (PlannedTask& task : planned) {
        if (task.to_fetch != nullptr) {
            fetch(accepted.seq, accepted.revision, task.finding, *task.to_fetch, accepted.post.tenant(),
                  std::move(task.request));
        } else {
            submit(accepted.seq, accepted.revision, task.finding, std::move(task.request));
        }
    }
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
                if (window_.find(seq, revision) == nullptr) return;
                if (!fetched) return answer(seq, revision, finding, fetched.error());
                request.load_media = fetched_media(std::move(digest), *std::move(fetched));
                submit(seq, revision, finding, std::move(request));
            });
        });
}

void Dispatcher::submit(std::int64_t seq, std::uint32_t revision, std::size_t finding, TaskRequest request) {
    const Modality modality = request.modality;
    const std::uint64_t task_id =
        analysts_.submit(std::move(request), [this, seq, revision, finding, modality](TaskAnswer answered) {
            const bool away = !answered && answered.error().code == ErrorCode::unavailable;
            PostAnalysis* const found = window_.find(seq, revision);
            if (away && found != nullptr) found->worker_away = modality;
            answer(seq, revision, finding, std::move(answered));
        });
    window_.find(seq)->task_ids.push_back(task_id);
}

void Dispatcher::answer(std::int64_t seq, std::uint32_t revision, std::size_t index, TaskAnswer answered) {
    PostAnalysis* const analysis = window_.find(seq, revision);
    if (analysis == nullptr) return;
    Finding& finding = analysis->findings[index];
    if (answered) {
        finding.outputs = std::move(answered->outputs);
        finding.heads = std::move(answered->heads);
    } else {
        finding.outputs = answered.error();
    }
    if (--analysis->open == 0) conclude(*analysis);
}

void Dispatcher::conclude(PostAnalysis& analysis) {
    analysis.answered = now_();
    metrics_.observe_stage(Stage::analyse,
                           std::chrono::duration<double>(analysis.answered - analysis.started).count());
    const AcceptedPost& accepted = analysis.accepted;
    const auto wish = read_wish_of(accepted.post, limits_.tracks_max);
    const v1::Post& post = wish ? wish->post : accepted.post;
    auto decided =
        decide_mood(post, accepted.revision, analysis.findings, pool_options_, wish ? &*wish : nullptr);
    if (!decided) return failed(analysis, decided.error());
    if (config_.teach.collect && config_.mysql.enabled())
        add_seeds(decided->pick, seeds_in(post, analysis.findings));
    analysts_.recommend(accepted.seq, post, *std::move(decided),
                        [this, seq = accepted.seq, revision = accepted.revision](Result<v1::Pick> pick) {
                            recommended(seq, revision, std::move(pick));
                        });
}

void Dispatcher::recommended(std::int64_t seq, std::uint32_t revision, Result<v1::Pick> pick) {
    PostAnalysis* const analysis = window_.find(seq, revision);
    if (analysis == nullptr) return;
    metrics_.observe_stage(Stage::fuse, std::chrono::duration<double>(now_() - analysis->answered).count());
    if (!pick) return failed(*analysis, pick.error());
    commit_pick(*analysis, *std::move(pick));
}

void Dispatcher::failed(PostAnalysis& analysis, const Error& error) {
    // A worker that is away comes back: such a post waits for it, however long. Whatever else may heal gets
    // some tries, a stranger's server too.
    const bool again = (error.code == ErrorCode::unavailable && analysis.worker_away) ||
                       (retryable(error.code) && error.code != ErrorCode::deadline_exceeded &&
                        analysis.attempts < kAttemptsMax);
    if (!again) return commit_dead(analysis, error);
    wait_for_another_try(analysis);
    log_warn("post is tried again",
             {{"seq", std::to_string(analysis.accepted.seq)}, {"error", error.to_string()}});
}

void Dispatcher::commit_pick(const PostAnalysis& analysis, v1::Pick pick) {
    metrics_.count_pick(*mood_from_name(pick.mood()), pick.ambiguous());
    for (const v1::Degraded& degraded : pick.degraded())
        metrics_.count_degraded(degraded.modality(), degraded.code());
    if (const auto origin = origin_of_ ? origin_of_(analysis.accepted.seq) : std::nullopt)
        set_origin(pick, *origin);
    std::string bytes = pick.SerializeAsString();
    commit({.seq = analysis.accepted.seq,
            .revision = analysis.accepted.revision,
            .pick = std::make_shared<v1::Pick>(std::move(pick)),
            .dead = nullptr,
            .accepted_at = analysis.accepted_at,
            .backfill = analysis.backfill()},
           std::move(bytes), analysis.accepted.media);
}

void Dispatcher::commit_dead(const PostAnalysis& analysis, const Error& error) {
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
    if (const auto origin = origin_of_ ? origin_of_(analysis.accepted.seq) : std::nullopt)
        set_origin(*dead, *origin);
    std::string bytes = dead->SerializeAsString();  // the journal's row holds the post already
    *dead->mutable_post() = post;
    commit({.seq = analysis.accepted.seq,
            .revision = analysis.accepted.revision,
            .pick = nullptr,
            .dead = std::move(dead),
            .accepted_at = analysis.accepted_at,
            .backfill = analysis.backfill()},
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
            // Where there is no MySQL this commit is the last one, and the journal gives the id.
            if (decision.pick) decision.pick->set_event_id(store.last_event_id());
            if (decision.dead) decision.dead->set_event_id(store.last_event_id());
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
                if (window_.size() <= window_.posts_max() / 4) refill();
            });
        });
}

void Dispatcher::wait_for_another_try(PostAnalysis& analysis) {
    window_.wait(analysis,
                 now_() + std::min(kFirstRetry * (1 << std::min(analysis.attempts - 1, 10U)), kLastRetry));
}

// The journal does not take this decision, for a reason that does not heal by itself; and the post must end.
// It is decided anew; where that does not help, what ends it is the refusal.
void Dispatcher::refused(const Decision& decision, const Error& error) {
    log_error("journal refused a decision", {{"error", error.to_string()}});
    PostAnalysis* const analysis = window_.find(decision.seq, decision.revision);
    if (analysis == nullptr) return;
    if (decision.pick && analysis->attempts >= kAttemptsMax) return commit_dead(*analysis, error);
    analysis->worker_away.reset();
    wait_for_another_try(*analysis);
}

void Dispatcher::forget(std::int64_t seq, std::uint32_t revision) {
    if (const PostAnalysis* const found = window_.find(seq, revision)) window_.remove(*found);
}

void Dispatcher::refill() {
    if (!draining_ && analysts_.has_catalogue()) backlog_.refill();
}

// One whose bytes are damaged, or another version's, ends under the name that the journal knows it by.
void Dispatcher::take(JournalRow row) {
    AcceptedPost accepted{
        .seq = row.seq, .revision = row.revision, .post = {}, .media = std::move(row.media)};
    const auto accepted_at = now_() - std::chrono::milliseconds(now_ms() - row.accepted_ms);
    if (accepted.post.ParseFromString(row.post)) return admit(std::move(accepted), accepted_at);
    log_error("journal holds a post that cannot be read", {{"seq", std::to_string(row.seq)}});
    accepted.post.Clear();
    accepted.post.set_tenant(row.tenant);
    accepted.post.set_post_id(row.post_id);
    commit_dead(
        window_.add({.accepted = std::move(accepted), .accepted_at = accepted_at, .attempts = kAttemptsMax}),
        {.code = ErrorCode::corrupt, .message = "the journal's copy of the post cannot be read"});
}

void Dispatcher::retry_due() {
    for (PostAnalysis* const analysis :
         window_.due(now_(), [this](Modality modality) { return analysts_.ready(modality) > 0; }))
        start(*analysis);
    refill();
    metrics_.set_posts_in_analysis(window_.size());
}

}  // namespace bgm
