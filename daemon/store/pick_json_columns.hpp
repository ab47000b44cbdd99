// The JSON columns of `picks` and `pick_tracks`, there and back. Names that are known come in their fixed
// order: the same pick is the same row.
//
// Appended text is not checked: row_checks.hpp has done that. Reading throws nlohmann::json::exception where
// somebody wrote JSON of another shape.
#pragma once

#include <string>

#include "schemas/bgm.pb.h"

namespace bgm {

void append_mood_weights(std::string& json, const google::protobuf::Map<std::string, float>& weights);
void append_modality_weights(std::string& json, const google::protobuf::Map<std::string, float>& weights);
void append_texts(std::string& json, const google::protobuf::RepeatedPtrField<std::string>& texts);
void append_degraded(std::string& json, const google::protobuf::RepeatedPtrField<v1::Degraded>& entries);
void append_captions(std::string& json, const google::protobuf::RepeatedPtrField<v1::Caption>& captions);
void append_facts(std::string& json, const google::protobuf::RepeatedPtrField<v1::Facts>& facts);
void append_evidence(std::string& json, const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence);
void append_reason(std::string& json, const v1::Reason& reason);

void read_weights(const std::string& json, google::protobuf::Map<std::string, float>& weights);
void read_degraded(const std::string& json, v1::Pick& pick);
void read_captions(const std::string& json, v1::Pick& pick);
void read_facts(const std::string& json, v1::Pick& pick);
void read_evidence(const std::string& json, v1::Pick& pick);
void read_reason(const std::string& json, v1::Reason& reason);

}  // namespace bgm
