// Five picks from a large catalogue with 128 numbers of sound a track, by the way that bgmd takes: how long
// (p50, p99), how many of the fifty that a full comparison picks it finds, and how much memory a track takes
// beyond its vector. Beside it the indices of hnswlib and FAISS for the sounds alone, each where it is
// installed (libhnswlib-dev, libfaiss-dev: nothing else needs them). One thread.
//
//   bgm-bench-sound [TRACKS [REQUESTS [indices]]]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/matcher.hpp"
#include "fusion/stable_hash.hpp"
#include "fusion/taste/taste.hpp"

#if __has_include(<hnswlib/hnswlib.h>)
#include <hnswlib/hnswlib.h>
#define BGM_HAS_HNSWLIB
#endif
#ifdef BGM_HAS_FAISS
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <omp.h>
#endif

namespace {

using namespace bgm;

constexpr std::size_t kWidth = 128;
constexpr std::size_t kStyles = 2'000;

class Numbers {
 public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t end) { return mix64(state_++) % end; }
    float unit() { return static_cast<float>(mix64(state_++) >> 40U) * 0x1p-24F; }
    float normal() {  // the sum of four is near enough
        return (unit() + unit() + unit() + unit() - 2) * 1.732F;
    }

 private:
    std::uint64_t state_;
};

/// In clusters, as those of real music lie: a style, and the track's own distance from it.
std::vector<float> embedding(Numbers& numbers) {
    Numbers style(1'000'000'000 + 1'000 * numbers.below(kStyles));
    std::vector<float> all(kWidth);
    for (float& number : all)
        number = style.normal() + numbers.normal();
    return all;
}

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

Catalogue make_catalogue(std::size_t size) {
    constexpr std::array<const char*, 8> kGenres{"kpop",      "pop",  "rock",   "ballad",
                                                 "classical", "jazz", "hiphop", "ambient"};
    Numbers numbers(size);
    CatalogueBuilder builder;
    for (std::size_t i = 0; i < size; ++i) {
        Track track;
        track.track_id = "catalogue-" + std::to_string(10'000'000 + i);
        track.title = "A title of the usual length " + std::to_string(i);
        track.artist = "Some Artist " + std::to_string(numbers.below(size / 5 + 1));
        track.genre = kGenres.at(numbers.below(kGenres.size()));
        track.language = numbers.below(2) == 0 ? "ko" : "en";
        track.uri = "file:tracks/" + std::to_string(i) + ".mp3";
        track.duration_ms = static_cast<std::uint32_t>(90'000 + numbers.below(240'000));
        track.is_explicit = numbers.below(10) == 0;
        for (int m = 0; m < 3; ++m)
            track.moods.at(numbers.below(kMoodCount)) += numbers.unit();
        track.affect = {2 * numbers.unit() - 1, 2 * numbers.unit() - 1};
        const TrackSound sound{.seconds = 200,
                               .loudness_lufs = -20 + 12 * numbers.unit(),
                               .tempo_bpm = 60 + 120 * numbers.unit(),
                               .key = static_cast<std::uint8_t>(1 + numbers.below(24)),
                               .moment_ms = 30'000,
                               .moods = {},
                               .affect = {},
                               .embedding_model = "bench",
                               .embedding = embedding(numbers)};
        if (!builder.add(track, &sound)) std::abort();
    }
    auto built = builder.finish();
    if (!built) std::abort();
    return std::move(*built);
}

FusedMood some_mood(Numbers& numbers, bool ambiguous) {
    for (;;) {
        Evidence evidence{.modality = Modality::text, .mood = {}, .affect = {}, .precision = 1};
        for (float& mood : evidence.mood)
            mood = 0.2F * numbers.unit();
        evidence.mood.at(numbers.below(kMoodCount)) = ambiguous ? 0.2F : 2.0F;
        evidence.affect = {2 * numbers.unit() - 1, 2 * numbers.unit() - 1};
        FusedMood mood = fuse({&evidence, 1});
        if (mood.ambiguous == ambiguous) return mood;
    }
}

/// Of somebody who reacted so often: he likes one genre, every fifth artist and one way of sounding, which he
/// hears more often than by chance.
std::shared_ptr<const Taste> some_taste(const Catalogue& catalogue, Numbers& numbers, std::size_t reactions) {
    auto taste = std::make_shared<Taste>();
    const SoundSpace::Query liked = catalogue.sounds().query(embedding(numbers));
    const std::uint32_t genre = catalogue.rows()[numbers.below(catalogue.size())].genre;
    while (taste->reactions < reactions) {
        auto index = static_cast<std::uint32_t>(numbers.below(catalogue.size()));
        const bool sought = taste->reactions % 4 == 0;
        for (int tries = 0; sought && tries < 10'000 && catalogue.sounds().cosine(index, liked) < 0.4F;
             ++tries)
            index = static_cast<std::uint32_t>(numbers.below(catalogue.size()));
        const Catalogue::Row& row = catalogue.rows()[index];
        const bool likes =
            row.genre == genre || row.artist_group % 5 == 0 || catalogue.sounds().cosine(index, liked) > 0.4F;
        taste->learn(likes ? Reaction::liked : Reaction::skipped,
                     1'000'000 * static_cast<std::int64_t>(taste->reactions + 1),
                     reacted_track(catalogue, index));
    }
    return taste;
}

void report(const char* what, std::vector<double> ms, double recall) {
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double share) {
        return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
    };
    std::printf("  %-36s p50 %7.3f ms  p99 %7.3f ms", what, at(0.5), at(0.99));
    if (recall >= 0) std::printf("  recall@50 %.4f", recall);
    std::printf("\n");
}

double found_of(const std::vector<MatchedTrack>& all, const std::vector<MatchedTrack>& some) {
    std::unordered_set<std::uint32_t> wanted;
    for (const auto& one : all)
        wanted.insert(one.track_index);
    std::size_t found = 0;
    for (const auto& one : some)
        found += wanted.count(one.track_index);
    return all.empty() ? 1 : static_cast<double>(found) / static_cast<double>(all.size());
}

void measure(const Catalogue& catalogue, const char* what, MatchRequest request, bool heard, bool ambiguous,
             std::size_t requests, bool listened = false) {
    Numbers numbers(99);
    std::vector<std::shared_ptr<const Taste>> tastes;
    for (std::size_t i = 0; listened && i < 20; ++i)
        tastes.push_back(some_taste(catalogue, numbers, 10 + 10 * i));
    std::vector<double> ms;
    double recall = 0;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < requests; ++i) {
        const FusedMood mood = some_mood(numbers, ambiguous);
        request.seed = mix64(i);
        request.sounds.clear();
        if (heard) request.sounds.push_back({"bench", embedding(numbers)});
        request.tracks = 5;
        if (listened) request.listener = {.taste = tastes[i % tastes.size()], .now_ms = 1'000'000'000};
        const double before = cpu_ms();
        const auto picks = match(catalogue, mood, request);
        ms.push_back(cpu_ms() - before);
        if (picks.empty()) std::abort();
        if (i % 10 != 0) continue;
        request.tracks = 50;
        request.in_order = false;  // an order turns one track into many
        request.exhaustive = true;
        const auto all = match(catalogue, mood, request);
        request.exhaustive = false;
        recall += found_of(all, match(catalogue, mood, request));
        request.in_order = true;
        ++compared;
    }
    report(what, ms, recall / static_cast<double>(compared));
}

// The fifty most similar by sound alone: the libraries know no moods, and these versions no filters.
template <typename Search>
void measure_library(const Catalogue& catalogue, const char* what, std::size_t requests, Search search) {
    Numbers numbers(7);
    std::vector<double> ms;
    double recall = 0;
    for (std::size_t i = 0; i < requests; ++i) {
        const auto query = catalogue.sounds().query(embedding(numbers));
        const double before = cpu_ms();
        const std::vector<std::uint32_t> near = search(query);
        ms.push_back(cpu_ms() - before);
        std::vector<std::pair<float, std::uint32_t>> all;
        for (std::uint32_t t = 0; t < catalogue.size(); ++t) {
            all.emplace_back(-catalogue.sounds().cosine(t, query), t);
        }
        std::partial_sort(all.begin(), all.begin() + 50, all.end());
        std::unordered_set<std::uint32_t> wanted;
        for (int n = 0; n < 50; ++n)
            wanted.insert(all[static_cast<std::size_t>(n)].second);
        for (const std::uint32_t one : near)
            recall += static_cast<double>(wanted.count(one)) / 50;
    }
    report(what, ms, recall / static_cast<double>(requests));
}

double resident_mb() {
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file == nullptr || std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file != nullptr) std::fclose(file);
    return static_cast<double>(pages) * 4096 / 1e6;
}

#ifdef BGM_HAS_HNSWLIB
void measure_hnswlib(const Catalogue& catalogue, std::size_t requests) {
    const double before_mb = resident_mb();
    const double before = cpu_ms();
    hnswlib::InnerProductSpace space(kWidth);
    hnswlib::HierarchicalNSW<float> index(&space, catalogue.size(), 16, 100);
    for (std::uint32_t t = 0; t < catalogue.size(); ++t)
        index.addPoint(catalogue.sounds().vector(t).data(), t);
    std::printf(
        "hnswlib (M 16, ef 100 while building): built in %.0f s of CPU, %.0f bytes a track beyond the "
        "vector\n",
        (cpu_ms() - before) / 1e3,
        (resident_mb() - before_mb) * 1e6 / static_cast<double>(catalogue.size()) - 4 * kWidth);
    for (const std::size_t ef : {100U, 400U, 1600U}) {
        index.setEf(ef);
        const std::string what = "ef " + std::to_string(ef);
        measure_library(catalogue, what.c_str(), requests, [&](const std::vector<float>& unit) {
            std::vector<std::uint32_t> near;
            auto found = index.searchKnn(unit.data(), 50);
            for (; !found.empty(); found.pop())
                near.push_back(static_cast<std::uint32_t>(found.top().second));
            return near;
        });
    }
}

#endif

#ifdef BGM_HAS_FAISS
void measure_faiss(const Catalogue& catalogue, std::size_t requests) {
    omp_set_num_threads(1);
    const double before_mb = resident_mb();
    const double before = cpu_ms();
    const auto lists = static_cast<std::size_t>(4 * std::sqrt(static_cast<double>(catalogue.size())));
    faiss::IndexFlatIP centres(kWidth);
    faiss::IndexIVFFlat index(&centres, kWidth, lists, faiss::METRIC_INNER_PRODUCT);
    std::vector<float> all;  // at once: for each addition it takes memory for all tracks
    all.reserve(catalogue.size() * kWidth);
    for (std::uint32_t t = 0; t < catalogue.size(); ++t) {
        const auto vector = catalogue.sounds().vector(t);
        all.insert(all.end(), vector.begin(), vector.end());
    }
    const auto size = static_cast<faiss::Index::idx_t>(catalogue.size());
    index.train(size, all.data());
    index.add(size, all.data());
    all = {};
    std::printf(
        "FAISS IndexIVFFlat (%zu lists): built in %.0f s of CPU, %.0f bytes a track beyond the vector\n",
        lists, (cpu_ms() - before) / 1e3,
        (resident_mb() - before_mb) * 1e6 / static_cast<double>(catalogue.size()) - 4 * kWidth);
    for (const std::size_t probes : {4U, 16U, 64U, 256U}) {
        index.nprobe = probes;
        const std::string what = std::to_string(probes) + " lists";
        measure_library(catalogue, what.c_str(), requests, [&](const std::vector<float>& unit) {
            std::vector<float> distances(50);
            std::vector<faiss::Index::idx_t> labels(50);
            index.search(1, unit.data(), 50, distances.data(), labels.data());
            return std::vector<std::uint32_t>(labels.begin(), labels.end());
        });
    }
}
#endif

}  // namespace

int main(int argc, char** argv) {
    const std::size_t tracks = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
    const std::size_t requests = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000;
    const bool libraries = argc > 3;
    double before = cpu_ms();
    const Catalogue catalogue = make_catalogue(tracks);
    std::printf(
        "%zu tracks with %zu numbers, made up and built in %.1f s of CPU; %.0f bytes a track beyond the "
        "vector\n",
        tracks, kWidth, (cpu_ms() - before) / 1e3,
        static_cast<double>(catalogue.memory_bytes() - catalogue.sounds().vector_bytes()) /
            static_cast<double>(tracks));
    const MatchRequest filters{.genres = {"kpop"}, .exclude_explicit = true, .max_duration_ms = 200'000};
    const MatchRequest narrow{.genres = {"kpop"}, .max_duration_ms = 92'000};
    measure(catalogue, "mood", {}, false, false, requests);
    measure(catalogue, "mood, ambiguous", {}, false, true, requests);
    measure(catalogue, "mood, filters", filters, false, false, requests);
    measure(catalogue, "mood and sound", {}, true, false, requests);
    measure(catalogue, "mood and sound, ambiguous", {}, true, true, requests);
    measure(catalogue, "mood and sound, filters (1 in 20)", filters, true, false, requests);
    measure(catalogue, "mood and sound, filters (1 in 960)", narrow, true, false, requests);
    measure(catalogue, "mood and taste", {}, false, false, requests, true);
    measure(catalogue, "mood, ambiguous, and taste", {}, false, true, requests, true);
    measure(catalogue, "mood and taste, filters (1 in 20)", filters, false, false, requests, true);
    measure(catalogue, "mood, sound and taste", {}, true, false, requests, true);
    measure(catalogue, "mood, ambiguous, sound and taste", {}, true, true, requests, true);
    if (!libraries) return 0;
#ifdef BGM_HAS_FAISS
    measure_faiss(catalogue, std::min<std::size_t>(requests, 100));
#endif
#ifdef BGM_HAS_HNSWLIB
    measure_hnswlib(catalogue, std::min<std::size_t>(requests, 100));
#endif
    return 0;
}
