// The posts in analysis, bounded in number and memory, half of it kept free of backfill, so that a live post
// never waits behind a bulk job.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "daemon/pipeline/post_analysis.hpp"

namespace bgm {

class AnalysisWindow {
 public:
    using Clock = PostAnalysis::Clock;

    AnalysisWindow(std::size_t posts_max, std::size_t bytes_max)
        : posts_max_(posts_max), bytes_max_(bytes_max) {}

    /// For another post.
    bool has_room(bool backfill) const;
    std::size_t posts_max() const { return posts_max_; }
    std::size_t size() const { return posts_.size(); }
    /// Those that do not wait for another attempt.
    std::size_t running() const { return posts_.size() - waiting_; }
    bool contains(std::int64_t seq) const { return posts_.contains(seq); }

    /// Its place does not change until it is removed. There must be none of this `seq`.
    PostAnalysis& add(PostAnalysis analysis);
    /// Null where there is none.
    PostAnalysis* find(std::int64_t seq);
    /// Null, too, where another revision has taken its place.
    PostAnalysis* find(std::int64_t seq, std::uint32_t revision);
    void remove(const PostAnalysis& analysis);

    void wait(PostAnalysis& analysis, Clock::time_point until);
    void go_on(PostAnalysis& analysis);
    /// Those whose wait is over: it is time, or the worker is back that they waited for.
    std::vector<PostAnalysis*> due(Clock::time_point now, const std::function<bool(Modality)>& back);

 private:
    const std::size_t posts_max_;
    const std::size_t bytes_max_;
    std::unordered_map<std::int64_t, PostAnalysis> posts_;  // by seq
    std::size_t bytes_ = 0;
    std::size_t waiting_ = 0;  // of posts_, for another attempt
};

}  // namespace bgm
