#include "tests/workers/audio/track_songs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>

namespace bgm::test {
std::vector<float> song_samples(const SongSpec& spec) {
    constexpr std::array<int, 4> kRoots{0, 9, 5, 7};  // of the chords, above C
    Samples song = silence(spec.seconds);
    const Samples bass_drum = kick(), snare = burst(0.15, 25, 1), hat = burst(0.04, 90, 2);
    const double beat_s = 60 / spec.tempo_bpm;
    const double late = spec.swing ? 2.0 / 3 : 0.5;
    double at = 0;
    for (std::size_t beat = 0; at < spec.seconds; ++beat) {
        const double length = beat_s * (1 + spec.rubato * std::sin(at * 0.7));
        const int root = 60 + kRoots.at(beat / 4 % 4);
        const std::array<int, 3> chord{0, root == 69 ? 3 : 4, 7};
        const bool chorus = at >= spec.chorus_at_s - 1e-3 && at < spec.chorus_at_s + spec.chorus_s;
        double gain = spec.chorus_s > 0 && !chorus ? std::pow(10, spec.verse_db / 20) : 1;
        if (at > spec.seconds - spec.outro_s) gain = std::pow(10, -14.0 / 20);
        if (spec.drums) {
            add(song, at, beat % 2 == 0 ? bass_drum : snare, gain * (beat % 2 == 0 ? 1 : 0.8));
            add(song, at, hat, gain * 0.5);
            add(song, at + length * late, hat, gain * 0.4);
        }
        add(song, at, tone(root - 24, length * 0.9, 2), gain);
        if (beat % 4 == 0) {
            for (const int third : chord)
                add(song, at, tone(root + third, length * 3.8, 0.6), gain * 0.6);
        }
        add(song, at, tone(root + 12 + chord.at(beat % 3), length * 0.9, 4), gain * 0.8);
        if (!spec.drums || beat % 2 == 1)
            add(song, at + length * late, tone(root + 12 + chord.at((beat + 1) % 3), length * 0.45, 4),
                gain * 0.6);
        at += length;
    }
    const double fade = std::max(spec.fade_in_s * kSongRate_hz, 1.0);
    for (std::size_t i = 0; static_cast<double>(i) < std::min(fade, static_cast<double>(song.size())); ++i)
        song[i] *= static_cast<float>(static_cast<double>(i) / fade);
    Samples whole = silence(spec.silence_s);
    whole.insert(whole.end(), song.begin(), song.end());
    return whole;
}

std::vector<float> cadence_samples(int tonic, bool minor) {
    constexpr std::array<int, 4> kRoots{0, 5, 7, 0};
    Samples song = silence(10);
    for (std::size_t i = 0; i < 2 * kRoots.size(); ++i) {
        const std::size_t chord = i % kRoots.size();
        const int third = minor && chord != 2 ? 3 : 4;
        for (const int note : {0, third, 7, 12})
            add(song, 1.2 * static_cast<double>(i), tone(48 + tonic + kRoots.at(chord) + note, 1.15, 1), 0.6);
    }
    return song;
}

std::vector<float> random_song(unsigned seed, double seconds) {
    std::mt19937 random(seed);
    Samples song = silence(seconds);
    const double beat_s = 0.3 + static_cast<double>(random() % 40) / 100;
    for (double at = 0; at < seconds; at += beat_s) {
        for (int voice = 0; voice < 3; ++voice)
            add(song, at, tone(40 + static_cast<int>(random() % 44), beat_s * 1.5, 2), 0.6);
    }
    return song;
}

SongBook::SongBook() {
    for (int midi = 40; midi < 84; ++midi)
        notes_.push_back(tone(midi, 0.6, 2));
}

std::vector<float> SongBook::song(unsigned seed, double seconds) const {
    std::mt19937 random(seed);
    Samples song = silence(seconds);
    const double beat_s = 0.3 + static_cast<double>(random() % 40) / 100;
    for (double at = 0; at < seconds; at += beat_s) {
        for (int voice = 0; voice < 3; ++voice)
            add(song, at, notes_[random() % notes_.size()], 0.6);
    }
    return song;
}

}  // namespace bgm::test
