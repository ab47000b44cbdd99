#include "daemon/gateway/post_assembly.hpp"

#include <algorithm>
#include <array>

#include "daemon/gateway/head_lint.hpp"
#include "schemas/json_message.hpp"

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

}  // namespace

std::variant<v1::Post, AssemblyFault> post_from_json(std::string_view json) {
    v1::Post post;
    if (auto fault = read_strict_message(json, post, std::string(kPostPart)))
        return AssemblyFault{.error = std::move(fault->error), .malformed = fault->malformed};
    // A client takes them out of a path, as it has to, and so would every proxy.
    for (const auto& [field, id] : {std::pair("post_id", &post.post_id()), {"user_id", &post.user_id()}}) {
        if (*id == "." || *id == "..")
            return AssemblyFault{.error = {.code = ErrorCode::invalid_argument,
                                           .message = "must be neither . nor ..: no path could name it",
                                           .field = field}};
    }
    return post;
}

std::variant<AssembledPost, AssemblyFault> post_from_parts(const std::vector<Part>& parts,
                                                           std::size_t json_bytes_max) {
    AssembledPost result;
    const auto is_post = [](const Part& part) { return part.name == kPostPart; };
    const auto written = std::find_if(parts.begin(), parts.end(), is_post);
    if (written == parts.end())
        return fault_of_part("post", "is missing: the part that holds the post as JSON");
    if (std::count_if(parts.begin(), parts.end(), is_post) > 1) return fault_of_part("post", "stands twice");
    if (written->bytes.size() > json_bytes_max)
        return fault_of_part("post", "has more than " + std::to_string(json_bytes_max) + " bytes",
                             ErrorCode::too_large);
    auto post = post_from_json(written->bytes);
    if (auto* fault = std::get_if<AssemblyFault>(&post)) {
        if (fault->error.field == kPostPart) fault->in = "part";
        return std::move(*fault);
    }
    result.post = std::get<v1::Post>(std::move(post));

    std::vector<const Part*> files;
    for (const Part& part : parts) {
        if (!is_post(part)) files.push_back(&part);
    }
    const auto matched = match_files(result.post, files);
    if (const auto* fault = std::get_if<AssemblyFault>(&matched)) return *fault;
    const auto& asset_of_file = std::get<std::vector<int>>(matched);
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
