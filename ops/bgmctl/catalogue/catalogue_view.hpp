// How bgmctl shows a catalogue: what an import did, tracks in a table, and what the catalogue consists of.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "fusion/catalogue/track.hpp"
#include "ops/bgmctl/catalogue/catalogue_import.hpp"

namespace bgm {

struct CatalogueFigures {
    std::uint64_t track_count = 0;
    std::uint64_t inactive_count = 0;
    std::uint64_t without_mood_count = 0;
    std::array<std::uint64_t, kMoodCount> strongest{};         // tracks whose strongest mood it is
    std::array<std::uint64_t, kMoodCount> second_strongest{};  // tracks that are also of this mood
    std::map<std::string, std::uint64_t> by_genre;
    std::map<std::string, std::uint64_t> by_language;
    std::map<std::string, std::uint64_t> by_license;
    std::map<std::string, std::uint64_t> by_source;

    void add(const Track& track);
};

void print_import(std::ostream& out, const ImportArguments& arguments, const ImportOutcome& outcome,
                  const std::string& place, bool reloaded);
std::string import_json(const ImportArguments& arguments, const ImportOutcome& outcome,
                        const std::string& place, bool reloaded);

void print_tracks(std::ostream& out, const std::vector<Track>& tracks);
std::string tracks_json(const std::vector<Track>& tracks, std::uint64_t matching_count);

void print_figures(std::ostream& out, const CatalogueFigures& figures, const std::string& place);
std::string figures_json(const CatalogueFigures& figures);

}  // namespace bgm
