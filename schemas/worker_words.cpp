#include "schemas/worker_words.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "schemas/one_line.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

Error lie(std::string field, std::string message) {
    return {.code = ErrorCode::corrupt, .message = std::move(message), .field = std::move(field)};
}

Error too_many(std::string field, std::size_t most) {
    return lie(std::move(field), "is more than " + std::to_string(most));
}

/// Letters, digits, and what else is allowed.
bool made_of(std::string_view text, std::string_view also) {
    return std::all_of(text.begin(), text.end(), [also](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
               also.find(byte) != std::string_view::npos;
    });
}

bool printable(std::string_view text) {
    return valid_utf8(text) && one_line(text, text.size()) == text;
}

// The fields of a message and of the messages in it that can be repeated without end: an empty entry takes
// two bytes of the frame and hundreds of memory. Stops counting past `most`, and where the bytes are no
// message.
std::size_t count_fields(CodedInputStream& input, int depth, std::size_t most) {
    std::size_t count = 0;
    while (const std::uint32_t tag = input.ReadTag()) {
        if (++count > most) break;
        const bool nested = WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
        // FromWorker -> Hello, Heartbeat or TaskResult -> its outputs.
        const bool inside =
            nested && (depth == 0 || (depth == 1 && WireFormatLite::GetTagFieldNumber(tag) == 2));
        if (!inside) {
            if (!WireFormatLite::SkipField(&input, tag)) break;
            continue;
        }
        std::uint32_t length = 0;
        if (!input.ReadVarint32(&length)) break;
        const auto limit = input.PushLimit(
            static_cast<int>(std::min<std::uint32_t>(length, std::numeric_limits<int>::max())));
        count += count_fields(input, depth + 1, most - count);
        if (!input.Skip(input.BytesUntilLimit())) break;
        input.PopLimit(limit);
    }
    return count;
}

Status judge_hello(std::string_view identity, const v1::Hello& hello) {
    const std::string& name = hello.name();
    if (name.empty() || name.size() > most("Hello.name") || !made_of(name, "._-"))
        return lie("name", "is not 1 to 64 letters, digits and . _ -");
    if (identity != name && !identity.starts_with(name + "/"))
        return lie("name", "is not that of the connection");
    if (static_cast<std::size_t>(hello.modalities_size()) > most("Hello.modalities"))
        return too_many("modalities", most("Hello.modalities"));
    if (hello.model().size() > most("Hello.model") || !printable(hello.model()))
        return lie("model", "is not at most 500 printable bytes");
    if (hello.model_version().size() > most("Hello.model_version") ||
        !made_of(hello.model_version(), "._-+@:"))
        return lie("model_version", "is not at most 300 letters, digits and . _ - + @ :");
    if (static_cast<std::size_t>(hello.heads_size()) > most("Hello.heads"))
        return too_many("heads", most("Hello.heads"));
    if (static_cast<std::size_t>(hello.models_size()) > most("Hello.models"))
        return too_many("models", most("Hello.models"));
    for (const std::string& model : hello.models()) {
        if (!usable_model_name(model))
            return lie("models", "holds one that is not 1 to 100 printable bytes without +");
    }
    return ok_status();
}

Status judge_heartbeat(const v1::Heartbeat& heartbeat) {
    if (heartbeat.rss_bytes() > most("Heartbeat.rss_bytes"))
        return too_many("rss_bytes", most("Heartbeat.rss_bytes"));
    if (std::max(heartbeat.cache_hits(), heartbeat.cache_misses()) > most("Heartbeat.cache_hits"))
        return too_many("cache_hits", most("Heartbeat.cache_hits"));
    return ok_status();
}

bool all_finite(const google::protobuf::RepeatedField<float>& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](float number) { return std::isfinite(number); });
}

// A file is read for what it is, whatever it was posted as: a moving GIF among the photos is a video, and a
// video answers for its sound, too. But a text is no medium.
bool may_answer(Modality asked, Modality answered) {
    return (asked == Modality::text) == (answered == Modality::text);
}

void judge_facts(google::protobuf::Map<std::string, float>& facts) {
    // Measurements of silence or of one pixel may well be infinite: only that one is of no use.
    for (auto fact = facts.begin(); fact != facts.end();) {
        const bool fine =
            std::isfinite(fact->second) && fact->first.size() <= 64 && made_of(fact->first, "._-");
        fact = fine ? std::next(fact) : facts.erase(fact);
    }
}

// A worker that answers is not away. As its answer `unavailable` would have the post wait for ever.
std::string code_of(const std::string& said) {
    const auto code = error_code_from_name(said);
    return std::string(name(!code || *code == ErrorCode::unavailable ? ErrorCode::internal : *code));
}

Status judge_missing(v1::Output& output) {
    if (static_cast<std::size_t>(output.missing_size()) > most("Output.missing"))
        return too_many("missing", most("Output.missing"));
    for (v1::Missing& missing : *output.mutable_missing()) {
        if (!modality_from_name(missing.modality())) return lie("missing", "names no modality");
        missing.set_code(code_of(missing.code()));
        missing.set_message(one_line(missing.message(), most("Missing.message")));
    }
    return ok_status();
}

template <typename Seconds>
bool rising(const Seconds& seconds) {
    float before = 0;
    for (const float each : seconds) {
        if (!(each >= before && each < 1e6F)) return false;
        before = each;
    }
    return true;
}

Status judge_track(const v1::TrackParts& track) {
    if (static_cast<std::size_t>(track.windows_size()) > most("TrackParts.windows"))
        return too_many("track.windows", most("TrackParts.windows"));
    std::vector<float> starts;
    for (const v1::TrackWindow& window : track.windows()) {
        starts.push_back(window.start_s());
        if (window.embedding().empty() ||
            static_cast<std::size_t>(window.embedding_size()) > most("Output.embedding") ||
            !all_finite(window.embedding()) || !usable_model_name(window.model()) ||
            !(window.quality() >= 0.0F && window.quality() <= 1.0F))
            return lie("track.windows", "hold one without an embedding, a model or a quality in 0 to 1");
    }
    if (!rising(starts)) return lie("track.windows", "do not rise");
    if (static_cast<std::size_t>(track.beats_s_size()) > most("TrackParts.beats_s"))
        return too_many("track.beats_s", most("TrackParts.beats_s"));
    if (!rising(track.beats_s())) return lie("track.beats_s", "do not rise");
    if (static_cast<std::size_t>(track.fingerprint_size()) > most("TrackParts.fingerprint"))
        return too_many("track.fingerprint", most("TrackParts.fingerprint"));
    return ok_status();
}

Status judge_among_sounds(const v1::AmongSounds& place) {
    constexpr float kLengthError = 0.01F;
    const auto& numbers = place.embedding();
    float squares = 0;
    for (const float number : numbers)
        squares += number * number;
    if (static_cast<std::size_t>(numbers.size()) > most("AmongSounds.embedding"))
        return too_many("among_sounds.embedding", most("AmongSounds.embedding"));
    if (!(std::abs(std::sqrt(squares) - 1) <= kLengthError))
        return lie("among_sounds.embedding", "is not of length 1");
    if (!usable_model_name(place.model()))
        return lie("among_sounds.model", "is not 1 to 100 printable bytes without +");
    return ok_status();
}

Status judge_output(v1::Output& output, Modality asked) {
    const auto modality = modality_from_name(output.modality());
    if (!modality || !may_answer(asked, *modality)) return lie("modality", "is none that the task can have");
    if (output.embedding().empty() ||
        static_cast<std::size_t>(output.embedding_size()) > most("Output.embedding") ||
        !all_finite(output.embedding())) {
        return lie("embedding", "is not 1 to 65536 finite numbers");
    }
    if (!usable_model_name(output.model())) return lie("model", "is not 1 to 100 printable bytes without +");
    if (!(output.quality() >= 0.0F && output.quality() <= 1.0F)) return lie("quality", "is not in 0 to 1");
    if (output.language().size() > most("Output.language") || !made_of(output.language(), "-"))
        return lie("language", "is not at most 35 letters, digits and -");
    if (output.facts().size() > most("Output.facts")) return too_many("facts", most("Output.facts"));
    if (static_cast<std::size_t>(output.notes_size()) > most("Output.notes"))
        return too_many("notes", most("Output.notes"));
    judge_facts(*output.mutable_facts());
    for (std::string& note : *output.mutable_notes())
        note = one_line(note, most("Output.notes.text"));
    output.set_caption(one_line(output.caption(), most("Output.caption")));
    output.set_text(one_line(output.text(), most("Output.text")));
    if (output.has_track()) {
        if (modality != Modality::audio) return lie("track", "is no part of anything but sound");
        if (Status judged = judge_track(output.track()); !judged) return judged;
    }
    if (output.has_among_sounds()) {
        if (modality != Modality::text && modality != Modality::image)
            return lie("among_sounds", "is no part of anything but words");
        if (Status judged = judge_among_sounds(output.among_sounds()); !judged) return judged;
    }
    return judge_missing(output);
}

}  // namespace

bool usable_model_name(std::string_view model) {
    return !model.empty() && model.size() <= most("Output.model") && printable(model) &&
           model.find('+') == std::string_view::npos;
}

Result<v1::FromWorker> read_from_worker(std::string_view identity, std::string_view bytes) {
    constexpr char kHelloTag = 0x0A;  // field 1, length-delimited
    const bool hello = !bytes.empty() && bytes.front() == kHelloTag;
    const std::size_t bytes_max = hello ? most("FromWorker") : most("FromWorker.result");
    if (bytes.size() > bytes_max) return too_many("bytes", bytes_max);
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    CodedInputStream input(data, static_cast<int>(bytes.size()));
    if (count_fields(input, 0, most("FromWorker.kind")) > most("FromWorker.kind"))
        return too_many("fields", most("FromWorker.kind"));
    v1::FromWorker message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return lie("", "is no message");
    Status judged = ok_status();
    if (message.has_hello()) judged = judge_hello(identity, message.hello());
    if (message.has_heartbeat()) judged = judge_heartbeat(message.heartbeat());
    if (!judged) return judged.error();
    return message;
}

Status judge(v1::TaskResult& answer, const AskedTask& asked) {
    if (answer.batch_size() > most("TaskResult.batch_size"))
        return too_many("batch_size", most("TaskResult.batch_size"));
    // Only for histograms, and a clock of another host may be off by a little: held to what is possible.
    answer.set_batch_size(std::clamp<std::uint32_t>(
        answer.batch_size(), 1, static_cast<std::uint32_t>(std::max<std::size_t>(asked.batch_max, 1))));
    const auto possible = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(asked.since_submit.count(), 0, std::numeric_limits<std::uint32_t>::max()));
    answer.set_encode_us(std::min(answer.encode_us(), possible));
    answer.set_queue_us(std::min(answer.queue_us(), possible - answer.encode_us()));
    if (!answer.error_code().empty()) {
        answer.set_error_code(code_of(answer.error_code()));
        answer.set_error_message(one_line(answer.error_message(), most("TaskResult.error_message")));
        answer.clear_outputs();
        return ok_status();
    }
    if (answer.outputs().empty()) return lie("outputs", "are none, and there is no error");
    if (static_cast<std::size_t>(answer.outputs_size()) > most("TaskResult.outputs"))
        return too_many("outputs", most("TaskResult.outputs"));
    for (int i = 0; i < answer.outputs_size(); ++i) {
        const std::string place = "outputs[" + std::to_string(i) + "]";
        if (Status judged = judge_output(*answer.mutable_outputs(i), asked.modality); !judged)
            return lie(place + "." + judged.error().field, judged.error().message);
        for (int earlier = 0; earlier < i; ++earlier) {
            if (answer.outputs(i).modality() == answer.outputs(earlier).modality() &&
                answer.outputs(i).model() == answer.outputs(earlier).model())
                return lie(place + ".model", "has answered before, for the same modality");
        }
    }
    return ok_status();
}

}  // namespace bgm
