#include "schemas/validate.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>
#include <vector>

#include "schemas/column_limits.hpp"
#include "schemas/modality_traits.hpp"
#include "schemas/mood_names.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::size_t kIdBytesMax = 128;
constexpr std::size_t kTenantBytesMax = 64;
constexpr std::size_t kLangBytesMax = 35;  // BCP 47's longest registered form
constexpr std::size_t kLabelBytesMax = kAssetIdBytesMax;
constexpr int kListMax = 16;

Error invalid(std::string field, std::string message) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

Error too_large(std::string field, std::string message) {
    return Error{.code = ErrorCode::too_large, .message = std::move(message), .field = std::move(field)};
}

bool is_word(std::string_view text, std::string_view extra) {
    return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return (c < 0x80 && std::isalnum(c) != 0) ||
               extra.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

// Ids become database keys and topics. Padding and control characters would make two ids look, or compare,
// alike.
Status check_form(const std::string& field, const std::string& id) {
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (std::any_of(id.begin(), id.end(), control)) return invalid(field, "contains a control character");
    if (id.starts_with(' ') || id.ends_with(' ')) return invalid(field, "starts or ends with a space");
    return ok_status();
}

Status check_id(const std::string& field, const std::string& id) {
    if (id.size() > kIdBytesMax)
        return too_large(field, "is longer than " + std::to_string(kIdBytesMax) + " bytes");
    return check_form(field, id);
}

// The range of a timestamp in the JSON mapping; the database's DATETIME has the same.
Status check_time(const std::string& field, const google::protobuf::Timestamp& time) {
    if (time.seconds() < -62135596800 || time.seconds() > 253402300799 || time.nanos() < 0 ||
        time.nanos() > 999'999'999)
        return invalid(field, "is not a time between the years 1 and 9999");
    return ok_status();
}

Status check_label(const std::string& field, const std::string& label) {
    if (label.size() > kLabelBytesMax) {
        return too_large(field, "is longer than " + std::to_string(kLabelBytesMax) + " bytes");
    }
    return check_id(field, label);
}

Status check_source(const v1::Asset& asset, const std::string& path, std::span<const std::size_t> media_bytes,
                    std::vector<int>& frame_users, int index, const PostLimits& limits) {
    if (asset.has_frame() == !asset.uri().empty()) {
        return invalid(path, asset.has_frame() ? "has both a frame and a uri" : "needs a frame or a uri");
    }
    if (!asset.has_frame()) {
        const std::string& uri = asset.uri();
        if (uri.size() > 2048) return too_large(path + ".uri", "is longer than 2048 bytes");
        if (is_web_uri(uri)) return ok_status();
        auto file = media_path(uri);
        if (!file) return invalid(path + ".uri", file.error().message);
        return ok_status();
    }
    if (asset.frame() >= media_bytes.size()) {
        return invalid(path + ".frame", "names media frame " + std::to_string(asset.frame()) +
                                            ", but the message has " + std::to_string(media_bytes.size()));
    }
    int& user = frame_users[asset.frame()];
    if (user >= 0)
        return invalid(path + ".frame", "names the same media frame as assets[" + std::to_string(user) + "]");
    user = index;
    const std::size_t bytes = media_bytes[asset.frame()];
    if (bytes == 0) return invalid(path + ".frame", "the media frame is empty");
    const std::size_t bytes_max = asset_bytes_max(asset.kind(), limits);
    if (bytes > bytes_max) {
        return too_large(path + ".frame", "has " + std::to_string(bytes) + " bytes, more than the limit of " +
                                              std::to_string(bytes_max));
    }
    return ok_status();
}

Status check_assets(v1::Post& post, std::span<const std::size_t> media_bytes, const PostLimits& limits) {
    if (static_cast<std::size_t>(post.assets_size()) > limits.assets_max) {
        return too_large("assets", "has more than " + std::to_string(limits.assets_max) + " entries");
    }
    std::size_t total = 0;
    for (std::size_t bytes : media_bytes)
        total += bytes;
    if (total > limits.inline_bytes_max) {
        return too_large("assets", "the media frames have " + std::to_string(total) +
                                       " bytes, more than the limit of " +
                                       std::to_string(limits.inline_bytes_max));
    }
    name_assets(post);
    std::set<std::string> ids;
    std::vector<int> frame_users(media_bytes.size(), -1);
    for (int i = 0; i < post.assets_size(); ++i) {
        const auto& asset = post.assets(i);
        const std::string path = "assets[" + std::to_string(i) + "]";
        if (auto checked = check_label(path + ".asset_id", asset.asset_id()); !checked) return checked;
        if (!ids.insert(asset.asset_id()).second) return invalid(path + ".asset_id", "is used twice");
        if (asset.kind() == v1::Asset::KIND_UNSPECIFIED || !v1::Asset::Kind_IsValid(asset.kind())) {
            return invalid(path + ".kind", "must be IMAGE, AUDIO or VIDEO");
        }
        if (auto checked = check_source(asset, path, media_bytes, frame_users, i, limits); !checked)
            return checked;
        const std::string& digest = asset.sha256();
        if (!digest.empty() &&
            (digest.size() != 64 || !std::all_of(digest.begin(), digest.end(),
                                                 [](unsigned char c) { return std::isxdigit(c) != 0; }))) {
            return invalid(path + ".sha256", "must be 64 hexadecimal digits");
        }
    }
    const auto unused = std::find(frame_users.begin(), frame_users.end(), -1);
    if (unused != frame_users.end()) {
        return invalid(
            "assets", "media frame " + std::to_string(unused - frame_users.begin()) + " belongs to no asset");
    }
    return ok_status();
}

Status check_labels(const std::string& field, const google::protobuf::RepeatedPtrField<std::string>& labels) {
    if (labels.size() > kListMax)
        return too_large(field, "has more than " + std::to_string(kListMax) + " entries");
    for (int i = 0; i < labels.size(); ++i) {
        if (auto checked = check_label(field + "[" + std::to_string(i) + "]", labels[i]); !checked)
            return checked;
    }
    return ok_status();
}

// Both ends may be left out; an error names the end that cannot be.
Status check_range(const std::string& from_field, std::uint32_t from, const std::string& to_field,
                   std::uint32_t to, std::uint32_t most) {
    for (const auto& [field, value] : {std::pair{&from_field, from}, std::pair{&to_field, to}}) {
        if (value > most) return invalid(*field, "is more than " + std::to_string(most));
    }
    if (from != 0 && to != 0 && to < from)
        return invalid(to_field, "is less than " + from_field + ", " + std::to_string(from));
    return ok_status();
}

Status check_taste(const v1::PickOptions& options) {
    constexpr std::uint32_t kTempoMax = 1000;
    constexpr std::uint32_t kYearMax = 2999;
    if (auto checked = check_labels("options.avoid_moods", options.avoid_moods()); !checked) return checked;
    for (int i = 0; i < options.avoid_moods_size(); ++i) {
        if (std::find(kMoodNames.begin(), kMoodNames.end(), options.avoid_moods(i)) == kMoodNames.end())
            return invalid("options.avoid_moods[" + std::to_string(i) + "]", "is none of the 13 moods");
    }
    if (auto checked = check_range("options.min_tempo", options.min_tempo(), "options.max_tempo",
                                   options.max_tempo(), kTempoMax);
        !checked)
        return checked;
    if (auto checked = check_range("options.era.from_year", options.era().from_year(), "options.era.to_year",
                                   options.era().to_year(), kYearMax);
        !checked)
        return checked;
    if (!v1::Arc_IsValid(options.arc())) return invalid("options.arc", "must be RISE, FALL or LEVEL");
    return ok_status();
}

Status check_context_and_options(const v1::Post& post, const PostLimits& limits) {
    const auto& context = post.context();
    if (context.local_hour() > 23) return invalid("context.local_hour", "must be 0 to 23");
    for (const auto& [field, label] :
         {std::pair{"context.weather", &context.weather()}, std::pair{"context.place", &context.place()},
          std::pair{"context.activity", &context.activity()}}) {
        if (auto checked = check_label(field, *label); !checked) return checked;
    }
    const auto& options = post.options();
    if (options.tracks() > limits.tracks_max) {
        return too_large("options.tracks", "is more than the limit of " + std::to_string(limits.tracks_max));
    }
    if (auto checked = check_labels("options.genres", options.genres()); !checked) return checked;
    if (auto checked = check_labels("options.languages", options.languages()); !checked) return checked;
    if (auto checked = check_labels("options.avoid_genres", options.avoid_genres()); !checked) return checked;
    if (auto checked = check_labels("options.avoid_languages", options.avoid_languages()); !checked)
        return checked;
    return check_taste(options);
}

Status check_wish(const v1::Post& post) {
    if (post.kind() != v1::WISH) return ok_status();
    if (post.text().empty()) return invalid("text", "a wish needs a text that says what is wished for");
    if (post.text().size() > kWishBytesMax)
        return too_large("text", "has " + std::to_string(post.text().size()) +
                                     " bytes, more than the limit of a wish, " +
                                     std::to_string(kWishBytesMax));
    return ok_status();
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void name_assets(v1::Post& post) {
    std::set<std::string> ids;
    for (const v1::Asset& asset : post.assets())
        ids.insert(asset.asset_id());
    for (int i = 0; i < post.assets_size(); ++i) {
        v1::Asset& asset = *post.mutable_assets(i);
        if (!asset.asset_id().empty()) continue;
        const std::string plain = "a" + std::to_string(i);
        std::string id = plain;
        for (int next = 2; !ids.insert(id).second; ++next)
            id = plain + "-" + std::to_string(next);
        asset.set_asset_id(id);
    }
}

std::size_t asset_bytes_max(v1::Asset::Kind kind, const PostLimits& limits) {
    const ModalityTraits* const found = traits(kind);
    return found == nullptr ? 0 : limits.*found->bytes_max;
}

bool is_web_uri(std::string_view uri) {
    return uri.starts_with("http://") || uri.starts_with("https://");
}

Result<std::string> media_path(std::string_view uri) {
    constexpr std::string_view kScheme = "file:";
    if (!uri.starts_with(kScheme)) return invalid("", "must start with file:, http:// or https://");
    uri.remove_prefix(kScheme.size());
    std::string path;
    for (std::size_t i = 0; i < uri.size(); ++i) {
        if (uri[i] != '%') {
            path += uri[i];
            continue;
        }
        const int high = i + 2 < uri.size() ? hex_value(uri[i + 1]) : -1;
        const int low = i + 2 < uri.size() ? hex_value(uri[i + 2]) : -1;
        if (high < 0 || low < 0) return invalid("", "has a broken percent escape");
        path += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (path.empty()) return invalid("", "names no file");
    if (path.find('\0') != std::string::npos) return invalid("", "contains a NUL");
    if (path.starts_with('/')) return invalid("", "must be relative to the media root");
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (path.substr(begin, end - begin) == "..") return invalid("", "leads out of the media root");
        begin = end + 1;
    }
    return path;
}

Status validate_post(v1::Post& post, std::span<const std::size_t> media_bytes, const PostLimits& limits) {
    if (post.post_id().empty()) return invalid("post_id", "is missing");
    if (auto checked = check_id("post_id", post.post_id()); !checked) return checked;
    if (auto checked = check_id("user_id", post.user_id()); !checked) return checked;
    if (post.tenant().empty()) post.set_tenant("default");
    if (post.tenant().size() > kTenantBytesMax || !is_word(post.tenant(), "_-")) {
        return invalid("tenant", "must be 1 to 64 letters, digits, '_' or '-'");
    }
    if (post.text().size() > limits.text_bytes_max) {
        return too_large("text", "has " + std::to_string(post.text().size()) +
                                     " bytes, more than the limit of " +
                                     std::to_string(limits.text_bytes_max));
    }
    if (post.lang().size() > kLangBytesMax || !is_word(post.lang(), "-")) {
        return invalid("lang", "is not a language tag such as \"ko\" or \"en\"");
    }
    if (!v1::PostKind_IsValid(post.kind())) return invalid("kind", "must be POST or WISH");
    if (auto checked = check_wish(post); !checked) return checked;
    if (!v1::Priority_IsValid(post.priority())) return invalid("priority", "must be LIVE or BACKFILL");
    if (post.has_created_at()) {
        if (auto checked = check_time("created_at", post.created_at()); !checked) return checked;
    }
    if (post.text().empty() && post.assets().empty())
        return invalid("text", "a post needs text or at least one asset");
    if (auto checked = check_assets(post, media_bytes, limits); !checked) return checked;
    return check_context_and_options(post, limits);
}

Status validate_feedback(const v1::Feedback& feedback, const std::string& path) {
    for (const auto& [name, id, needed] : {std::tuple{"post_id", &feedback.post_id(), true},
                                           std::tuple{"track_id", &feedback.track_id(), true},
                                           std::tuple{"user_id", &feedback.user_id(), false}}) {
        const std::string field = path + "." + name;
        if (needed && id->empty()) return invalid(field, "is missing");
        if (!valid_utf8(*id)) return invalid(field, "is not valid UTF-8");
        if (character_count(*id) > kIdCharacters)
            return invalid(field, "is longer than " + std::to_string(kIdCharacters) + " characters");
        if (auto checked = check_form(field, *id); !checked) return checked;
    }
    if (feedback.action() == v1::Feedback::ACTION_UNSPECIFIED ||
        !v1::Feedback::Action_IsValid(feedback.action()))
        return invalid(path + ".action", "must be PLAYED, SKIPPED, LIKED or REPLACED");
    // Without it the same event sent twice would be two.
    if (!feedback.has_happened_at()) return invalid(path + ".happened_at", "is missing");
    return check_time(path + ".happened_at", feedback.happened_at());
}

}  // namespace bgm
