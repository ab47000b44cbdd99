#include "daemon/pipeline/post_analysis.hpp"

#include <span>
#include <utility>

#include "schemas/modality_traits.hpp"
#include "schemas/sha256.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

// It would fail again: another try of the post, for the sake of its other parts, leaves it as it is.
bool failed_for_good(const Finding& finding) {
    if (finding.outputs) return false;
    const ErrorCode code = finding.outputs.error().code;
    return !retryable(code) || code == ErrorCode::deadline_exceeded;
}

std::function<Result<Frame>()> media_at_hand(const MediaStore& media, const PostLimits& limits,
                                             const std::string& folder, const v1::Asset& asset) {
    if (asset.has_frame()) {
        return [&media, folder, frame = asset.frame()] { return media.read_inline(folder, frame); };
    }
    const auto path = media_path(asset.uri());
    if (!path) return [error = path.error()]() -> Result<Frame> { return error; };
    return [&media, path = *path, bytes_max = asset_bytes_max(asset.kind(), limits),
            digest = asset.sha256()]() -> Result<Frame> {
        auto file = media.read_file(path, bytes_max);
        if (!file || digest.empty() || same_digest(digest, sha256(file->view()))) return file;
        return Error{.code = ErrorCode::corrupt,
                     .message = "the file does not have the sha256 that the post gives"};
    };
}

}  // namespace

std::vector<PlannedTask> plan_attempt(PostAnalysis& analysis, const MediaStore& media,
                                      const PostLimits& limits, std::size_t text_bytes_max) {
    const v1::Post& post = analysis.accepted.post;
    const std::vector<Finding> before = std::exchange(analysis.findings, {});
    ++analysis.attempts;
    analysis.task_ids.clear();
    analysis.worker_away.reset();
    std::vector<PlannedTask> planned;
    const auto plan = [&](std::string asset_id, TaskRequest request, const v1::Asset* to_fetch = nullptr) {
        const std::size_t finding = analysis.findings.size();
        if (finding < before.size() && failed_for_good(before[finding])) {
            analysis.findings.push_back(before[finding]);
            return;
        }
        if (analysis.deaths.size() <= finding) analysis.deaths.push_back(request.deaths);
        request.deaths = analysis.deaths[finding];
        request.backfill = analysis.backfill();
        planned.push_back({finding, std::move(request), to_fetch});
        analysis.findings.push_back({.modality = std::string(name(planned.back().request.modality)),
                                     .asset_id = std::move(asset_id),
                                     .outputs = Error{.code = ErrorCode::internal, .message = "no answer"},
                                     .heads = nullptr});
    };
    if (!post.text().empty()) {
        plan("", {.modality = Modality::text,
                  .text = std::string(truncate_utf8(post.text(), text_bytes_max)),
                  .lang = post.lang(),
                  .load_media = {}});
    }
    for (const v1::Asset& asset : post.assets()) {
        const bool on_the_web = !asset.has_frame() && is_web_uri(asset.uri());
        const ModalityTraits* const kind = traits(asset.kind());
        const Modality modality = kind == nullptr ? Modality::image : kind->modality;
        TaskRequest request{.modality = modality, .text = {}, .lang = {}, .load_media = {}};
        if (!on_the_web) request.load_media = media_at_hand(media, limits, analysis.accepted.media, asset);
        plan(asset.asset_id(), std::move(request), on_the_web ? &asset : nullptr);
    }
    analysis.open = planned.size();
    return planned;
}

std::function<Result<Frame>()> fetched_media(std::string digest, FetchedBytes bytes) {
    return [digest = std::move(digest), bytes = std::move(bytes)]() -> Result<Frame> {
        if (!digest.empty() && !same_digest(digest, sha256(*bytes)))
            return Error{.code = ErrorCode::corrupt,
                         .message = "what was fetched does not have the sha256 that the post gives"};
        return Frame(std::as_bytes(std::span(*bytes)), [bytes] {});
    };
}

}  // namespace bgm
