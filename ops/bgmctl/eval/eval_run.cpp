#include "ops/bgmctl/eval/eval_run.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/client/admin_client.hpp"
#include "ops/client/events_client.hpp"
#include "ops/client/posts_client.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kWaitMax{100};
constexpr milliseconds kLateAfter{500};

class Asking {
 public:
    Asking(BgmctlContext& context, std::span<const std::string> texts, const EvalRunOptions& options,
           PostsClient posts, EventsClient events, std::optional<AdminClient> admin)
        : texts_(texts),
          options_(options),
          posts_(std::move(posts)),
          events_(std::move(events)),
          admin_(std::move(admin)),
          progress_(*context.err, context.stderr_is_terminal),
          standings_(texts.size()) {
        answers_.picks.resize(texts.size());
    }

    Result<EvalAnswers> finish() {
        const auto started = Clock::now();
        while (done_ < texts_.size()) {
            if (interrupted()) return Error{ErrorCode::unavailable, "stopped", ""};
            if (auto sent = send(); !sent) return sent.error();
            wait();
            if (auto acks = read_acks(); !acks) return acks.error();
            if (auto picks = read_events(); !picks) return picks.error();
            ask_for_late_ones();
            read_admin();
            if (Clock::now() - heard_at_ > options_.patience) {
                return Error{ErrorCode::deadline_exceeded,
                             "neither an answer nor a pick for " + std::to_string(options_.patience.count()) +
                                 " s; " + std::to_string(texts_.size() - done_) + " texts are open",
                             ""};
            }
            if (progress_.due()) draw(std::chrono::duration<double>(Clock::now() - started).count());
        }
        progress_.clear();
        answers_.seconds = std::chrono::duration<double>(Clock::now() - started).count();
        return std::move(answers_);
    }

 private:
    enum class Stage { unsent, sent, stored, done };
    struct Standing {
        Stage stage = Stage::unsent;
        Clock::time_point since{};
        std::uint32_t revision = 0;
    };

    std::string post_id(std::size_t index) const { return options_.run + "-" + std::to_string(index); }

    /// The text that the id belongs to; nothing for the post of another run.
    std::optional<std::size_t> index_of(std::string_view id) const {
        if (!id.starts_with(options_.run) || id.size() < options_.run.size() + 2) return std::nullopt;
        id.remove_prefix(options_.run.size() + 1);
        std::size_t index = 0;
        const auto parsed = std::from_chars(id.data(), id.data() + id.size(), index);
        if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size() || index >= texts_.size()) {
            return std::nullopt;
        }
        return index;
    }

    void become(std::size_t index, Stage stage) {
        if (standings_[index].stage == Stage::done) return;
        if (stage == Stage::done) {
            ++done_;
            --open_;
        }
        standings_[index].stage = stage;
        standings_[index].since = Clock::now();
        heard_at_ = Clock::now();
    }

    Status send() {
        if (const std::uint64_t lost = posts_.connections_lost(); lost != connections_lost_) {
            connections_lost_ = lost;
            for (std::size_t i = 0; i < next_; ++i) {
                if (standings_[i].stage == Stage::sent) again_.push_back(i);
            }
        }
        if (Clock::now() < pause_until_) return ok_status();
        while (!again_.empty()) {
            if (auto sent = send_one(again_.front()); !sent) return sent;
            again_.pop_front();
        }
        while (open_ < options_.window && next_ < texts_.size()) {
            if (auto sent = send_one(next_); !sent) return sent;
            standings_[next_].stage = Stage::sent;
            standings_[next_].since = Clock::now();
            ++open_;
            ++next_;
        }
        return ok_status();
    }

    Status send_one(std::size_t index) {
        v1::Post post;
        post.set_post_id(post_id(index));
        post.set_tenant(options_.tenant);
        post.set_text(texts_[index]);
        post.mutable_options()->set_tracks(1);
        return posts_.send(WireFormat::protobuf, post.SerializeAsString());
    }

    void wait() {
        std::vector<ClientSocket*> sockets{&posts_.socket(), &events_.socket()};
        if (admin_) sockets.push_back(&admin_->socket());
        ClientSocket::wait_any(sockets, kWaitMax);
    }

    Status read_acks() {
        while (true) {
            auto ack = posts_.receive(milliseconds(0));
            if (!ack) return ack.error();
            if (!*ack) return ok_status();
            const auto index = index_of((*ack)->post_id);
            if (!index) continue;
            switch ((*ack)->status) {
                case PostAck::Status::busy:
                    again_.push_back(*index);
                    pause_until_ =
                        Clock::now() + milliseconds(std::clamp((*ack)->retry_after_ms, 1U, 10'000U));
                    heard_at_ = Clock::now();
                    break;
                case PostAck::Status::rejected:
                    if (standings_[*index].stage != Stage::done) ++answers_.rejected;
                    become(*index, Stage::done);
                    break;
                default:
                    standings_[*index].revision = (*ack)->revision;
                    become(*index, Stage::stored);
            }
        }
    }

    Status read_events() {
        while (true) {
            auto event = events_.receive(milliseconds(0));
            if (!event) return event.error();
            if (!*event) return ok_status();
            if (const auto index = index_of((*event)->post_id())) settle(*index, std::move((*event)->pick));
        }
    }

    void settle(std::size_t index, std::optional<v1::Pick> pick) {
        // An event may overtake the ack, so the post need not be known as stored.
        if (standings_[index].stage == Stage::done) return;
        if (!pick) ++answers_.dead;
        answers_.picks[index] = std::move(pick);
        become(index, Stage::done);
    }

    /// One question at a time: it is for the few whose event was missed.
    void ask_for_late_ones() {
        if (!admin_ || question_ || open_ == 0) return;
        while (oldest_ < next_ && standings_[oldest_].stage == Stage::done) {
            ++oldest_;
        }
        const auto late = Clock::now() - kLateAfter;
        for (std::size_t i = oldest_; i < next_; ++i) {
            if (standings_[i].stage != Stage::stored || standings_[i].since > late) continue;
            if (!admin_->ask(pick_question(options_.tenant, post_id(i)))) return;
            question_ = i;
            standings_[i].since = Clock::now();  // the next question is about another one
            return;
        }
    }

    void read_admin() {
        if (!admin_ || !question_) return;
        auto answer = admin_->answer();
        if (answer && !*answer) return;
        const std::size_t index = *question_;
        question_.reset();
        if (!answer) return;
        auto standing = read_standing(**answer);
        if (standing && (standing->pick || standing->dead)) settle(index, std::move(standing->pick));
    }

    void draw(double seconds) {
        const double share = static_cast<double>(done_) / static_cast<double>(texts_.size());
        std::string text = bar(share, 20) + ' ' + percent_text(share) + "  " + grouped(done_) + " of " +
                           grouped(texts_.size()) + " texts";
        if (seconds > 0.5)
            text += "  " + grouped(static_cast<std::uint64_t>(static_cast<double>(done_) / seconds)) + "/s";
        progress_.draw(text);
    }

    std::span<const std::string> texts_;
    const EvalRunOptions& options_;
    PostsClient posts_;
    EventsClient events_;
    std::optional<AdminClient> admin_;
    ProgressLine progress_;
    std::vector<Standing> standings_;
    EvalAnswers answers_;
    std::deque<std::size_t> again_;
    std::size_t next_ = 0;
    std::size_t oldest_ = 0;
    std::size_t open_ = 0;
    std::size_t done_ = 0;
    std::uint64_t connections_lost_ = 0;
    std::optional<std::size_t> question_;
    Clock::time_point pause_until_{};
    Clock::time_point heard_at_ = Clock::now();
};

}  // namespace

Result<EvalAnswers> ask_daemon(BgmctlContext& context, std::span<const std::string> texts,
                               const EvalRunOptions& options) {
    auto events = EventsClient::connect(context.settings.events, options.tenant, context.deadline);
    if (!events) return events.error();
    auto posts = PostsClient::connect(context.settings.posts, context.deadline);
    if (!posts) return posts.error();
    std::optional<AdminClient> admin;
    if (auto opened = AdminClient::connect(context.settings.admin, milliseconds(0)); opened) {
        admin.emplace(std::move(*opened));
    }
    return Asking(context, texts, options, std::move(*posts), std::move(*events), std::move(admin)).finish();
}

}  // namespace bgm
