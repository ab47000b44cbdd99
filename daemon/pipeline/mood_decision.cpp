#include "daemon/pipeline/mood_decision.hpp"

#include <algorithm>
#include <set>

#include "daemon/pipeline/asset_facts.hpp"
#include "fusion/context/moment.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"

namespace bgm {
namespace {

// Read what a wish asks for.
constexpr std::string_view kWishModel = "bgm-wish-1";
// And what the moment does.
constexpr std::string_view kMomentModel = "bgm-moment-1";
// Evidence of less quality than this is reported as degraded: it hardly moved the mood.
constexpr float kPoorQuality = 0.15F;

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& notes) {
    std::string text;
    for (const std::string& note : notes)
        text += (text.empty() ? "" : ", ") + note;
    return text.empty() ? "hardly any evidence" : text;
}

// What the worker says of the photo, one sentence at most: it ends in terminals, tables and events.
void add_caption(v1::Pick& pick, const Finding& finding) {
    for (const v1::Output& output : *finding.outputs) {
        const std::string text = one_line(output.caption(), kCaptionBytes);
        if (text.empty()) continue;
        auto& caption = *pick.add_captions();
        caption.set_asset_id(finding.asset_id);
        caption.set_text(text);
        return;
    }
}

void add_evidence(v1::Pick& pick, const Evidence& evidence, const std::string& asset_id,
                  const std::string& model) {
    v1::Evidence& said = *pick.add_evidence();
    said.set_modality(std::string(name(evidence.modality)));
    said.set_asset_id(asset_id);
    said.set_model(model);
    for (std::size_t i = 0; i < kMoodCount; ++i)
        (*said.mutable_moods())[std::string(name(static_cast<Mood>(i)))] = evidence.mood[i];
    said.set_valence(evidence.affect.valence);
    said.set_arousal(evidence.affect.arousal);
    said.set_precision(evidence.precision);
    said.set_felt(evidence.felt);
}

Moment moment_of(const v1::Post& post) {
    Moment moment{.weather = post.context().weather(),
                  .place = post.context().place(),
                  .activity = post.context().activity()};
    if (!post.context().has_local_hour()) return moment;
    moment.local_hour = post.context().local_hour();
    // The hour of a wish is the one that is meant, which says nothing of the day.
    if (post.has_created_at() && post.kind() != v1::WISH)
        moment.weekday = local_weekday(post.created_at().seconds(), *moment.local_hour);
    return moment;
}

// Why the picks are quiet: a plain post is no failure of any part, so it is a fact and nothing degraded.
void add_plainness(v1::Pick& pick, const std::vector<Evidence>& evidence) {
    const auto least = std::min_element(evidence.begin(), evidence.end(),
                                        [](const auto& a, const auto& b) { return a.felt < b.felt; });
    v1::Facts& facts = *pick.add_facts();
    facts.set_modality(std::string(name(least->modality)));
    (*facts.mutable_values())["felt"] = least->felt;
    facts.set_summary("hardly anything to feel in it: the picks are quiet and safe");
}

// The mean of a post's places in each space, the clearer the more.
void add_wish(std::vector<SoundWish>& wishes, const std::string& model,
              const google::protobuf::RepeatedField<float>& place, float quality) {
    auto same = std::find_if(wishes.begin(), wishes.end(),
                             [&](const SoundWish& wish) { return wish.model == model; });
    if (same == wishes.end()) same = wishes.insert(same, {.model = model, .embedding = {}});
    same->embedding.resize(std::max(same->embedding.size(), static_cast<std::size_t>(place.size())));
    for (int i = 0; i < place.size(); ++i)
        same->embedding[static_cast<std::size_t>(i)] += quality * place[i];
}

// What is heard in the post is to sound like the tracks, and its words are to fit how they sound.
void add_wishes(DecidedMood& decided, const v1::Output& output, Modality modality) {
    if (!(output.quality() > 0)) return;
    if (modality == Modality::audio)
        add_wish(decided.sounds, output.model(), output.embedding(), output.quality());
    if (output.has_among_sounds()) {
        const v1::AmongSounds& place = output.among_sounds();
        add_wish(decided.words, place.model(), place.embedding(), output.quality());
    }
}

// How much another try promises. Where every part of a post failed, the most hopeful failure decides what
// happens.
int hope(ErrorCode code) {
    if (code == ErrorCode::unavailable) return 3;  // a worker is away, and comes back
    if (code == ErrorCode::deadline_exceeded) return 1;
    return retryable(code) ? 2 : 0;
}

}  // namespace

void add_degraded(v1::Pick& pick, const std::string& modality, const std::string& asset_id, ErrorCode code,
                  const std::string& message) {
    auto& entry = *pick.add_degraded();
    entry.set_modality(modality);
    entry.set_asset_id(asset_id);
    entry.set_code(std::string(name(code)));
    entry.set_message(one_line(message, kDegradedMessageBytes));
}

Result<DecidedMood> decide_mood(const v1::Post& post, std::uint32_t revision,
                                const std::vector<Finding>& findings, const PoolOptions& options,
                                const WishReading* wish) {
    DecidedMood decided;
    v1::Pick& pick = decided.pick;
    std::vector<Evidence> evidence;
    struct Source {
        std::string asset_id, model;
    };
    std::vector<Source> sources;  // of each evidence
    std::set<std::string> models;
    const Error* failure = nullptr;
    bool answered = false;
    for (const Finding& finding : findings) {
        if (!finding.outputs) {
            const Error& error = finding.outputs.error();
            add_degraded(pick, finding.modality, finding.asset_id, error.code, error.message);
            if (failure == nullptr || hope(error.code) > hope(failure->code)) failure = &error;
            continue;
        }
        add_caption(pick, finding);
        add_facts(pick, finding);
        for (const v1::Output& output : *finding.outputs) {
            // Said whatever becomes of the part that could be used: half of a film is not lost silently.
            for (const v1::Missing& missing : output.missing()) {
                add_degraded(pick, missing.modality(), finding.asset_id,
                             error_code_from_name(missing.code()).value_or(ErrorCode::internal),
                             missing.message());
            }
            const LinearHead* head = finding.heads ? finding.heads->find(output.model()) : nullptr;
            if (head == nullptr) {
                add_degraded(pick, output.modality(), finding.asset_id, ErrorCode::internal,
                             "no head reads the model " + output.model());
                continue;
            }
            auto read =
                head->read({output.embedding().data(), static_cast<std::size_t>(output.embedding_size())},
                           output.quality());
            if (!read) {
                add_degraded(pick, output.modality(), finding.asset_id, read.error().code,
                             read.error().message);
                continue;
            }
            answered = true;
            if (!output.language().empty()) pick.set_language(output.language());
            // A wish for sad songs is not sad.
            if (wish != nullptr && wish->target && output.modality() == name(Modality::text)) continue;
            read->modality = modality_from_name(output.modality()).value_or(read->modality);
            read->asset = static_cast<std::uint32_t>(&finding - findings.data());
            evidence.push_back(*read);
            sources.push_back({finding.asset_id, output.model()});
            models.insert(output.model());
            add_wishes(decided, output, read->modality);
            if (output.quality() < kPoorQuality) {
                add_degraded(pick, output.modality(), finding.asset_id, ErrorCode::unsupported,
                             joined(output.notes()));
            }
        }
    }
    if (wish != nullptr) {
        *pick.mutable_understood() = wish->understood;
        if (wish->target) {
            evidence.push_back(*wish->target);
            evidence.back().asset = static_cast<std::uint32_t>(findings.size());
            sources.push_back({"", std::string(kWishModel)});
            models.insert(std::string(kWishModel));
            answered = true;
        }
    }
    if (!answered) {
        return failure != nullptr
                   ? *failure
                   : Error{.code = ErrorCode::internal, .message = "no modality gave any evidence"};
    }

    if (auto moment = read_moment(moment_of(post))) {
        moment->evidence.asset = static_cast<std::uint32_t>(findings.size() + 1);
        evidence.push_back(moment->evidence);
        sources.push_back({"", std::string(kMomentModel)});
        v1::Facts& facts = *pick.add_facts();
        facts.set_modality(std::string(name(Modality::context)));
        facts.set_summary(moment->summary);
    }
    const FusedMood& mood = decided.mood = fuse(evidence, options);
    if (mood.plain) add_plainness(pick, evidence);
    for (std::size_t i = 0; i < evidence.size() && evidence.size() > 1; ++i)
        add_evidence(pick, evidence[i], sources[i].asset_id, sources[i].model);
    pick.set_tenant(post.tenant());
    pick.set_post_id(post.post_id());
    pick.set_revision(revision);
    pick.set_user_id(post.user_id());
    pick.set_mood(std::string(name(mood.top)));
    pick.set_confidence(mood.confidence);
    pick.set_ambiguous(mood.ambiguous);
    pick.set_valence(mood.affect.valence);
    pick.set_arousal(mood.affect.arousal);
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        (*pick.mutable_moods())[std::string(name(static_cast<Mood>(i)))] = mood.moods[i];
    }
    for (Modality modality : kOpinions) {
        const auto i = static_cast<std::size_t>(modality);
        if (mood.present[i])
            (*pick.mutable_modalities())[std::string(name(modality))] = mood.contributions[i];
    }
    if (mood.ambiguous) {
        for (Mood likely : mood.likely)
            pick.add_likely_moods(std::string(name(likely)));
    }
    for (const std::string& model : models) {  // a post may be read by models of two generations
        const std::string longer = pick.model() + (pick.model().empty() ? "" : "+") + model;
        if (longer.size() <= kModelCharacters) pick.set_model(longer);
    }
    *pick.mutable_created_at() = post.created_at();
    return decided;
}

}  // namespace bgm
