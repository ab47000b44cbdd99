// What workers say, judged before anything is done with it.
//
// A worker decodes media of strangers, and one that was taken over is a stranger itself: its words would
// become rows that MySQL refuses, labels of metrics without end, and lines that steer the terminal of who
// reads the log. So there is one table of what each field may hold, and one place that asks it. Words for
// programs (names, models, codes, a language) and numbers that are not what they must be make the message a
// lie: it is refused as a whole. Words for people (notes, captions, messages) are cut to one line. An honest
// worker never comes near a limit.
//
// Pure functions: any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "schemas/column_limits.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct WorkerLimit {
    std::string_view field;  // Message.field in worker.proto
    std::size_t most;
    std::string_view counted;  // entries, bytes, or what else `most` counts
    bool refused;              // beyond it the message is a lie; otherwise it is cut
};

inline constexpr std::array kWorkerLimits{
    WorkerLimit{"FromWorker", 16U << 20U, "bytes of a Hello", true},
    WorkerLimit{"FromWorker.result", 1U << 20U, "bytes of any other message", true},
    WorkerLimit{"FromWorker.kind", 2048, "fields in all", true},
    WorkerLimit{"Hello.name", 64, "bytes", true},
    WorkerLimit{"Hello.modalities", 8, "entries", true},
    WorkerLimit{"Hello.model", 500, "bytes", true},
    WorkerLimit{"Hello.model_version", 300, "bytes", true},
    WorkerLimit{"Hello.heads", 16, "entries", true},
    WorkerLimit{"Hello.models", 8, "entries of a model's length", true},
    WorkerLimit{"Hello.credits", 4096, "tasks", false},
    WorkerLimit{"Hello.credit_bytes", std::size_t{1} << 30U, "bytes", false},
    WorkerLimit{"Hello.batch_max", 4096, "tasks", false},
    WorkerLimit{"Heartbeat.rss_bytes", std::size_t{1} << 50U, "bytes", true},
    WorkerLimit{"Heartbeat.cache_hits", std::size_t{1} << 50U, "lookups, hits and misses each", true},
    WorkerLimit{"TaskResult.outputs", 8, "entries, each of another modality or model", true},
    WorkerLimit{"TaskResult.error_message", 400, "bytes", false},
    WorkerLimit{"TaskResult.batch_size", 4096, "tasks", true},
    WorkerLimit{"Output.embedding", 65'536, "finite numbers", true},
    WorkerLimit{"Output.model", 100, "bytes", true},
    WorkerLimit{"Output.language", kLanguageCharacters, "bytes", true},
    WorkerLimit{"Output.facts", 64, "entries", true},
    WorkerLimit{"Output.notes", 16, "entries", true},
    WorkerLimit{"Output.notes.text", 200, "bytes of each", false},
    WorkerLimit{"Output.caption", kCaptionBytes, "bytes", false},
    WorkerLimit{"Output.text", kReadTextBytes, "bytes", false},
    WorkerLimit{"Output.missing", 4, "entries", true},
    WorkerLimit{"Missing.message", 200, "bytes", false},
    WorkerLimit{"AmongSounds.embedding", 1024, "finite numbers, of length 1", true},
    WorkerLimit{"TrackParts.windows", 128, "entries, rising", true},
    WorkerLimit{"TrackParts.beats_s", 8192, "seconds, rising", true},
    WorkerLimit{"TrackParts.fingerprint", 2048, "numbers", true},
};

/// The limit of a field; does not compile where there is none.
consteval std::size_t most(std::string_view field) {
    for (const WorkerLimit& limit : kWorkerLimits) {
        if (limit.field == field) return limit.most;
    }
    throw "no such field in kWorkerLimits";
}

/// A model's name as it may stand in a label, a column and a line of the log: 1 to 100 printable bytes of
/// UTF-8 without "+", which joins several.
bool usable_model_name(std::string_view model);

/// Parses what the worker at `identity` sent, and judges it but for the content of a TaskResult. Memory is
/// taken only for what is within the limits. A Hello must have the name that the identity begins with ("NAME"
/// or "NAME/PID"): the identity is the connection's, given before the worker saw any medium, so nobody can
/// speak as another worker later. The error's `field` names the field.
Result<v1::FromWorker> read_from_worker(std::string_view identity, std::string_view bytes);

/// What the answer is held to.
struct AskedTask {
    Modality modality = Modality::text;
    std::size_t batch_max = 1;                 // of the worker
    std::chrono::microseconds since_submit{};  // it cannot have taken longer
};

/// Judges an answer, and cuts what is for people. An error means that it is no answer to what was asked. With
/// `error_code` set it becomes a known code, and the outputs are gone.
Status judge(v1::TaskResult& answer, const AskedTask& asked);

}  // namespace bgm
