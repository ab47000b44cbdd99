// Teaches a head: fits one to all seeds, and says whether it is better than the one in use.
//
// It is judged on every seed by a head that was fitted without the fifth of the people that the seed's person
// is in, so that nobody is on both sides; what is offered has learnt from all of them.
//
// Deterministic on one kind of machine: a lesson that is continued from what another run had done ends in the
// same head. Not thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fusion/mood/head.hpp"
#include "ops/teaching/head_judge.hpp"
#include "ops/teaching/seed_rows.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct Lesson {
    std::string head{};  // the bytes of its file, fitted to all seeds
    ComparedHeads figures{};
    Verdict verdict{};
    std::size_t seeds = 0;
    std::size_t people = 0;  // groups
    std::size_t kept = 0;    // heads that an earlier run had fitted
};

/// Fewer of either are not learnt from.
inline constexpr std::size_t kSeedsMin = 200;
inline constexpr std::size_t kPeopleMin = 20;

struct LessonOptions {
    /// Heads that an earlier run over the same rows and head in use has fitted, in their order: they are not
    /// fitted again.
    std::vector<std::string> done = {};
    /// Called with all of them after each.
    std::function<Status(const std::vector<std::string>& done)> on_done = {};
    /// Share of the work that is done. False gives up.
    std::function<bool(double share)> progress = {};
};

/// `invalid_argument` where there are too few seeds or people, or what was done is not of these rows;
/// `unavailable` where it was given up; on_done's own errors.
Result<Lesson> teach(const SeedRows& rows, const LinearHead& in_use, const LessonOptions& options = {});

}  // namespace bgm
