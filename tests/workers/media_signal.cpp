// The signals of media_maker.hpp: additive synthesis for music, a source and filter for voices.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "tests/workers/media_maker.hpp"

namespace bgm::test {
namespace {

constexpr double kTau = 2 * std::numbers::pi;

double from_db(double decibels) {
    return std::pow(10.0, decibels / 20);
}

double pitch_of_key(int midi_key) {
    return 440 * std::pow(2.0, (midi_key - 69) / 12.0);
}

struct Note {
    double begin_s, length_s;
    int midi_key;
    double level;
};

void add_note(std::vector<float>& samples, int rate, const Note& note, double brightness, bool staccato) {
    const auto begin = static_cast<std::size_t>(note.begin_s * rate);
    const auto count = static_cast<std::size_t>(note.length_s * rate);
    const double attack_s = staccato ? 0.004 : 0.12;
    const double release_s = staccato ? 0.03 : 0.25;
    const int partials = 1 + static_cast<int>(std::lround(brightness * 14));
    const std::size_t end = std::min(count, samples.size() > begin ? samples.size() - begin : 0);
    std::vector<double> envelope(end);
    for (std::size_t i = 0; i < end; ++i) {
        const double t = static_cast<double>(i) / rate;
        envelope[i] = note.level * std::min({1.0, t / attack_s, (note.length_s - t) / release_s});
        if (staccato) envelope[i] *= std::exp(-5 * t);
    }
    for (int partial = 1; partial <= partials; ++partial) {
        const double frequency = pitch_of_key(note.midi_key) * partial;
        if (frequency > rate * 0.45) break;
        const double level = std::pow(partial, -2.0 + brightness);
        // sin(w (i + 1)) = 2 cos(w) sin(w i) - sin(w (i - 1)): one product instead of one sine a sample.
        const double step = kTau * frequency / rate;
        const double twice_cosine = 2 * std::cos(step);
        double before = -std::sin(step);
        double now = 0;
        for (std::size_t i = 0; i < end; ++i) {
            samples[begin + i] += static_cast<float>(level * envelope[i] * now);
            const double next = twice_cosine * now - before;
            before = now;
            now = next;
        }
    }
}

void scale_to_peak(std::vector<float>& samples, double decibels) {
    float peak = 1e-9F;
    for (const float sample : samples)
        peak = std::max(peak, std::fabs(sample));
    const auto gain = static_cast<float>(from_db(decibels)) / peak;
    for (float& sample : samples)
        sample *= gain;
}

}  // namespace

std::vector<float> music_samples(const MusicSpec& spec) {
    const int rate = spec.sample_rate_hz;
    std::vector<float> samples(static_cast<std::size_t>(spec.seconds * rate));
    // I-IV-V-I in C major, i-iv-V-i in A minor: the harmony that decides a mode for every listener.
    using Chord = std::array<int, 3>;
    constexpr std::array<Chord, 4> kMajor{Chord{60, 64, 67}, Chord{60, 65, 69}, Chord{59, 62, 67},
                                          Chord{60, 64, 67}};
    constexpr std::array<Chord, 4> kMinor{Chord{57, 60, 64}, Chord{57, 62, 65}, Chord{56, 59, 64},
                                          Chord{57, 60, 64}};
    constexpr std::array kMajorMelody{72, 76, 79, 76, 77, 81, 77, 72, 74, 79, 74, 71, 72, 76, 72, 67};
    constexpr std::array kMinorMelody{69, 72, 76, 72, 74, 77, 74, 69, 71, 76, 71, 68, 69, 72, 69, 64};
    const double beat_s = 60 / spec.tempo_bpm;
    const double held = spec.staccato ? 0.45 : 1.0;
    std::minstd_rand random(7);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (int beat = 0; beat * beat_s < spec.seconds; ++beat) {
        const double begin_s = beat * beat_s;
        const auto chord = static_cast<std::size_t>(beat / 4 % 4);
        const auto step = static_cast<std::size_t>(beat % 16);
        const Chord& keys = spec.minor ? kMinor[chord] : kMajor[chord];
        if (spec.staccato || beat % 4 == 0) {
            const double length_s = spec.staccato ? beat_s * held : beat_s * 4;
            for (const int key : keys)
                add_note(samples, rate, {begin_s, length_s, key, 0.3}, spec.brightness, spec.staccato);
            add_note(samples, rate, {begin_s, length_s, keys[0] - 12, 0.5}, spec.brightness, spec.staccato);
        }
        const int melody = spec.minor ? kMinorMelody[step] : kMajorMelody[step];
        add_note(samples, rate, {begin_s, beat_s * held, melody, 0.5}, spec.brightness, spec.staccato);
        if (spec.staccato) {
            const auto click = static_cast<std::size_t>(begin_s * rate);
            for (std::size_t i = 0; i < static_cast<std::size_t>(rate) / 50 && click + i < samples.size();
                 ++i) {
                samples[click + i] += 0.4F * uniform(random) *
                                      std::exp(-static_cast<float>(i) * 300.0F / static_cast<float>(rate));
            }
        }
    }
    scale_to_peak(samples, spec.loudness_db);
    return samples;
}

std::vector<float> voice_samples(const VoiceSpec& spec) {
    const int rate = spec.sample_rate_hz;
    std::vector<float> samples(static_cast<std::size_t>(spec.seconds * rate));
    // Formants of five vowels (Hz), after the averages that phonetics textbooks give for men.
    struct Vowel {
        double first, second, third;
    };
    constexpr std::array<Vowel, 5> kVowels{Vowel{730, 1090, 2440}, Vowel{530, 1840, 2480},
                                           Vowel{270, 2290, 3010}, Vowel{570, 840, 2410},
                                           Vowel{300, 870, 2240}};
    std::minstd_rand random(11);
    std::uniform_real_distribution<double> uniform(-1, 1);
    const double syllable_s = 1 / spec.syllables_per_s;
    double phase = 0;
    std::array<std::array<double, 2>, 3> memory{};  // of the three resonators
    std::size_t syllable = static_cast<std::size_t>(-1);
    double pitch_from = 0, pitch_to = 0;
    const Vowel* vowel = kVowels.data();
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i) / rate;
        const auto now = static_cast<std::size_t>(t / syllable_s);
        if (now != syllable) {
            syllable = now;
            vowel = &kVowels[static_cast<std::size_t>((uniform(random) + 1) * 2.49)];
            pitch_from = pitch_to;
            pitch_to = uniform(random) * spec.pitch_range_semitones;
        }
        const double within = t / syllable_s - static_cast<double>(now);
        const bool pause = now % 9 == 8;  // a breath after eight syllables
        const double opening =
            pause ? 0 : std::pow(std::sin(std::numbers::pi * std::min(within / 0.85, 1.0)), 0.7);
        const double pitch =
            spec.pitch_hz * std::pow(2.0, (pitch_from + (pitch_to - pitch_from) * within) / 12);
        phase += pitch / rate;
        phase -= std::floor(phase);
        // A glottal pulse and some breath, and a consonant's hiss where the syllable begins.
        double source =
            (phase < 0.4 ? std::sin(std::numbers::pi * phase / 0.4) : 0.0) - 0.25 + 0.02 * uniform(random);
        double sum = 0;
        const std::array formants{vowel->first, vowel->second, vowel->third};
        const std::array levels{1.0, 0.3 + 0.7 * spec.brightness, 0.1 + 0.9 * spec.brightness};
        for (std::size_t k = 0; k < formants.size(); ++k) {
            const double radius = std::exp(-std::numbers::pi * 90 / rate);
            const double out = source + 2 * radius * std::cos(kTau * formants[k] / rate) * memory[k][0] -
                               radius * radius * memory[k][1];
            memory[k] = {out, memory[k][0]};
            sum += out * levels[k] * formants[k] / rate;
        }
        const double hiss = !pause && within < 0.15 ? 0.3 * uniform(random) * (0.3 + spec.brightness) : 0;
        samples[i] = static_cast<float>(opening * sum + hiss);
    }
    scale_to_peak(samples, spec.loudness_db);
    return samples;
}

std::vector<float> noise_samples(double seconds, int sample_rate_hz, double loudness_db, std::uint32_t seed) {
    std::vector<float> samples(static_cast<std::size_t>(seconds * sample_rate_hz));
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    const auto gain = static_cast<float>(from_db(loudness_db));
    for (float& sample : samples)
        sample = gain * uniform(random);
    return samples;
}

std::string make_music_clip(const MusicSpec& spec) {
    return encode_audio(music_samples(spec), spec.sample_rate_hz, spec.format);
}

std::string make_voice_clip(const VoiceSpec& spec) {
    return encode_audio(voice_samples(spec), spec.sample_rate_hz, spec.format);
}

std::string make_silent_clip(double seconds, AudioFormat format) {
    return encode_audio(std::vector<float>(static_cast<std::size_t>(seconds * 44'100)), 44'100, format);
}

std::string make_noise_clip(double seconds, AudioFormat format) {
    return encode_audio(noise_samples(seconds, 44'100, -12), 44'100, format);
}

}  // namespace bgm::test
