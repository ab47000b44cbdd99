// The words by which a text is known to speak of death, illness, disaster or violence: tables, read by
// grave.cpp.
//
// The words are patterns of schemas/word_pattern.hpp, in which `@kin` is any word of that class, `#` any
// number, and `_` stands for up to three words of any kind.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bgm {

enum class GraveRole : std::uint8_t {
    mask,     // an idiom: its words say nothing of what they name
    subject,  // names a subject; at kGraveEnough it is enough by itself
    beside,   // adds to, or takes from, the subjects beside it
};

/// Bits, in the order of kGraveSubjects: a row may speak of several.
enum GraveSubject : std::uint8_t {
    kGraveDeath = 1,
    kGraveIllness = 2,
    kGraveDisaster = 4,
    kGraveViolence = 8,
    kGraveAny = 15,
    kGraveLoss = kGraveDeath | kGraveIllness,
    kGraveHarm = kGraveDeath | kGraveDisaster | kGraveViolence,
    kGraveWar = kGraveDisaster | kGraveViolence,
};

struct GraveWords {
    GraveRole role;
    std::uint8_t subjects;         // of `beside`: those it adds to
    int weight;                    // 0 for masks
    std::u32string_view patterns;  // separated by '|'
};

/// The weight from which on a subject is spoken of.
inline constexpr int kGraveEnough = 4;

std::span<const GraveWords> grave_words();

/// More rows: those that tell of a subject without its name ("since you left us"), and what surrounds it. In
/// English they are three: idioms and surroundings; death and illness; disaster and violence.
std::span<const GraveWords> grave_turns_english();
std::span<const GraveWords> grave_loss_english();
std::span<const GraveWords> grave_harm_english();
std::span<const GraveWords> grave_turns_korean();

/// The words of a class such as "kin", separated by '|'; empty for a class that there is not.
std::u32string_view grave_word_class(std::u32string_view name);

}  // namespace bgm
