#include "tests/workers/audio/track_patterns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

namespace bgm::test {
namespace {

// A line is a bar of sixteenths (of twelfths of a beat's third where the groove is compound, of thirds where
// it is swung): 'x' a note, 'X' an accent, 'o' a soft one; bars of several lengths are repeated each by
// itself.
struct Line {
    char
        instrument;  // k kick, s snare, h hat, o open hat, r rim, b bass, c chord, m melody, p strings, t tom
    std::string_view steps;
};
struct Score {
    Groove groove;
    int steps_a_beat;
    std::vector<Line> lines;
};

const std::vector<Score>& scores() {
    static const std::vector<Score> all{
        {{"four on the floor", 110, 140},
         4,
         {{'k', "X...X...X...X..."},
          {'s', "....X.......X..."},
          {'o', "..x...x...x...x."},
          {'b', "..x...x...x...x."}}},
        {{"disco", 100, 135},
         4,
         {{'k', "X...X...X...X..."},
          {'s', "....X.......X..."},
          {'h', "xooxxoox"},
          {'b', "x.x.x.x.x.x.x.x."},
          {'c', "......x.......x."}}},
        {{"trance without a snare", 125, 145},
         4,
         {{'k', "X..."}, {'m', ".xxx.xxx.xxx.xxx"}, {'p', "x..............."}}},
        {{"rock", 80, 160},
         4,
         {{'k', "X.......X.x....."},
          {'s', "....X.......X..."},
          {'h', "X.x.x.x.x.x.x.x."},
          {'b', "x.x.x.x.x.x.x.x."},
          {'c', "x..............."}}},
        {{"punk", 150, 190},
         4,
         {{'k', "X.x.X.x."}, {'s', "..X...X..X...X.."}, {'h', "x.x.x.x."}, {'c', "x.x.x.x.x.x.x.x."}}},
        {{"funk", 90, 115},
         4,
         {{'k', "X.....x...x..x.."},
          {'s', "....X..o.o..X..o"},
          {'h', "xxxxxxxxxxxxxxxx"},
          {'b', "x..x..x...x.x..."},
          {'c', "..x..x....x..x.."}}},
        {{"drum and bass", 160, 180},
         4,
         {{'k', "X.........x....."},
          {'s', "....X.......X..."},
          {'h', "x.x.x.x.x.x.x.x."},
          {'b', "x.....x...x....."}}},
        {{"breakbeat", 125, 170},
         4,
         {{'k', "X.x.......x....."},
          {'s', "....X..o.o..X..o"},
          {'h', "x.x.x.x."},
          {'b', "x.......x..x...."}}},
        {{"waltz", 84, 180, true},
         4,
         {{'b', "X..........."}, {'c', "....x...x..."}, {'m', "x.......x.x.x...x...x..."}}},
        {{"waltz with drums", 90, 180, true},
         4,
         {{'k', "X..........."}, {'h', "....x...x..."}, {'b', "x..........."}, {'c', "....x...x..."}}},
        {{"jig in six eight", 80, 130, false, true},
         3,
         {{'b', "X.....x....."}, {'m', "XxxXxx"}, {'c', "x.....x....."}}},
        {{"ballad in six eight", 60, 80, false, true},
         3,
         {{'k', "X....."}, {'s', "...X.."}, {'h', "xxxxxx"}, {'b', "x.....x....x"}, {'c', "x....."}}},
        {{"shuffle", 90, 150, false, false},
         3,
         {{'k', "X.....X....."},
          {'s', "...X.....X.."},
          {'h', "x.xx.xx.xx.x"},
          {'b', "x..x..x..x.."},
          {'c', "x...........x.."}}},
        {{"swing", 120, 180},
         3,
         {{'o', "x..x.xx..x.x"},
          {'h', "...x.....x.."},
          {'b', "x..x..x..x.."},
          {'m', "x.x...x..x.xx....x..x.x."}}},
        {{"bossa nova", 110, 150},
         4,
         {{'k', "X...x.x.X...x.x."},
          {'r', "x..x..x....x..x."},
          {'h', "x.x.x.x."},
          {'b', "x.....x.x.....x."},
          {'c', "x..x..x...x...x."}}},
        {{"samba", 90, 115},
         4,
         {{'k', "x..xX..xx..xX..x"}, {'h', "XooXXooX"}, {'r', "x.x.xx.x.x.xx.x."}, {'b', "x..xx..x"}}},
        {{"reggae", 64, 90},
         4,
         {{'k', "........X......."},
          {'r', "........X......."},
          {'h', "x.x.x.x."},
          {'c', "..X...X...X...X."},
          {'b', "x...x.x...x.x..."}}},
        {{"hip-hop in half time", 120, 160},
         4,
         {{'k', "X.....x....x...."},
          {'s', "........X......."},
          {'h', "x.x.x.x.x.x.x.xx"},
          {'b', "x.....x....x...."}}},
        {{"boom bap", 82, 100},
         4,
         {{'k', "X..x...x..X....."},
          {'s', "....X.......X..."},
          {'h', "x.x.x.x.x.x.x.x."},
          {'b', "x......x..x....."}}},
        {{"dembow", 84, 104},
         4,
         {{'k', "X...X...X...X..."}, {'s', "...x..X....x..X."}, {'b', "x..x..x.x..x..x."}}},
        {{"march", 100, 130},
         4,
         {{'k', "X.......X......."},
          {'s', "x.xxX.x.x.xxX.xx"},
          {'b', "x.......x......."},
          {'c', "....x.......x..."}}},
        {{"metronome", 60, 180}, 4, {{'r', "x..."}}},
        {{"bell and shaker", 90, 130}, 4, {{'r', "x...x...x.x.x..."}, {'h', "XooX"}}},
        {{"arpeggio in eighths", 70, 150}, 4, {{'b', "x..............."}, {'m', "X.x.x.x.x.x.x.x."}}},
        {{"arpeggio in sixteenths", 60, 110}, 4, {{'b', "x......."}, {'m', "Xxxx"}}},
        {{"piano ballad", 60, 90},
         4,
         {{'b', "x.......x......."}, {'c', "x...x...x...x..."}, {'m', "x...x.x.x.....x.x...x...x......."}}},
        {{"chorale", 60, 110}, 4, {{'c', "x..."}, {'b', "x..."}}},
        {{"strings in quarters", 60, 120}, 4, {{'p', "x..."}}},
        {{"strings and pizzicato", 70, 130}, 4, {{'p', "x.......x......."}, {'m', "x...x...x.x.x..."}}},
        {{"guitar picking", 80, 140}, 4, {{'b', "X...x...X...x..."}, {'m', "..x.x.x...x.x.x."}}},
    };
    return all;
}

class Player {
 public:
    Player(const Score& score, const Playing& playing)
        : score_(score), playing_(playing), random_(playing.seed), song_(silence(playing.seconds)) {
        const std::array<int, 6> roots{0, 9, 5, 7, 2, 4};
        for (int& root : roots_)
            root = roots.at(random_() % roots.size());
        roots_[0] = 0;
    }

    Samples play() {
        const double beat_s = 60 / playing_.tempo_bpm;
        const double step_s = beat_s / score_.steps_a_beat;
        const int steps_a_bar = score_.steps_a_beat * (score_.groove.three ? 3 : 4);
        double at = 0.05;
        for (std::size_t step = 0; at < playing_.seconds; ++step) {
            // A wave every ten beats or so: its mean is nothing.
            const double wander = playing_.rubato * std::sin(at * 0.6 + playing_.seed);
            const int root = roots_.at(step / static_cast<std::size_t>(steps_a_bar) % roots_.size());
            for (const Line& line : score_.lines) {
                const char note = line.steps[step % line.steps.size()];
                if (note == '.') continue;
                const double gain = note == 'X' ? 1.0 : note == 'o' ? 0.45 : 0.75;
                sound(line.instrument, at + loose(), step_s, root, gain * (0.9 + 0.2 * uniform()));
            }
            at += step_s * (1 + wander);
        }
        return std::move(song_);
    }

 private:
    double uniform() { return static_cast<double>(random_()) / 4294967296.0; }
    // Near enough a Gaussian.
    double loose() { return playing_.loose_s * (uniform() + uniform() + uniform() - 1.5) * 2; }

    void sound(char instrument, double at, double step_s, int root, double gain) {
        static const Samples bass_drum = kick(), snare = burst(0.15, 25, 1), hat = burst(0.04, 90, 2),
                             open = burst(0.2, 18, 3), rim = burst(0.03, 160, 4);
        const int third = root == 9 || root == 2 || root == 4 ? 3 : 4;
        const double beat_s = step_s * score_.steps_a_beat;
        switch (instrument) {
            case 'k':
                return add(song_, at, bass_drum, gain);
            case 's':
                return add(song_, at, snare, gain * 0.8);
            case 'h':
                return add(song_, at, hat, gain * 0.45);
            case 'o':
                return add(song_, at, open, gain * 0.4);
            case 'r':
                return add(song_, at, rim, gain * 0.8);
            case 'b':
                return add(song_, at, tone(36 + root, beat_s * 0.9, 2.5), gain);
            case 'c':
                for (const int note : {0, third, 7})
                    add(song_, at, tone(60 + root + note, beat_s * 0.9, 3), gain * 0.6);
                return;
            case 'm': {
                const std::array<int, 5> scale{0, 2, third, 7, 12};
                melody_ = (melody_ + 1 + random_() % 3) % scale.size();
                return add(song_, at, tone(72 + root + scale.at(melody_), beat_s * 0.6, 4), gain * 0.8);
            }
            case 'p': {
                // As long as its line says: until the next note.
                for (const int note : {0, third, 7, 12})
                    add(song_, at, bowed(48 + root + note + moved_, length_of('p') * step_s, 0.12),
                        gain * 0.5);
                moved_ = moved_ == 0 ? static_cast<int>(random_() % 5) : 0;
                return;
            }
            default:
                throw std::runtime_error("no such instrument");
        }
    }

    double length_of(char instrument) const {
        for (const Line& line : score_.lines) {
            if (line.instrument != instrument) continue;
            const auto notes =
                std::count_if(line.steps.begin(), line.steps.end(), [](char c) { return c != '.'; });
            return static_cast<double>(line.steps.size()) / static_cast<double>(notes);
        }
        return 1;
    }

    const Score& score_;
    const Playing playing_;
    std::mt19937 random_;
    Samples song_;
    std::array<int, 4> roots_{};
    std::size_t melody_ = 0;
    int moved_ = 0;
};

}  // namespace

const std::vector<Groove>& grooves() {
    static const std::vector<Groove> all = [] {
        std::vector<Groove> list;
        for (const Score& score : scores())
            list.push_back(score.groove);
        return list;
    }();
    return all;
}

Samples groove_samples(std::string_view name, const Playing& playing) {
    for (const Score& score : scores()) {
        if (score.groove.name == name) return Player(score, playing).play();
    }
    throw std::runtime_error("no such groove: " + std::string(name));
}

}  // namespace bgm::test
