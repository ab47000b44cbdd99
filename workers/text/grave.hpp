// What a text speaks of that no music may make light of: death, illness, disaster, violence.
//
// Words alone say little: "this beat is killer" is no violence, and "죽을 만큼 웃겼다" no death. So idioms
// are taken out first; what is left names subjects, each with a weight, which grows by whom it is about and
// by grief, and falls by laughter, games and fiction, in the same sentence and its neighbours. The words and
// weights are the tables in grave_words.hpp. An everyday ailment is no illness here, and one that is over
// (완치, in remission) is none either: whoever tells of it is glad.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "workers/text/grave_words.hpp"
#include "workers/text/normalise.hpp"

namespace bgm {

/// The facts that an encoding has for each subject that its text speaks of, at value 1.
inline constexpr std::array kGraveFacts{std::pair{kGraveDeath, std::string_view("grave_death")},
                                        std::pair{kGraveIllness, std::string_view("grave_illness")},
                                        std::pair{kGraveDisaster, std::string_view("grave_disaster")},
                                        std::pair{kGraveViolence, std::string_view("grave_violence")}};

/// Bits of GraveSubject; 0 where the text speaks of none. Any thread.
std::uint8_t find_grave(const NormalisedText& text);

/// The same as facts, added to `facts`.
template <typename Facts>
void add_grave_facts(const NormalisedText& text, Facts& facts) {
    const std::uint8_t subjects = find_grave(text);
    for (const auto& [subject, fact] : kGraveFacts) {
        if ((subjects & subject) != 0) facts[std::string(fact)] = 1;
    }
}

}  // namespace bgm
