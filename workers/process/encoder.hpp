// What every modality of a worker implements: media or text in, embeddings and facts out.
//
// An encoder is created once, loads what it needs, and is then used by one thread. It keeps nothing of a task
// after it has answered. It never throws: whatever a library throws becomes an Error of that task alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct EncodeTask {
    std::string_view text;             // text tasks: valid UTF-8, at most the analysed part
    std::string_view lang;             // text tasks: the client's hint, may be empty
    std::span<const std::byte> media;  // media tasks: the whole file; type decided by content
};

/// A part of the same file that is there and could not be used: a film's sound track, or its pictures.
struct MissingPart {
    Modality modality = Modality::audio;
    Error error = {};
};

/// What a track of the catalogue consists of.
struct TrackWindow {
    float start_s = 0;
    std::vector<float> embedding;
    std::string model;
    float quality = 0;
};
struct TrackParts {
    std::vector<TrackWindow> windows;
    std::vector<float> beats_s;  // rising
    std::vector<std::uint32_t> fingerprint;
};

/// Where words lie in a space in which sounds lie, too.
struct AmongSounds {
    std::vector<float> embedding;  // of length 1
    std::string model;             // what the sounds' embeddings are called
};

/// One modality's view of a task. The head named by `model` turns the embedding into mood evidence.
struct Encoding {
    Modality modality = Modality::text;
    std::vector<float> embedding = {};
    std::string model = {};
    float quality = 1.0F;                     // 0..1, how much evidence there was
    std::string language = {};                // text only: "ko", "en" or "other"
    std::map<std::string, float> facts = {};  // what was measured, in plain units
    std::vector<std::string> notes = {};      // what lowered the quality
    std::string caption = {};                 // image only: one sentence, what it shows; UTF-8, may be empty
    std::string text = {};                    // image only: what was read in it; UTF-8, may be empty
    std::optional<TrackParts> track = {};     // a whole track of the catalogue only
    std::optional<AmongSounds> among_sounds = {};  // text, or an image's caption
    std::vector<MissingPart> missing = {};         // what else the file holds, and why it is not used
};

/// Each of another modality or model: a video answers with video, and audio for its sound track; a photo with
/// what it looks like, and with what is written in it.
using EncodeResult = Result<std::vector<Encoding>>;

class Encoder {
 public:
    virtual ~Encoder() = default;
    virtual Modality modality() const = 0;
    /// What its embeddings are called: finds the head that reads them. Where the model's files can be
    /// exchanged it ends in a version, "clip-vit-base-patch32@1a2b3c4d": the embeddings of two versions must
    /// not meet one head.
    virtual std::string model() const = 0;
    /// What exactly is loaded, as a hash of the files; empty where the name says it all.
    virtual std::string model_version() const { return {}; }
    /// The mood heads that it brings for its embeddings, as safetensors files (fusion/mood/head.hpp); none
    /// where bgmd has them as files.
    virtual std::vector<std::string> heads() const { return {}; }
    /// How many tasks one call takes at most.
    virtual std::size_t batch_max() const { return 1; }
    /// One result per task, in order.
    virtual std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) = 0;
};

}  // namespace bgm
