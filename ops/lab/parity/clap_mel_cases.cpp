#include "ops/lab/parity/clap_mel_cases.hpp"

#include <string>

#include "ops/lab/parity/comparison.hpp"
#include "workers/audio/clap_mel.hpp"

namespace bgm {
namespace {

// [1 | clips, frames, bands], with ones before as the array has them.
Result<std::vector<float>> spectrum(const Fixture& fixture, const ClapMel& mel, const std::string& waveform) {
    const auto stored = fixture.array(waveform);
    if (!stored) return stored.error();
    if (stored->shape.size() != 1 || stored->size() == 0 || stored->size() > mel.samples())
        return Error{.code = ErrorCode::invalid_argument,
                     .message = waveform + " (" + stored->shape_text() + ") is no clip of at most " +
                                std::to_string(mel.samples()) + " samples"};
    std::vector<float> values(mel.values());
    mel.extract(stored->to_float(), values);
    return values;
}

bool ends_in_frames_and_bands(const NpyArray& array, const ClapMel& mel) {
    const auto& shape = array.shape;
    return shape.size() >= 2 && shape[shape.size() - 2] == static_cast<std::int64_t>(mel.frames()) &&
           shape.back() == static_cast<std::int64_t>(mel.bands());
}

ParityLine compare_spectra(const Fixture& fixture, const ClapMel& mel, const std::string& array,
                           const std::vector<float>& ours) {
    const std::string line = fixture.name() + "/" + array;
    const auto expected = fixture.array(array);
    if (!expected) return not_checked(line, expected.error().to_string());
    if (!ends_in_frames_and_bands(*expected, mel))
        return not_checked(line, "ours has " + std::to_string(mel.frames()) + "x" +
                                     std::to_string(mel.bands()) + " values a clip, the reference is " +
                                     expected->shape_text());
    return compare(line, ours, expected->to_float(), limit_of(array));
}

// [bins, bands]
ParityLine compare_filters(const Fixture& fixture, const ClapMel& mel, const NpyArray& expected) {
    const std::size_t bands = mel.bands();
    std::vector<float> ours(expected.size(), 0.0F);
    for (std::size_t band = 0; band < bands; ++band) {
        const auto& filter = mel.filters().bands()[band];
        for (std::size_t i = 0; i < filter.weights.size(); ++i) {
            const std::size_t at = (filter.first_bin + i) * bands + band;
            if (at < ours.size()) ours[at] = static_cast<float>(filter.weights[i]);
        }
    }
    return compare(fixture.name() + "/mel_filters_slaney", ours, expected.to_float(), kFinalLimit);
}

}  // namespace

Result<std::vector<ParityLine>> check_clap_mel(const std::filesystem::path& directory) {
    const auto fixture = Fixture::open(directory);
    if (!fixture) return fixture.error();
    const auto mel = ClapMel::open(directory);
    if (!mel) return mel.error();
    std::vector<ParityLine> lines;
    const std::string prefix = "input_features";
    for (const std::string& array : fixture->outputs()) {
        if (!array.starts_with(prefix)) continue;
        const auto ours = spectrum(*fixture, *mel, "waveform" + array.substr(prefix.size()));
        lines.push_back(ours ? compare_spectra(*fixture, *mel, array, *ours)
                             : not_checked(fixture->name() + "/" + array, ours.error().to_string()));
    }
    if (const auto filters = fixture->array("mel_filters_slaney"))
        lines.push_back(compare_filters(*fixture, *mel, *filters));
    return lines;
}

std::vector<ParityLine> check_input_features(const Fixture& fixture) {
    if (!fixture.has_input("waveform_0")) return {};
    const std::string array = "input_features";
    const auto mel = ClapMel::open(fixture.directory() / "model");
    if (!mel) return {not_checked(fixture.name() + "/" + array, mel.error().to_string())};
    std::vector<float> ours;
    for (int i = 0; fixture.has_input("waveform_" + std::to_string(i)); ++i) {
        const auto one = spectrum(fixture, *mel, "waveform_" + std::to_string(i));
        if (!one) return {not_checked(fixture.name() + "/" + array, one.error().to_string())};
        ours.insert(ours.end(), one->begin(), one->end());
    }
    return {compare_spectra(fixture, *mel, array, ours)};
}

}  // namespace bgm
