#include "workers/media/av/av_timeline.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace bgm::av {
namespace {

constexpr std::size_t kPacketsMax = 1'000'000;  // of all streams
constexpr double kBudgetShareMax = 0.3;
constexpr std::size_t kBoxesMax = 100'000;
constexpr double kStepBackMaxS = 2, kStepMaxS = 600;

// In fragments MP4 has its index piece by piece between the pictures.
bool is_fragmented(std::span<const std::byte> file) {
    const auto number = [&](std::size_t at, std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value = value << 8U | std::to_integer<std::uint64_t>(file[at + i]);
        return value;
    };
    std::size_t at = 0;
    for (std::size_t boxes = 0; boxes < kBoxesMax && file.size() - at >= 16; ++boxes) {
        constexpr std::uint64_t kMoof = 0x6d6f6f66;
        if (number(at + 4, 4) == kMoof) return true;
        std::uint64_t size = number(at, 4);
        if (size == 1) size = number(at + 8, 8);
        if (size < 8 || size > file.size() - at) break;
        at += size;
    }
    return false;
}

bool is_mov(const Input& input) {
    return std::string_view(input.format()->iformat->name).starts_with("mov");
}

// Collects packets as they come; false where enough has been seen.
class Collector {
 public:
    Collector(const AVStream& stream, double until_s) : clock_(stream), until_s_(until_s) {}

    bool add(std::int64_t timestamp, bool key) {
        const double time_s = clock_.at(timestamp);
        timeline.longer = time_s > until_s_;
        if (timeline.longer) return false;
        timeline.length_s = std::max(timeline.length_s, time_s);
        if (key) timeline.keys.push_back({timestamp, std::max(0.0, time_s), timeline.packets});
        ++timeline.packets;
        return true;
    }

    Timeline timeline;

 private:
    FilmClock clock_;
    double until_s_;
};

Timeline of_index(const AVStream& stream, double until_s) {
    Collector collector(stream, until_s);
    collector.timeline.indexed = true;
    collector.timeline.complete = true;
    auto* const index_of = const_cast<AVStream*>(&stream);  // libav's function only reads
    const int count = avformat_index_get_entries_count(&stream);
    for (int i = 0; i < count; ++i) {
        const AVIndexEntry* entry = avformat_index_get_entry(index_of, i);
        if (collector.add(entry->timestamp, (entry->flags & AVINDEX_KEYFRAME) != 0)) continue;
        collector.timeline.complete = false;
        break;
    }
    return std::move(collector.timeline);
}

Timeline of_packets(Input& input, const AVStream& stream, double until_s) {
    Collector collector(stream, until_s);
    const double budget_end_s = input.budget().left_s() * (1 - kBudgetShareMax);
    const Packet packet(av_packet_alloc());
    for (std::size_t i = 0; packet && i < kPacketsMax && input.budget().left_s() > budget_end_s; ++i) {
        av_packet_unref(packet.get());
        if (input.read_packet(*packet) < 0) {
            collector.timeline.complete = true;
            break;
        }
        if (packet->stream_index != stream.index) continue;
        const std::int64_t timestamp = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        if (!collector.add(timestamp, (packet->flags & AV_PKT_FLAG_KEY) != 0)) break;
    }
    return std::move(collector.timeline);
}

}  // namespace

double FilmClock::at(std::int64_t timestamp) {
    if (timestamp == AV_NOPTS_VALUE) return time_s_;
    if (before_ == AV_NOPTS_VALUE) before_ = timestamp;
    const double step_s = (static_cast<double>(timestamp) - static_cast<double>(before_)) * seconds_per_tick_;
    before_ = timestamp;
    // Pictures are handed over a little out of order, and a slide may stand for minutes; more than that is a
    // clock that was set anew.
    if (step_s > -kStepBackMaxS && step_s < kStepMaxS) time_s_ += step_s;
    return time_s_;
}

std::vector<KeyFrame> Timeline::spread(std::size_t places) const {
    std::vector<KeyFrame> chosen;
    for (std::size_t place = 0; place < places; ++place) {
        const double share = (static_cast<double>(place) + 0.5) / static_cast<double>(places);
        const KeyFrame* best = nullptr;
        for (const KeyFrame& key : keys) {
            if (key.time_s > share * length_s && best != nullptr) break;
            best = &key;
        }
        if (best != nullptr && (chosen.empty() || chosen.back().packet != best->packet))
            chosen.push_back(*best);
    }
    return chosen;
}

Timeline measure(Input& input, const AVStream& stream, std::span<const std::byte> file, double until_s) {
    const bool indexed =
        is_mov(input) && avformat_index_get_entries_count(&stream) > 0 && !is_fragmented(file);
    return indexed ? of_index(stream, until_s) : of_packets(input, stream, until_s);
}

bool covers(std::span<const KeyFrame> keys, double length_s) {
    double widest_s = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const double next_s = i + 1 < keys.size() ? keys[i + 1].time_s : length_s;
        widest_s = std::max(widest_s, next_s - keys[i].time_s);
    }
    return !keys.empty() && widest_s <= length_s / 2;
}

}  // namespace bgm::av
