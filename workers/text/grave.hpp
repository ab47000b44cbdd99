// What a text speaks of that no music may make light of: death, illness, disaster, violence.
//
// Words alone say little: "this beat is killer" is no violence, and "죽을 만큼 웃겼다" no death. So idioms
// are taken out first; what is left names subjects, each with a weight, which grows by whom it is about and
// by grief, and falls by laughter, games and fiction, in the same sentence and its neighbours. The words and
// weights are the tables in grave_words.hpp. An everyday ailment is no illness here, and one that is over
// (완치, in remission) is none either: whoever tells of it is glad.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "schemas/grave_facts.hpp"
#include "workers/text/grave_words.hpp"
#include "workers/text/normalise.hpp"

namespace bgm {

/// Bits of GraveSubject; 0 where the text speaks of none. Any thread.
std::uint8_t find_grave(const NormalisedText& text);

/// The same as facts (schemas/grave_facts.hpp), added to `facts`.
template <typename Facts>
void add_grave_facts(const NormalisedText& text, Facts& facts) {
    const std::uint8_t subjects = find_grave(text);
    for (std::size_t i = 0; i < kGraveSubjects.size(); ++i) {
        if ((subjects >> i & 1U) != 0) facts[std::string(kGravePrefix).append(kGraveSubjects[i])] = 1;
    }
}

}  // namespace bgm
