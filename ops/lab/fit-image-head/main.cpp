// fit-image-head: rebuilds data/builtin/image_head.safetensors, and shows what a head says about photos.
//
//     fit-image-head --data DIR --out FILE [--photos FILE_OR_FOLDER ...]
//     fit-image-head --head FILE --photos FILE_OR_FOLDER ...
#include <CLI/CLI.hpp>
#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "fusion/mood/head.hpp"
#include "ops/lab/fit-image-head/prior.hpp"
#include "ops/lab/fit-image-head/ridge.hpp"
#include "ops/lab/fit-image-head/silhouettes.hpp"
#include "schemas/safetensors.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/image/image_features.hpp"

namespace bgm::fit {
namespace {

// Pictures of two colours say something about shape only, and only these features see it the same way in a
// photo. Where the edges lie is left out although it predicts best: a silhouette stands in the middle, a
// photo fills its frame.
constexpr std::array<std::string_view, 8> kShapeFeatures{
    "directionality", "symmetry_left_right", "symmetry_top_bottom", "lines_horizontal",
    "lines_vertical", "lines_slanted",       "roundness",           "corners"};

// How strongly the weights are held to the prior. Cross-validation on silhouettes would choose less, but what
// is learned from them has to hold for photos.
constexpr double kPenalty = 100;

constexpr int kFolds = 10;
constexpr double kMoodSpread =
    0.45;  // how far, on the valence/arousal plane, a photo's mood lies from its measured place

std::string read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::span<const std::byte> as_media(const std::string& bytes) {
    return std::as_bytes(std::span(bytes));
}

EncodeResult encode_file(Encoder& encoder, const std::filesystem::path& path) {
    const std::string bytes = read_file(path);
    const EncodeTask task{.text = {}, .lang = {}, .media = as_media(bytes)};
    return encoder.encode(std::span(&task, 1)).front();
}

struct Fit {
    Eigen::MatrixXd affect_weight;
    std::map<std::string, std::string> measured;  // for the metadata
};

Result<Fit> fit_affect(Encoder& encoder, const std::filesystem::path& data, const ImagePrior& prior) {
    const auto pictures = read_silhouettes(data / "image" / "bass_va");
    if (!pictures) return pictures.error();
    std::vector<Eigen::Index> columns;
    const auto rows = image_feature_rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (std::find(kShapeFeatures.begin(), kShapeFeatures.end(), rows[i].name) != kShapeFeatures.end()) {
            columns.push_back(static_cast<Eigen::Index>(i));
        }
    }
    const auto count = static_cast<Eigen::Index>(pictures->size());
    Eigen::MatrixXd x(count, static_cast<Eigen::Index>(columns.size()));
    Eigen::MatrixXd y(count, 2);
    for (Eigen::Index i = 0; i < count; ++i) {
        const RatedPicture& picture = (*pictures)[static_cast<std::size_t>(i)];
        const auto encoded = encode_file(encoder, picture.file);
        if (!encoded) {
            return Error{.code = encoded.error().code,
                         .message = picture.file.string() + ": " + encoded.error().message};
        }
        for (std::size_t c = 0; c < columns.size(); ++c) {
            x(i, static_cast<Eigen::Index>(c)) =
                encoded->front().embedding[static_cast<std::size_t>(columns[c])];
        }
        y(i, 0) = picture.affect.valence;
        y(i, 1) = picture.affect.arousal;
    }

    Fit fit{prior.affect_weight, {}};
    constexpr std::array<const char*, 2> kNames{"valence", "arousal"};
    for (Eigen::Index axis = 0; axis < 2; ++axis) {
        const Eigen::VectorXd start = prior.affect_weight(axis, columns).transpose();
        for (const double penalty : {1.0, 10.0, kPenalty, 1000.0}) {
            const Eigen::VectorXd held_back = cross_validate(x, y.col(axis), start, penalty, kFolds);
            std::printf("%s: penalty %4.0f, %d-fold r %.3f\n", kNames[axis], penalty, kFolds,
                        correlation(held_back, y.col(axis)));
        }
        const double fitted =
            correlation(cross_validate(x, y.col(axis), start, kPenalty, kFolds), y.col(axis));
        std::printf("%s: prior alone r %.3f, shipped r %.3f\n", kNames[axis],
                    correlation(x * start, y.col(axis)), fitted);
        const Eigen::VectorXd weight = fit_ridge(x, y.col(axis), start, kPenalty);
        for (std::size_t c = 0; c < columns.size(); ++c) {
            std::printf("    %-22s %+.3f -> %+.3f\n", std::string(rows[columns[c]].name).c_str(),
                        start(static_cast<Eigen::Index>(c)), weight(static_cast<Eigen::Index>(c)));
            fit.affect_weight(axis, columns[c]) = weight(static_cast<Eigen::Index>(c));
        }
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), "%.3f", fitted);
        fit.measured[std::string("cv_r_") + kNames[axis]] = text.data();
    }
    return fit;
}

std::string bytes_of(const Eigen::MatrixXd& matrix) {
    const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = matrix.cast<float>();
    return {reinterpret_cast<const char*>(rows.data()),
            static_cast<std::size_t>(rows.size()) * sizeof(float)};
}

// p(mood) is proportional to share * exp(-|va - va_mood|^2 / (2 s^2)) * exp(cues): the square of va is common
// to all moods, so what is left is linear in va, and va is linear in the embedding.
std::string build_head(const ImagePrior& prior, const Fit& fit) {
    Eigen::MatrixXd places(kMoodCount, 2);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const Affect place = affect(static_cast<Mood>(k));
        places.row(static_cast<Eigen::Index>(k)) << place.valence, place.arousal;
    }
    const double precision = 1.0 / (kMoodSpread * kMoodSpread);
    const Eigen::MatrixXd mood_weight = prior.mood_weight + precision * places * fit.affect_weight;
    const Eigen::VectorXd mood_bias =
        prior.mood_bias + precision * (places * prior.affect_bias - places.rowwise().squaredNorm() / 2);
    const std::int64_t width = mood_weight.cols();
    std::map<std::string, std::string> metadata{{"model", std::string(kImageFeaturesModel)},
                                                {"modality", "image"},
                                                {"temperature", "1.0"},
                                                {"precision", "0.35"}};
    metadata.insert(fit.measured.begin(), fit.measured.end());
    return write_safetensors({{"mood.weight", "F32", {kMoodCount, width}, bytes_of(mood_weight)},
                              {"mood.bias", "F32", {kMoodCount}, bytes_of(mood_bias)},
                              {"affect.weight", "F32", {2, width}, bytes_of(fit.affect_weight)},
                              {"affect.bias", "F32", {2}, bytes_of(prior.affect_bias)}},
                             metadata);
}

void show_photo(Encoder& encoder, const LinearHead& head, const std::filesystem::path& path,
                std::array<double, kMoodCount>& tops) {
    const auto encoded = encode_file(encoder, path);
    if (!encoded) {
        std::printf("%-28s %s\n", path.filename().c_str(), encoded.error().to_string().c_str());
        return;
    }
    const Encoding& encoding = encoded->front();
    const auto evidence = head.read(encoding.embedding, encoding.quality);
    if (!evidence) return;
    std::array<std::size_t, kMoodCount> order{};
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return evidence->mood[a] > evidence->mood[b]; });
    std::printf("%-28s v %+.2f a %+.2f q %.2f ", path.filename().c_str(), evidence->affect.valence,
                evidence->affect.arousal, encoding.quality);
    for (std::size_t i = 0; i < 3; ++i) {
        std::printf(" %s %.2f", std::string(name(static_cast<Mood>(order[i]))).c_str(),
                    evidence->mood[order[i]]);
    }
    const auto rows = image_feature_rows();
    std::printf("  |");
    const auto scenes =
        std::find_if(rows.begin(), rows.end(), [](const FeatureRow& row) { return row.name == "blue_sky"; }) -
        rows.begin();
    for (std::size_t i = static_cast<std::size_t>(scenes); i < rows.size(); ++i) {
        if (encoding.embedding[i] > 0.15F)
            std::printf(" %s %.1f", std::string(rows[i].name).c_str(), encoding.embedding[i]);
    }
    for (const auto& note : encoding.notes)
        std::printf(" (%s)", note.c_str());
    std::printf("\n");
    tops[order[0]] += 1;
}

// A folder answers with the share of its photos that each mood leads.
void show(Encoder& encoder, const LinearHead& head, const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files{path};
    if (std::filesystem::is_directory(path)) {
        files.clear();
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
    }
    std::array<double, kMoodCount> tops{};
    for (const auto& file : files)
        show_photo(encoder, head, file, tops);
    if (files.size() < 2) return;
    std::printf("== %s:", path.filename().c_str());
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        if (tops[k] > 0) {
            std::printf(" %s %.0f %%", std::string(name(static_cast<Mood>(k))).c_str(),
                        100 * tops[k] / static_cast<double>(files.size()));
        }
    }
    std::printf("\n");
}

int run(int argc, char** argv) {
    CLI::App app{"Fits the built-in image head and shows what a head says about photos."};
    std::filesystem::path data;
    std::filesystem::path out;
    std::filesystem::path head_file;
    std::vector<std::filesystem::path> photos;
    app.add_option("--data", data, "folder that holds image/bass_va");
    app.add_option("--out", out, "the head to write");
    app.add_option("--head", head_file, "a head to use instead of fitting one");
    app.add_option("--photos", photos, "photos, or folders of photos, to show moods for");
    CLI11_PARSE(app, argc, argv);
    if (data.empty() == head_file.empty()) {
        std::fprintf(stderr, "fit-image-head: give either --data or --head\n");
        return 2;
    }

    const auto encoder = make_image_encoder({});
    if (!encoder) return 1;
    std::string head_bytes;
    if (!data.empty()) {
        const ImagePrior prior = image_prior();
        const auto fit = fit_affect(**encoder, data, prior);
        if (!fit) {
            std::fprintf(stderr, "fit-image-head: %s\n", fit.error().to_string().c_str());
            return 1;
        }
        head_bytes = build_head(prior, *fit);
    } else {
        head_bytes = read_file(head_file);
    }
    if (!out.empty()) {
        std::ofstream stream(out, std::ios::binary);
        if (!(stream << head_bytes).flush()) {
            std::fprintf(stderr, "fit-image-head: cannot write %s\n", out.c_str());
            return 1;
        }
    }
    const auto head = LinearHead::parse(as_media(head_bytes));
    if (!head) {
        std::fprintf(stderr, "fit-image-head: %s\n", head.error().to_string().c_str());
        return 1;
    }
    for (const auto& path : photos)
        show(**encoder, *head, path);
    return 0;
}

}  // namespace
}  // namespace bgm::fit

int main(int argc, char** argv) {
    return bgm::fit::run(argc, argv);
}
