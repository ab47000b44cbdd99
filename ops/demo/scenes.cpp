#include "ops/demo/scenes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <random>
#include <utility>
#include <vector>

namespace bgm::demo {
namespace {

using Colour = cv::Vec3f;  // blue, green, red, 0..1

struct Stop {
    double at;
    Colour colour;
};

Colour gradient(const std::vector<Stop>& stops, double at) {
    for (std::size_t i = 1; i < stops.size(); ++i) {
        if (at > stops[i].at) continue;
        const double share = std::clamp((at - stops[i - 1].at) / (stops[i].at - stops[i - 1].at), 0.0, 1.0);
        const auto smooth = static_cast<float>(share * share * (3 - 2 * share));
        return stops[i - 1].colour * (1 - smooth) + stops[i].colour * smooth;
    }
    return stops.back().colour;
}

void fill_gradient(cv::Mat& canvas, int from_row, int to_row, const std::vector<Stop>& stops) {
    for (int y = from_row; y < to_row; ++y) {
        canvas.row(y).setTo(
            cv::Scalar(gradient(stops, double(y - from_row) / std::max(1, to_row - from_row - 1))));
    }
}

// Value noise: random lattices of growing fineness, smoothly enlarged and added. 0..1.
cv::Mat noise(cv::Size size, cv::Size coarsest, int octaves, unsigned seed) {
    cv::RNG random(seed);
    cv::Mat sum = cv::Mat::zeros(size, CV_32F);
    double weight = 1;
    double total = 0;
    for (int octave = 0; octave < octaves; ++octave, weight /= 2) {
        cv::Mat lattice(coarsest.height << octave, coarsest.width << octave, CV_32F);
        random.fill(lattice, cv::RNG::UNIFORM, 0.0, 1.0);
        cv::Mat smooth;
        cv::resize(lattice, smooth, size, 0, 0, cv::INTER_CUBIC);
        sum += smooth * weight;
        total += weight;
    }
    return sum / total;
}

void glow(cv::Mat& canvas, cv::Point2d centre, double radius, const Colour& colour, double strength) {
    const int reach = static_cast<int>(radius * 4);
    const cv::Rect area = cv::Rect(int(centre.x) - reach, int(centre.y) - reach, 2 * reach, 2 * reach) &
                          cv::Rect({0, 0}, canvas.size());
    for (int y = area.y; y < area.br().y; ++y) {
        auto* row = canvas.ptr<Colour>(y);
        for (int x = area.x; x < area.br().x; ++x) {
            const double distance = std::hypot(x - centre.x, y - centre.y) / radius;
            row[x] += colour * static_cast<float>(strength * std::exp(-distance * distance));
        }
    }
}

void skyline(cv::Mat& canvas, int ground, int tallest, const Colour& wall, const Colour& window, double lit,
             unsigned seed) {
    std::mt19937 random(seed);
    const auto between = [&](int low, int high) { return low + int(random() % unsigned(high - low + 1)); };
    const int unit = std::max(4, canvas.cols / 160);
    for (int x = 0; x < canvas.cols;) {
        const int width = between(6, 13) * unit;
        const int height = between(tallest / 3, tallest);
        cv::rectangle(canvas, {x, ground - height}, {x + width - 1, ground}, cv::Scalar(wall), cv::FILLED);
        for (int wy = ground - height + unit * 2; wy < ground - unit * 2; wy += unit * 3) {
            for (int wx = x + unit; wx + unit < x + width; wx += unit * 2) {
                if (double(random() % 1000) / 1000 > lit) continue;
                const float warmth = 0.6F + 0.4F * float(random() % 100) / 100;
                cv::rectangle(canvas, {wx, wy}, {wx + unit - 2, wy + unit + unit / 2},
                              cv::Scalar(window * warmth), cv::FILLED);
            }
        }
        x += width + between(0, 2) * unit;
    }
}

// Photos are drawn at twice the size and averaged down: edges become smooth.
cv::Mat finish(const cv::Mat& canvas, cv::Size size) {
    cv::Mat small;
    cv::resize(canvas, small, size, 0, 0, cv::INTER_AREA);
    cv::Mat bytes;
    small.convertTo(bytes, CV_8UC3, 255);
    return bytes;
}

void gull(cv::Mat& canvas, cv::Point2d at, double span, double lift) {
    const int thickness = std::max(2, int(span / 14));
    for (const double side : {-1.0, 1.0}) {
        std::vector<cv::Point> wing;
        for (int i = 0; i <= 12; ++i) {
            const double share = i / 12.0;
            wing.emplace_back(int(at.x + side * share * span),
                              int(at.y - std::sin(share * std::numbers::pi * 0.8) * span * lift));
        }
        cv::polylines(canvas, wing, false, cv::Scalar(0.18, 0.1, 0.16), thickness, cv::LINE_AA);
    }
}

}  // namespace

cv::Mat sunset_beach(cv::Size size, double seconds) {
    const cv::Size big = size * 2;
    const int horizon = big.height * 56 / 100;
    const int shore = big.height * 80 / 100;
    cv::Mat canvas(big, CV_32FC3);
    fill_gradient(canvas, 0, horizon,
                  {{0.0, {0.50F, 0.25F, 0.24F}},
                   {0.45, {0.52F, 0.38F, 0.72F}},
                   {0.78, {0.38F, 0.58F, 0.97F}},
                   {1.0, {0.45F, 0.80F, 1.0F}}});
    fill_gradient(
        canvas, horizon, shore,
        {{0.0, {0.42F, 0.62F, 0.92F}}, {0.35, {0.50F, 0.42F, 0.55F}}, {1.0, {0.48F, 0.34F, 0.30F}}});
    fill_gradient(canvas, shore, big.height,
                  {{0.0, {0.40F, 0.48F, 0.62F}}, {0.3, {0.42F, 0.58F, 0.76F}}, {1.0, {0.30F, 0.44F, 0.62F}}});

    // Clouds catch the sun from below.
    const cv::Mat cloud = noise({big.width, horizon}, {3, 6}, 6, 7);
    for (int y = 0; y < horizon; ++y) {
        const double height = double(y) / horizon;
        for (int x = 0; x < big.width; ++x) {
            const double dense =
                std::clamp((cloud.at<float>(y, x) - 0.50) * 4.5, 0.0, 1.0) * (0.85 - 0.5 * height);
            const Colour lit =
                Colour(0.50F, 0.50F, 0.85F) * float(1 - height) + Colour(0.55F, 0.78F, 1.0F) * float(height);
            auto& pixel = canvas.at<Colour>(y, x);
            pixel = pixel * float(1 - dense) + lit * float(dense);
        }
    }
    const cv::Point2d sun(big.width * 0.62, horizon - big.height * 0.085);
    glow(canvas, sun, big.height * 0.20, {0.10F, 0.35F, 0.60F}, 0.7);
    glow(canvas, sun, big.height * 0.075, {0.30F, 0.50F, 0.60F}, 0.8);
    cv::circle(canvas, sun, int(big.height * 0.052), cv::Scalar(0.80, 0.97, 1.0), cv::FILLED, cv::LINE_AA);

    // Each row of water is a wave seen at its own distance; where its face turns to the sun, it glitters.
    for (int y = horizon; y < shore; ++y) {
        const double depth = double(y - horizon) / (shore - horizon);
        const double wave_length = 8 + 150 * depth;
        const double column = big.width * (0.025 + 0.11 * depth);
        for (int x = 0; x < big.width; ++x) {
            const double phase = x / wave_length + y * 0.55 / (0.15 + depth);
            const double ripple =
                std::sin(phase + seconds * 2.2) * std::sin(phase * 0.37 - seconds * 1.3 + y * 0.21);
            const double offset = (x - sun.x) / column;
            const double glitter = std::exp(-offset * offset) * std::clamp(ripple * 1.7 + 0.35, 0.0, 1.0);
            auto& pixel = canvas.at<Colour>(y, x);
            pixel = pixel * float(1 + 0.13 * ripple) + Colour(0.45F, 0.72F, 0.95F) * float(glitter * 0.9);
        }
    }
    // Foam where the last wave runs out, then wet sand that still mirrors the sky.
    for (int x = 0; x < big.width; ++x) {
        const double edge =
            shore + big.height * 0.012 *
                        (std::sin(x * 0.004 + seconds * 0.8) + 0.6 * std::sin(x * 0.011 - seconds * 0.5));
        for (int y = shore - big.height / 40; y < std::min(big.height, shore + big.height / 9); ++y) {
            auto& pixel = canvas.at<Colour>(y, x);
            const double below = (y - edge) / big.height;
            if (below < 0 && y >= shore) pixel = {0.50F, 0.42F, 0.42F};
            const double foam = std::exp(-std::pow(below / 0.0045, 2));
            const double wet = below > 0 ? std::exp(-below / 0.03) : 0;
            pixel = pixel * float(1 - 0.45 * wet) + Colour(0.42F, 0.55F, 0.72F) * float(0.35 * wet);
            pixel = pixel * float(1 - 0.85 * foam) + Colour(0.92F, 0.95F, 1.0F) * float(0.85 * foam);
        }
    }
    const cv::Mat grain = noise({big.width, big.height - shore}, {64, 24}, 4, 11);
    for (int y = shore + big.height / 40; y < big.height; ++y) {
        for (int x = 0; x < big.width; ++x)
            canvas.at<Colour>(y, x) *= 0.86F + 0.28F * grain.at<float>(y - shore, x);
    }
    const std::array<std::pair<double, double>, 4> gulls{
        {{0.22, 0.20}, {0.29, 0.25}, {0.35, 0.17}, {0.80, 0.13}}};
    for (std::size_t i = 0; i < gulls.size(); ++i) {
        gull(canvas, {(gulls[i].first + seconds * 0.01) * big.width, gulls[i].second * big.height},
             big.width * (0.018 + 0.004 * double(i % 3)), 0.32 + 0.12 * std::sin(seconds * 5 + double(i)));
    }
    return finish(canvas, size);
}

cv::Mat rainy_night(cv::Size size, double seconds) {
    const cv::Size big = size * 2;
    const int ground = big.height * 72 / 100;
    cv::Mat canvas(big, CV_32FC3);
    fill_gradient(canvas, 0, ground,
                  {{0.0, {0.11F, 0.06F, 0.04F}}, {0.7, {0.24F, 0.15F, 0.10F}}, {1.0, {0.32F, 0.22F, 0.16F}}});
    skyline(canvas, ground, big.height * 48 / 100, {0.115F, 0.075F, 0.06F}, {0.30F, 0.50F, 0.62F}, 0.05, 21);
    skyline(canvas, ground, big.height * 30 / 100, {0.075F, 0.05F, 0.04F}, {0.28F, 0.46F, 0.58F}, 0.035, 4);

    const double lamp_x = big.width * 0.30;
    const double lamp_y = big.height * 0.33;
    const int pole = std::max(4, big.width / 220);
    cv::rectangle(canvas, cv::Point(int(lamp_x) - pole / 2, int(lamp_y)),
                  cv::Point(int(lamp_x) + pole / 2, ground + big.height / 20), cv::Scalar(0.03, 0.025, 0.02),
                  cv::FILLED);
    glow(canvas, {lamp_x, lamp_y}, big.height * 0.17, {0.10F, 0.22F, 0.30F}, 0.9);
    glow(canvas, {lamp_x, lamp_y}, big.height * 0.035, {0.45F, 0.80F, 0.95F}, 1.2);

    // The street is wet: it mirrors what is above it, darkened and torn by ripples.
    for (int y = ground; y < big.height; ++y) {
        const double depth = double(y - ground) / (big.height - ground);
        for (int x = 0; x < big.width; ++x) {
            const double tear = std::sin(y * 0.31 / (0.3 + depth) + seconds * 3) * 9 * (0.3 + depth);
            const int from_x = std::clamp(int(x + tear), 0, big.width - 1);
            const int from_y = std::max(0, ground - 1 - int((y - ground) * 1.5));
            canvas.at<Colour>(y, x) =
                canvas.at<Colour>(from_y, from_x) * 0.42F + Colour(0.05F, 0.035F, 0.03F);
        }
    }
    cv::Mat street = canvas.rowRange(ground, big.height);
    cv::blur(street, street, cv::Size(9, 5));

    std::mt19937 random(99);
    cv::Mat rain = cv::Mat::zeros(big, CV_32FC3);
    for (int drop = 0; drop < 900; ++drop) {
        const double near = 0.3 + 0.7 * double(random() % 1000) / 1000;
        const double x = double(random() % unsigned(big.width * 11 / 10));
        const double fallen = std::fmod(
            double(random() % unsigned(big.height)) + seconds * big.height * 1.6 * near, big.height);
        const double length = big.height * 0.045 * near;
        const float light = float(
            0.10 * near + 0.22 * std::exp(-std::hypot(x - lamp_x, fallen - lamp_y) / (big.height * 0.20)));
        cv::line(rain, cv::Point(int(x), int(fallen)),
                 cv::Point(int(x - length * 0.18), int(fallen + length)),
                 cv::Scalar(Colour(1.0F, 0.92F, 0.86F) * light), std::max(1, int(2.4 * near)), cv::LINE_AA);
    }
    canvas += rain;
    return finish(canvas, size);
}

cv::Mat fireworks(cv::Size size, double seconds) {
    const cv::Size big = size;  // a clip has many frames, and motion hides edges
    const int ground = big.height * 82 / 100;
    cv::Mat canvas(big, CV_32FC3);
    fill_gradient(canvas, 0, ground, {{0.0, {0.16F, 0.04F, 0.05F}}, {1.0, {0.42F, 0.14F, 0.24F}}});
    canvas.rowRange(ground, big.height).setTo(cv::Scalar(0.10, 0.04, 0.06));

    static constexpr std::array<std::array<float, 3>, 6> kColours{{{0.25F, 0.75F, 1.0F},
                                                                   {0.35F, 0.30F, 1.0F},
                                                                   {1.0F, 0.70F, 0.30F},
                                                                   {0.45F, 1.0F, 0.55F},
                                                                   {1.0F, 0.40F, 0.85F},
                                                                   {0.75F, 0.95F, 1.0F}}};
    cv::Mat light_of_sparks =
        cv::Mat::zeros(big, CV_32FC3);  // added, so that an old spark never darkens the sky
    constexpr double kEvery = 0.5;
    constexpr double kLasts = 1.8;
    for (int burst = int(std::floor((seconds - kLasts) / kEvery)); burst * kEvery <= seconds; ++burst) {
        const double age = seconds - burst * kEvery;
        if (age > kLasts) continue;
        std::mt19937 random(unsigned(burst + 1000) * 2654435761U);
        const auto uniform = [&] { return double(random() % 10000) / 10000; };
        const cv::Point2d centre((0.12 + 0.76 * uniform()) * big.width,
                                 (0.14 + 0.32 * uniform()) * big.height);
        const auto& rgb = kColours[random() % kColours.size()];
        const Colour colour(rgb[0], rgb[1], rgb[2]);
        const double reach = big.height * (0.20 + 0.12 * uniform()) * (1 - std::exp(-age * 3.2));
        const double light = std::pow(1 - age / kLasts, 1.4);
        glow(canvas, centre, big.height * 0.14, colour, 0.35 * light);
        for (int spark = 0; spark < 90; ++spark) {
            const double angle = uniform() * 2 * std::numbers::pi;
            const double share = 0.35 + 0.65 * std::sqrt(uniform());
            const double fall = big.height * 0.05 * age * age;
            const cv::Point2d tip = centre + cv::Point2d(std::cos(angle), std::sin(angle)) * (reach * share) +
                                    cv::Point2d(0, fall);
            const cv::Point2d tail = centre +
                                     cv::Point2d(std::cos(angle), std::sin(angle)) * (reach * share * 0.82) +
                                     cv::Point2d(0, fall * 0.7);
            cv::line(light_of_sparks, tail, tip, cv::Scalar(colour * float(light)),
                     std::max(2, big.width / 420), cv::LINE_AA);
            cv::circle(light_of_sparks, tip, std::max(2, big.width / 360),
                       cv::Scalar(Colour(1, 1, 1) * float(light)), cv::FILLED, cv::LINE_AA);
        }
    }
    canvas += light_of_sparks;
    skyline(canvas, ground + big.height / 40, big.height * 26 / 100, {0.10F, 0.03F, 0.05F},
            {0.40F, 0.80F, 1.0F}, 0.42, 3);
    // The river below repeats the sky.
    cv::Mat mirrored;
    cv::flip(canvas.rowRange(ground - (big.height - ground - big.height / 40) * 2, ground), mirrored, 0);
    cv::Mat river = canvas.rowRange(ground + big.height / 40, big.height);
    cv::resize(mirrored, mirrored, river.size(), 0, 0, cv::INTER_AREA);
    cv::blur(mirrored, mirrored, cv::Size(5, 25));
    cv::Mat(mirrored * 0.6F + cv::Scalar(0.05, 0.02, 0.03)).copyTo(river);
    cv::Mat bytes;
    canvas.convertTo(bytes, CV_8UC3, 255);
    return bytes;
}

}  // namespace bgm::demo
