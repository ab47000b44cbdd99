#include "daemon/pipeline/recommender.hpp"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/pipeline/asset_facts.hpp"
#include "daemon/store/pick_rows.hpp"
#include "fusion/recommend/guard.hpp"
#include "fusion/recommend/unmet.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

// So long the loop waits at most, beyond one post, for what has been found: a wake-up costs more than a look
// through a small catalogue, and a look through a large one more than a wake-up.
constexpr std::chrono::milliseconds kHandOverAfter{1};

Arc arc_of(v1::Arc arc) {
    switch (arc) {
        case v1::RISE:
            return Arc::rise;
        case v1::FALL:
            return Arc::fall;
        case v1::LEVEL:
            return Arc::level;
        default:
            return Arc::none;
    }
}

/// Why there are none, or fewer, of some tracks: in the facts that tell what the post speaks of.
void say_guarded(v1::Pick& pick) {
    for (v1::Facts& facts : *pick.mutable_facts()) {
        v1::Pick alone;
        *alone.add_facts() = facts;
        if (!grave_of(alone).empty())
            facts.set_summary(facts.summary() + ": no amusing, energizing, triumphant or erotic music");
    }
}

std::vector<MatchedTrack> find_tracks(const Catalogue& catalogue, const MatchRequest& request,
                                      const FusedMood& mood) {
    const std::size_t had = request.listener.not_again.size();
    std::vector<MatchedTrack> matched;
    if (had < catalogue.size()) matched = match(catalogue, mood, request);
    if (!matched.empty() || had == 0) return matched;
    // What a user had is better than nothing.
    MatchRequest again = request;
    again.listener.not_again.clear();
    return match(catalogue, mood, again);
}

/// Behind what is there, up to `most`, each by another artist.
void add_others(std::vector<MatchedTrack>& matched, std::vector<MatchedTrack> others,
                const Catalogue& catalogue, std::size_t most) {
    const auto artist = [&](const MatchedTrack& one) {
        return catalogue.rows()[one.track_index].artist_group;
    };
    for (MatchedTrack& other : others) {
        if (matched.size() >= most) return;
        if (std::ranges::none_of(matched,
                                 [&](const MatchedTrack& one) { return artist(one) == artist(other); }))
            matched.push_back(std::move(other));
    }
}

std::string names_of(const std::vector<Instrument>& instruments) {
    std::string all;
    for (const Instrument& one : instruments)
        all += (all.empty() ? "" : ", ") + one.name;
    return all;
}

std::string not_named(const std::vector<Instrument>& instruments, std::size_t named) {
    const std::string all = names_of(instruments);
    if (named == 0) return "no title or genre of such a track names it, so it may not play in these: " + all;
    return "the title or genre of only the first " + std::to_string(named) + " names it: " + all;
}

}  // namespace

MatchRequest match_request(const v1::Post& post, std::uint32_t tracks_default,
                           const MatchSettings& settings) {
    const auto& options = post.options();
    MatchRequest request;
    request.tracks = options.tracks() > 0 ? options.tracks() : tracks_default;
    request.genres.assign(options.genres().begin(), options.genres().end());
    request.languages.assign(options.languages().begin(), options.languages().end());
    request.exclude_explicit = options.exclude_explicit() || post.user().minor();
    request.max_duration_ms = options.max_duration_ms();
    for (const std::string& mood : options.avoid_moods()) {
        if (const auto known = mood_from_name(mood)) request.avoid_moods.push_back(*known);
    }
    request.min_tempo = options.min_tempo();
    request.max_tempo = options.max_tempo();
    request.from_year = options.era().from_year();
    request.to_year = options.era().to_year();
    request.instrumental_only = options.instrumental_only();
    request.avoid_genres.assign(options.avoid_genres().begin(), options.avoid_genres().end());
    request.avoid_languages.assign(options.avoid_languages().begin(), options.avoid_languages().end());
    if (post.kind() == v1::WISH) request.instruments = read_wish(post.text()).instruments;
    request.arc = arc_of(options.arc());
    request.weights = settings.of(post.tenant());
    request.seed = post_seed(post.tenant(), post.post_id());
    return request;
}

Result<v1::Pick> recommend(const Catalogue& catalogue, const MatchRequest& request, DecidedMood&& decided) {
    v1::Pick& pick = decided.pick;
    std::vector<MatchedTrack> matched = find_tracks(catalogue, request, decided.mood);
    const std::size_t named = matched.size();
    MatchRequest others = request;  // of which nothing says what plays in them
    others.instruments.clear();
    if (!request.instruments.empty() && named < request.tracks)
        add_others(matched, find_tracks(catalogue, others, decided.mood), catalogue, request.tracks);
    if (matched.empty()) {
        std::string why = catalogue.empty() ? "the catalogue is empty" : "no track passes the post's filters";
        if (!request.grave.empty() && !catalogue.empty()) why += ". " + guard_note(request.grave);
        add_degraded(pick, "catalogue", "", ErrorCode::not_found, why);
    }
    if (!request.grave.empty()) say_guarded(pick);
    if (pick.has_understood()) {
        const auto undated = [&](const MatchedTrack& one) {
            return catalogue.rows()[one.track_index].year == 0;
        };
        if (leaves_out_years(request) && std::ranges::any_of(matched, undated))
            pick.mutable_understood()->add_unmet("when some of these came out is not known");
        if (named < matched.size())
            pick.mutable_understood()->add_unmet(not_named(request.instruments, named));
        for (const std::string& why : unmet_by(catalogue, others, matched.size()))
            pick.mutable_understood()->add_unmet(why);
    }
    for (const MatchedTrack& match : matched) {
        const TrackView track = catalogue.track(match.track_index);
        auto& entry = *pick.add_tracks();
        entry.set_position(static_cast<std::uint32_t>(pick.tracks_size()));
        entry.set_track_id(std::string(track.track_id));
        entry.set_title(std::string(track.title));
        entry.set_artist(std::string(track.artist));
        entry.set_uri(std::string(track.uri));
        entry.set_score(match.score);
        entry.set_start_ms(track.start_ms);
        auto& reason = *entry.mutable_reason();
        const bool is_named = !request.instruments.empty() && entry.position() <= named;
        reason.set_text(match.reason +
                        (is_named ? ". Its title or genre names " + names_of(request.instruments) : ""));
        for (Mood shared : match.shared_moods)
            reason.add_moods(std::string(name(shared)));
        reason.set_mood_match(match.mood_match);
        reason.set_affect_match(match.affect_match);
        reason.set_sound_match(match.sound_match.value_or(0.0F));
        reason.set_words_match(match.words_match.value_or(0.0F));
        reason.set_taste_match(match.taste_match.value_or(0.0F));
        reason.set_chance(match.chance);
    }
    *pick.mutable_picked_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    // Here the post's text and media are still there; when MySQL refuses a row they are not.
    if (Status fits = check(pick, "pick"); !fits)
        return Error{.code = ErrorCode::internal, .message = fits.error().to_string()};
    return std::move(pick);
}

Recommender::Recommender(EventLoop& loop, Options options)
    : loop_(loop), options_(std::move(options)), thread_([this](const std::stop_token& stop) { run(stop); }) {
    loop_.at_end_of_turn([this] {
        if (std::exchange(asked_, false)) arrived_.notify_one();
    });
}

Recommender::~Recommender() {
    thread_.request_stop();
    thread_.join();
}

void Recommender::set_catalogues(std::shared_ptr<const CatalogueSet> catalogues) {
    const MutexLock lock(mutex_);
    catalogues_.swap(catalogues);  // the older one goes after the lock
}

Recommender::Question Recommender::question(std::int64_t seq, const v1::Post& post, DecidedMood decided,
                                            OnPick on_pick) const {
    Question question{.seq = seq,
                      .backfill = post.priority() == v1::BACKFILL,
                      .request = match_request(post, options_.tracks_default, options_.matching),
                      .decided = std::move(decided),
                      .known = {},
                      .on_pick = std::move(on_pick)};
    question.request.sounds = std::move(question.decided.sounds);
    question.request.words = std::move(question.decided.words);
    if (options_.matching.guards(post.tenant())) question.request.grave = grave_of(question.decided.pick);
    return question;
}

void Recommender::ask(Question question) {
    asked_ = true;
    const MutexLock lock(mutex_);
    waiting_.at(question.backfill ? 1 : 0).push_back(std::move(question));
}

void Recommender::drop(std::int64_t seq) {
    const MutexLock lock(mutex_);
    for (auto& waiting : waiting_)
        std::erase_if(waiting, [seq](const Question& question) { return question.seq == seq; });
}

void Recommender::run(const std::stop_token& stop) {
    name_this_thread("recommender");
    nice_this_thread(options_.nice);
    std::vector<Answer> found;
    auto since = options_.now();
    while (!stop.stop_requested()) {
        std::optional<Question> question;
        std::shared_ptr<const CatalogueSet> catalogues;
        {
            MutexLock lock(mutex_);
            const auto any = [this]() BGM_REQUIRES(mutex_) {
                return !waiting_[0].empty() || !waiting_[1].empty();
            };
            if (found.empty() && !arrived_.wait(lock, stop, any)) return;
            if (any()) {
                auto& first = waiting_[0].empty() ? waiting_[1] : waiting_[0];
                question = std::move(first.front());
                first.pop_front();
                catalogues = catalogues_;
            }
        }
        if (!question) {
            hand_over(std::exchange(found, {}));
            continue;
        }
        if (found.empty()) since = options_.now();
        const Catalogue& catalogue = catalogues->serving(question->decided.pick.tenant());
        found.push_back({.pick = answer(catalogue, *question), .on_pick = std::move(question->on_pick)});
        if (options_.now() - since >= kHandOverAfter) hand_over(std::exchange(found, {}));
    }
}

// A listener's posts are answered one after the other: what this one gets is not for the next.
Result<v1::Pick> Recommender::answer(const Catalogue& catalogue, Question& question) const {
    const std::string post_id = question.decided.pick.post_id();
    const KnownListener& known = question.known;
    Listener& listener = question.request.listener;
    listener.taste = known.taste;
    listener.now_ms = now_ms();
    const bool remembers = known.had && options_.repeat_after_ms > 0;
    if (remembers)
        listener.not_again = known.had->not_again(catalogue, known.recent, post_id,
                                                  listener.now_ms - options_.repeat_after_ms);
    auto pick = options_.recommend(catalogue, question.request, std::move(question.decided));
    if (pick && remembers) known.had->add(catalogue, *pick, listener.now_ms);
    return pick;
}

void Recommender::hand_over(std::vector<Answer> answers) {
    loop_.post([shared = std::make_shared<std::vector<Answer>>(std::move(answers))] {
        for (Answer& answer : *shared)
            answer.on_pick(std::move(answer.pick));
    });
}

}  // namespace bgm
