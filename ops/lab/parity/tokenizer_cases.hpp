// A tok_* directory of the parity format against our tokenisers: manifest.json, vocab/, cases.jsonl and,
// where it is there, special_literals.jsonl.
//
// A line of cases.jsonl: {"text", "ids", "truncated"}: the reference's ids of the whole text, and cut to the
// manifest's stats.max_length where that is shorter. Other keys are of other references and are not read.
// Free functions; any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// "NAME/cases", "NAME/truncated" and "NAME/special_literals". `difference` is the share of lines that
/// differ, none may; `detail` shows the first of them: its text, our ids and the reference's. An error where
/// the directory cannot be read.
Result<std::vector<ParityLine>> check_tokenizer(const std::filesystem::path& directory);

}  // namespace bgm
