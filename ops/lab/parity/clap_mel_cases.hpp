// Parity of CLAP's feature extractor: waveforms to log-mel spectra. Free of libtorch.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/fixture.hpp"
#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// A line for every expected array of `directory` (preprocessor_config.json and io/ inside it), and one for
/// the filter bank where io/ has it.
Result<std::vector<ParityLine>> check_clap_mel(const std::filesystem::path& directory);

/// For a model's fixture, which has all clips' spectra in one array: waveform_0, waveform_1, ... through
/// model/preprocessor_config.json against input_features. Empty where there is no waveform.
std::vector<ParityLine> check_input_features(const Fixture& fixture);

}  // namespace bgm
