#include "daemon/gateway/post_assembly.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "daemon/gateway/head_lint.hpp"
#include "schemas/codec.hpp"

namespace bgm::gateway {
namespace {

constexpr std::string_view kPostPart = "post";

struct Ending {
    std::string_view ending;
    v1::Asset::Kind kind;
};
constexpr std::array<Ending, 27> kEndings{{
    {"jpg", v1::Asset::IMAGE},  {"jpeg", v1::Asset::IMAGE}, {"png", v1::Asset::IMAGE},
    {"gif", v1::Asset::IMAGE},  {"webp", v1::Asset::IMAGE}, {"heic", v1::Asset::IMAGE},
    {"heif", v1::Asset::IMAGE}, {"avif", v1::Asset::IMAGE}, {"tif", v1::Asset::IMAGE},
    {"tiff", v1::Asset::IMAGE}, {"bmp", v1::Asset::IMAGE},  {"mp3", v1::Asset::AUDIO},
    {"ogg", v1::Asset::AUDIO},  {"oga", v1::Asset::AUDIO},  {"opus", v1::Asset::AUDIO},
    {"wav", v1::Asset::AUDIO},  {"flac", v1::Asset::AUDIO}, {"m4a", v1::Asset::AUDIO},
    {"aac", v1::Asset::AUDIO},  {"weba", v1::Asset::AUDIO}, {"mp4", v1::Asset::VIDEO},
    {"mov", v1::Asset::VIDEO},  {"webm", v1::Asset::VIDEO}, {"mkv", v1::Asset::VIDEO},
    {"avi", v1::Asset::VIDEO},  {"m4v", v1::Asset::VIDEO},  {"3gp", v1::Asset::VIDEO},
}};

v1::Asset::Kind kind_of(const Part& part) {
    if (part.type.starts_with("image/")) return v1::Asset::IMAGE;
    if (part.type.starts_with("audio/")) return v1::Asset::AUDIO;
    if (part.type.starts_with("video/")) return v1::Asset::VIDEO;
    const std::string name = part.file_name.value_or("");
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return v1::Asset::KIND_UNSPECIFIED;
    const auto found = std::find_if(kEndings.begin(), kEndings.end(), [&](const Ending& each) {
        return equal_names(each.ending, std::string_view(name).substr(dot + 1));
    });
    return found == kEndings.end() ? v1::Asset::KIND_UNSPECIFIED : found->kind;
}

AssemblyFault fault_of_part(std::string name, std::string message,
                            ErrorCode code = ErrorCode::invalid_argument) {
    return {.error = {.code = code, .message = std::move(message), .field = std::move(name)}, .in = "part"};
}

// The asset that the part names, or -1.
int named_asset(const v1::Post& post, std::string_view part) {
    constexpr std::string_view kIndexed = "assets[";
    if (part.starts_with(kIndexed) && part.ends_with(']')) {
        const std::string_view digits = part.substr(kIndexed.size(), part.size() - kIndexed.size() - 1);
        int index = -1;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error == std::errc{} && end == digits.data() + digits.size() && index >= 0 &&
            index < post.assets_size())
            return index;
    }
    for (int i = 0; i < post.assets_size(); ++i) {
        if (!part.empty() && post.assets(i).asset_id() == part) return i;
    }
    return -1;
}

}  // namespace

bool is_json(std::string_view text) {
    return nlohmann::json::accept(text);
}

Result<v1::Post> post_from_json(std::string_view json) {
    return decode_post(WireFormat::json, json);
}

std::variant<AssembledPost, AssemblyFault> post_from_parts(const std::vector<Part>& parts) {
    AssembledPost result;
    const auto is_post = [](const Part& part) { return part.name == kPostPart; };
    const auto written = std::find_if(parts.begin(), parts.end(), is_post);
    if (written == parts.end())
        return fault_of_part("post", "is missing: the part that holds the post as JSON");
    if (std::count_if(parts.begin(), parts.end(), is_post) > 1) return fault_of_part("post", "stands twice");
    auto post = post_from_json(written->bytes);
    if (!post)
        return AssemblyFault{.error = post.error(), .in = "body", .malformed = !is_json(written->bytes)};
    result.post = std::move(*post);

    std::vector<const Part*> files;
    for (const Part& part : parts) {
        if (!is_post(part)) files.push_back(&part);
    }
    const bool make_assets = result.post.assets_size() == 0;
    std::vector<int> asset_of_file(files.size(), -1);
    if (make_assets) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            v1::Asset& asset = *result.post.add_assets();
            const auto same = [&](const Part* each) { return each->name == files[i]->name; };
            // A name that several files share is that of a form's field, and names none of them.
            if (std::count_if(files.begin(), files.end(), same) == 1 && files[i]->name.size() <= 64)
                asset.set_asset_id(files[i]->name);
            asset_of_file[i] = static_cast<int>(i);
        }
    } else {
        std::vector<bool> served(static_cast<std::size_t>(result.post.assets_size()), false);
        for (std::size_t i = 0; i < files.size(); ++i) {
            // One that says itself which frame it means counts the files.
            for (int j = 0; j < result.post.assets_size(); ++j) {
                if (result.post.assets(j).has_frame() && result.post.assets(j).frame() == i)
                    asset_of_file[i] = j;
            }
            if (asset_of_file[i] < 0) asset_of_file[i] = named_asset(result.post, files[i]->name);
            if (asset_of_file[i] < 0) continue;
            if (served.at(static_cast<std::size_t>(asset_of_file[i])))
                return fault_of_part(files[i]->name, "is the second file of one asset");
            served.at(static_cast<std::size_t>(asset_of_file[i])) = true;
        }
        int next = 0;
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (asset_of_file[i] >= 0) continue;
            while (next < result.post.assets_size() &&
                   (served.at(static_cast<std::size_t>(next)) || !result.post.assets(next).uri().empty() ||
                    result.post.assets(next).has_frame()))
                ++next;
            if (next == result.post.assets_size())
                return fault_of_part(files[i]->name, "belongs to no asset");
            served.at(static_cast<std::size_t>(next)) = true;
            asset_of_file[i] = next;
        }
    }
    result.part_of_asset.resize(static_cast<std::size_t>(result.post.assets_size()));
    for (std::size_t i = 0; i < files.size(); ++i) {
        v1::Asset& asset = *result.post.mutable_assets(asset_of_file[i]);
        asset.set_frame(static_cast<std::uint32_t>(i));
        if (asset.kind() == v1::Asset::KIND_UNSPECIFIED) asset.set_kind(kind_of(*files[i]));
        if (asset.kind() == v1::Asset::KIND_UNSPECIFIED)
            return fault_of_part(files[i]->name,
                                 "must say whether it is an image, audio or video: by its type",
                                 ErrorCode::unsupported);
        result.frames.push_back(files[i]->bytes);
        result.part_of_asset.at(static_cast<std::size_t>(asset_of_file[i])) = files[i]->name;
    }
    return result;
}

}  // namespace bgm::gateway
