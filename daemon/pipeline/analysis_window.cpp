#include "daemon/pipeline/analysis_window.hpp"

#include <algorithm>
#include <utility>

namespace bgm {
namespace {

std::size_t memory_of(const v1::Post& post) {
    return 1024 + 2 * post.ByteSizeLong();
}

}  // namespace

bool AnalysisWindow::has_room(bool backfill) const {
    const std::size_t share = backfill ? 2 : 1;
    return posts_.size() < std::max<std::size_t>(posts_max_ / share, 1) && bytes_ < bytes_max_ / share;
}

PostAnalysis& AnalysisWindow::add(PostAnalysis analysis) {
    const std::int64_t seq = analysis.accepted.seq;
    analysis.bytes = memory_of(analysis.accepted.post);
    bytes_ += analysis.bytes;
    return posts_.emplace(seq, std::move(analysis)).first->second;
}

PostAnalysis* AnalysisWindow::find(std::int64_t seq) {
    const auto found = posts_.find(seq);
    return found == posts_.end() ? nullptr : &found->second;
}

PostAnalysis* AnalysisWindow::find(std::int64_t seq, std::uint32_t revision) {
    PostAnalysis* const found = find(seq);
    return found != nullptr && found->accepted.revision == revision ? found : nullptr;
}

void AnalysisWindow::remove(const PostAnalysis& analysis) {
    const std::int64_t seq = analysis.accepted.seq;
    bytes_ -= analysis.bytes;
    if (analysis.waiting) --waiting_;
    posts_.erase(seq);
}

void AnalysisWindow::wait(PostAnalysis& analysis, Clock::time_point until) {
    if (!std::exchange(analysis.waiting, true)) ++waiting_;
    analysis.retry_at = until;
}

void AnalysisWindow::go_on(PostAnalysis& analysis) {
    if (std::exchange(analysis.waiting, false)) --waiting_;
}

std::vector<PostAnalysis*> AnalysisWindow::due(Clock::time_point now,
                                               const std::function<bool(Modality)>& back) {
    std::vector<PostAnalysis*> found;
    if (waiting_ == 0) return found;
    for (auto& [seq, analysis] : posts_) {
        const bool worker_back = analysis.worker_away && back(*analysis.worker_away);
        if (analysis.waiting && (analysis.retry_at <= now || worker_back)) found.push_back(&analysis);
    }
    return found;
}

}  // namespace bgm
