// How bgmctl shows what was heard: what a run did, and one track as its row and the ear have it.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "daemon/store/analysis_table.hpp"
#include "fusion/catalogue/track.hpp"
#include "ops/bgmctl/catalogue/catalogue_analyse.hpp"

namespace bgm {

/// "a-1: songs/a.mp3: what is wrong (corrupt)", safe to print.
std::string failure_line(const AnalyseFailure& failure);
/// "75 x real time"
std::string rate_text(double heard_s, double seconds);
/// "1:05", "1:01:05"
std::string clock_text(double seconds);
/// "A minor"
std::string key_name(std::uint32_t tonic, bool minor);
/// Of a key_code() that is not 0.
std::string key_name(std::uint8_t code);

void print_plan(std::ostream& out, const AnalysePlan& plan);
std::string plan_json(const AnalysePlan& plan);
void print_outcome(std::ostream& out, const AnalysePlan& plan, const AnalyseOutcome& outcome);
std::string outcome_json(const AnalysePlan& plan, const AnalyseOutcome& outcome);

void print_track(std::ostream& out, const Track& track, const std::optional<TrackAnalysis>& analysis);
std::string track_json(const Track& track, const std::optional<TrackAnalysis>& analysis);

}  // namespace bgm
