// Sentences about death, illness, disaster and violence, and sentences that only sound so, drawn from
// patterns written by hand.
//
// The file, UTF-8, a line each:
//   # comment
//   @name \t words,separated,by,commas     a class; holds from here on, until it is written anew
//   pattern|pattern \t subjects            of kGraveSubjects separated by ';', or "-" for none
// In a pattern one of a, b, c is drawn for {a,b,c}, which do not nest, and then one word for each @name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/lab/train/augment.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct GraveExample {
    std::string text;
    std::uint8_t subjects = 0;  // bits in the order of kGraveSubjects
};

/// Of names separated by ';', or "-" for none.
Result<std::uint8_t> subjects_of(std::string_view names);

class GravePhrases {
 public:
    /// `not_found`, or `corrupt` naming the line.
    static Result<GravePhrases> read(const std::filesystem::path& file);

    /// A pattern is as likely as the root of how many sentences it stands for, within limits. At least one
    /// pattern of each kind is there.
    GraveExample draw_grave(Random& random) const { return drawn(grave_, random); }
    GraveExample draw_trap(Random& random) const { return drawn(traps_, random); }

    std::size_t patterns() const { return patterns_.size(); }

 private:
    struct Pattern {
        std::string text;  // a class is kClassMark and its place in classes_, in two bytes
        std::uint8_t subjects = 0;
    };

    GraveExample drawn(const std::vector<std::size_t>& choices, Random& random) const;
    Status add_class(std::string_view name, std::string_view words);
    Status add_patterns(std::string_view patterns, std::string_view subjects);
    Result<std::string> with_places(std::string_view pattern) const;
    double sentences(std::string_view pattern) const;

    std::vector<std::vector<std::string>> classes_;
    std::vector<std::pair<std::string, std::size_t>> names_;  // the latest of a name is last
    std::vector<Pattern> patterns_;
    std::vector<std::size_t> grave_;  // places in patterns_, a likely one more often
    std::vector<std::size_t> traps_;
};

}  // namespace bgm::train
