// A pick or a dead letter as a person reads it.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "schemas/bgm.pb.h"

namespace bgm {

/// Asset id -> what the person calls it (a file name). Assets that are not in it go by their id.
using AssetNames = std::map<std::string, std::string>;

/// A black photo, silence: the mood that a pick has to name is just the first of thirteen that are all alike.
bool says_nothing(const v1::Pick& pick);

void print_pick(std::ostream& out, const v1::Pick& pick, const AssetNames& asset_names = {});
void print_dead_letter(std::ostream& out, const v1::DeadLetter& dead);

/// "3 m 20 s", "2 d 4 h": the two largest units.
std::string duration_text(double seconds);

/// "61%"
std::string percent_text(double share);

/// Local time, "2026-11-20 18:00:05".
std::string time_text(const google::protobuf::Timestamp& time);

}  // namespace bgm
