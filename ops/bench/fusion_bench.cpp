// How long fusion takes: pooling the evidence of a post, reading an embedding, picking tracks from catalogues
// of 1,000 and 100,000. Run `bgm-bench-fusion`; one thread, no input.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/mood/head.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/matcher.hpp"
#include "fusion/stable_hash.hpp"
#include "schemas/safetensors.hpp"

namespace {

using namespace bgm;

/// The same numbers in every run.
class Numbers {
 public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t end) { return mix64(state_++) % end; }
    float unit() { return static_cast<float>(mix64(state_++) >> 40U) * 0x1p-24F; }

 private:
    std::uint64_t state_;
};

Track typical_track(std::size_t index, Numbers& numbers) {
    constexpr std::array<const char*, 8> kGenres{"kpop",      "pop",  "rock",   "ballad",
                                                 "classical", "jazz", "hiphop", "ambient"};
    Track track;
    track.track_id = "catalogue-" + std::to_string(1'000'000 + index);
    track.title = "A title of the usual length " + std::to_string(index);
    track.artist = "Some Artist " + std::to_string(numbers.below(20'000));
    track.album = "An Album " + std::to_string(numbers.below(40'000));
    track.genre = kGenres.at(numbers.below(kGenres.size()));
    track.language = numbers.below(2) == 0 ? "ko" : "en";
    track.uri = "https://music.example/tracks/" + std::to_string(10'000'000'000 + index);
    track.license = "CC BY 4.0";
    track.source = "catalogue.csv";
    track.duration_ms = static_cast<std::uint32_t>(90'000 + numbers.below(240'000));
    track.tempo_bpm = 60 + 120 * numbers.unit();
    track.is_explicit = numbers.below(10) == 0;
    for (int i = 0; i < 3; ++i)
        track.moods.at(numbers.below(kMoodCount)) += numbers.unit();
    track.affect = {2 * numbers.unit() - 1, 2 * numbers.unit() - 1};
    return track;
}

Catalogue catalogue_of(std::size_t size) {
    Numbers numbers(size);
    CatalogueBuilder builder;
    for (std::size_t i = 0; i < size; ++i) {
        if (!builder.add(typical_track(i, numbers))) std::abort();
    }
    auto catalogue = builder.finish();
    if (!catalogue) std::abort();
    return std::move(*catalogue);
}

const Catalogue& shared_catalogue(std::size_t size) {
    static const Catalogue small = catalogue_of(1'000);
    static const Catalogue large = catalogue_of(100'000);
    return size == 1'000 ? small : large;
}

Evidence some_evidence(Modality modality, Numbers& numbers, float strongest) {
    Evidence evidence{
        .modality = modality, .mood = {}, .affect = {}, .precision = 0.5F + 0.5F * numbers.unit()};
    for (float& mood : evidence.mood)
        mood = 0.2F * numbers.unit();
    evidence.mood.at(numbers.below(kMoodCount)) = strongest;
    evidence.affect = {2 * numbers.unit() - 1, 2 * numbers.unit() - 1};
    return evidence;
}

/// Moods of 64 posts, so that no run profits from a single lucky one.
std::vector<FusedMood> moods(bool ambiguous) {
    Numbers numbers(7);
    std::vector<FusedMood> all;
    while (all.size() < 64) {
        const Evidence evidence = some_evidence(Modality::text, numbers, ambiguous ? 0.2F : 2.0F);
        FusedMood mood = fuse({&evidence, 1});
        if (mood.ambiguous == ambiguous) all.push_back(std::move(mood));
    }
    return all;
}

void fuse_modalities(benchmark::State& state) {
    Numbers numbers(1);
    std::vector<Evidence> evidence;
    for (std::size_t m = 0; m < static_cast<std::size_t>(state.range(0)); ++m) {
        evidence.push_back(some_evidence(kModalities.at(m), numbers, 1.0F));
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(fuse(evidence));
}
BENCHMARK(fuse_modalities)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

void read_embedding(benchmark::State& state) {
    const std::int64_t width = state.range(0);
    Numbers numbers(2);
    const auto tensor = [&](std::string name, std::vector<std::int64_t> shape, std::size_t count) {
        std::vector<float> values(count);
        for (float& value : values)
            value = numbers.unit() - 0.5F;
        return TensorToWrite{
            std::move(name), "F32", std::move(shape),
            std::string(reinterpret_cast<const char*>(values.data()), count * sizeof(float))};
    };
    const auto columns = static_cast<std::size_t>(width);
    const std::string file =
        write_safetensors({tensor("mood.weight", {13, width}, 13 * columns), tensor("mood.bias", {13}, 13),
                           tensor("affect.weight", {2, width}, 2 * columns), tensor("affect.bias", {2}, 2)},
                          {{"model", "bench"}, {"modality", "text"}});
    const auto head = LinearHead::parse(std::as_bytes(std::span(file)));
    if (!head) return state.SkipWithError(head.error().message.c_str());
    std::vector<float> embedding(columns);
    for (float& value : embedding)
        value = numbers.unit() - 0.5F;
    for (auto _ : state)
        benchmark::DoNotOptimize(head->read(embedding, 1.0F));
}
BENCHMARK(read_embedding)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void pick_five(benchmark::State& state, bool ambiguous, MatchRequest request) {
    const Catalogue& catalogue = shared_catalogue(static_cast<std::size_t>(state.range(0)));
    const auto posts = moods(ambiguous);
    std::size_t post = 0;
    for (auto _ : state) {
        request.seed = mix64(post);
        benchmark::DoNotOptimize(match(catalogue, posts[post++ % posts.size()], request));
    }
    state.counters["bytes_per_track"] =
        static_cast<double>(catalogue.memory_bytes()) / static_cast<double>(catalogue.size());
}
BENCHMARK_CAPTURE(pick_five, decided, false, {})->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(pick_five, ambiguous, true, {})->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(pick_five, filtered, false,
                  MatchRequest{.genres = {"kpop"}, .exclude_explicit = true, .max_duration_ms = 200'000})
    ->Arg(1'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond);

void build_catalogue(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(catalogue_of(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(build_catalogue)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
