// What a text speaks of that no music may make light of: death, illness, disaster, violence.
//
// Two readers. The tables: words alone say little, "this beat is killer" is no violence, and "죽을 만큼
// 웃겼다" no death. So idioms are taken out first; what is left names subjects, each with a weight, which
// grows by whom it is about and by grief, and falls by laughter, games and fiction, in the same sentence and
// its neighbours (grave_words.hpp). An everyday ailment is no illness here, and one that is over (완치, in
// remission) is none either: whoever tells of it is glad. And a small network (grave_network.hpp), for what
// is told without their words: it speaks up alone where it is sure, and keeps the tables quiet where it is
// sure of the contrary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "schemas/grave_facts.hpp"
#include "schemas/result.hpp"
#include "workers/text/grave_network.hpp"
#include "workers/text/grave_words.hpp"
#include "workers/text/normalise.hpp"

namespace bgm {

/// What the tables make of a text.
struct GraveFinding {
    std::uint8_t subjects = 0;  // bits of GraveSubject; 0 where the text speaks of none
    int weight = 0;             // of the heaviest sentence, with what stands beside it; the tables' own unit
};

/// By the tables alone. Any thread.
GraveFinding weigh_grave(const NormalisedText& text);
/// Its subjects.
std::uint8_t find_grave(const NormalisedText& text);

/// By the tables and the network. Cheap to copy; share it between threads.
class GraveReader {
 public:
    /// The tables alone.
    GraveReader() = default;
    /// With the network of `models`; the tables alone where there is no grave.safetensors. Fails as
    /// GraveNetwork::open() does, naming the file.
    static Result<GraveReader> open(const std::filesystem::path& models);

    /// Bits of GraveSubject; 0 where the text speaks of none. `feelings` is the built-in text encoder's
    /// embedding of the text, where it is known already.
    std::uint8_t read(const NormalisedText& text, std::span<const float> feelings = {}) const;

    /// The same as facts (schemas/grave_facts.hpp), added to `facts`.
    template <typename Facts>
    void add_facts(const NormalisedText& text, Facts& facts, std::span<const float> feelings = {}) const {
        const std::uint8_t subjects = read(text, feelings);
        for (std::size_t i = 0; i < kGraveSubjects.size(); ++i) {
            if ((subjects >> i & 1U) != 0) facts[std::string(kGravePrefix).append(kGraveSubjects[i])] = 1;
        }
    }

 private:
    std::shared_ptr<const GraveNetwork> network_;
};

}  // namespace bgm
