#include "daemon/gateway/asset_parts.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "schemas/validate.hpp"

namespace bgm::gateway {
namespace {

constexpr int kNone = -1;

std::string asset_path(int index) {
    return "assets[" + std::to_string(index) + "]";
}

bool is_indexed(std::string_view name) {
    return name.starts_with("assets[") && name.ends_with(']');
}

// The number in "assets[1]" as one writes it, below `count`.
std::optional<int> index_in(std::string_view name, int count) {
    const std::string_view digits = name.substr(7, name.size() - 8);
    int index = kNone;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    const bool read = error == std::errc{} && end == digits.data() + digits.size();
    if (!read || index < 0 || index >= count || asset_path(index) != name) return std::nullopt;
    return index;
}

class Match {
 public:
    Match(v1::Post& post, const std::vector<const Part*>& files)
        : post_(post),
          files_(files),
          asset_of_file_(files.size(), kNone),
          file_of_asset_(static_cast<std::size_t>(post.assets_size()), kNone) {}

    std::variant<std::vector<int>, AssemblyFault> run(bool made) {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (auto fault = take_by_name(i)) return *fault;
        }
        if (!made) {
            for (int j = 0; j < post_.assets_size(); ++j) {
                if (auto fault = take_by_frame(j)) return *fault;
            }
        }
        int next = 0;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (asset_of_file_[i] != kNone) continue;
            while (next < post_.assets_size() &&
                   (file_of(next) != kNone || !post_.assets(next).uri().empty()))
                ++next;
            if (next == post_.assets_size()) return fault_of_part(files_[i]->name, "belongs to no asset");
            give(i, next);
        }
        return asset_of_file_;
    }

 private:
    int& file_of(int asset) { return file_of_asset_.at(static_cast<std::size_t>(asset)); }
    void give(std::size_t file, int asset) {
        asset_of_file_[file] = asset;
        file_of(asset) = static_cast<int>(file);
    }

    std::optional<AssemblyFault> take_by_name(std::size_t file) {
        const std::string& name = files_[file]->name;
        int named = kNone;
        for (int j = 0; j < post_.assets_size(); ++j) {
            if (post_.assets(j).asset_id() == name) named = j;
        }
        if (named == kNone && is_indexed(name)) {
            const auto index = index_in(name, post_.assets_size());
            if (!index)
                return fault_of_part(
                    name, "names no asset: there are " + std::to_string(post_.assets_size()) + ", from 0 on");
            named = *index;
        }
        if (named == kNone) return std::nullopt;
        if (file_of(named) != kNone) return fault_of_part(name, "is the second file of " + asset_path(named));
        if (!post_.assets(named).uri().empty())
            return fault_of_part(name, "is a file of " + asset_path(named) + ", which has a uri");
        give(file, named);
        return std::nullopt;
    }

    std::optional<AssemblyFault> take_by_frame(int asset) {
        if (!post_.assets(asset).has_frame() || file_of(asset) != kNone) return std::nullopt;
        const std::size_t frame = post_.assets(asset).frame();
        const auto fault = [&](std::string message) {
            return AssemblyFault{.error = {.code = ErrorCode::invalid_argument,
                                           .message = std::move(message),
                                           .field = asset_path(asset) + ".frame"}};
        };
        if (frame >= files_.size())
            return fault("names file " + std::to_string(frame) + ", but the form has " +
                         std::to_string(files_.size()) + ", from 0 on");
        if (asset_of_file_[frame] != kNone)
            return fault("names file " + std::to_string(frame) + ", which belongs to " +
                         asset_path(asset_of_file_[frame]));
        give(frame, asset);
        return std::nullopt;
    }

    v1::Post& post_;
    const std::vector<const Part*>& files_;
    std::vector<int> asset_of_file_;
    std::vector<int> file_of_asset_;
};

// For each file an asset, in the place that its name asks for.
std::optional<AssemblyFault> make_assets(v1::Post& post, const std::vector<const Part*>& files) {
    const int count = static_cast<int>(files.size());
    std::vector<bool> taken(files.size(), false);
    for (const Part* file : files) {
        post.add_assets();
        if (!is_indexed(file->name)) continue;
        if (const auto index = index_in(file->name, count)) taken.at(static_cast<std::size_t>(*index)) = true;
    }
    int next = 0;
    for (const Part* file : files) {
        if (is_indexed(file->name)) continue;
        while (taken.at(static_cast<std::size_t>(next)))
            ++next;
        v1::Asset& asset = *post.mutable_assets(next++);
        // A name that several files share is that of a form's field, and names none of them.
        if (std::ranges::count(files, file->name, [](const Part* each) { return each->name; }) > 1) continue;
        if (file->name.size() > kAssetIdBytesMax)
            return fault_of_part(
                file->name,
                "would be an asset's id, which may have " + std::to_string(kAssetIdBytesMax) + " bytes",
                ErrorCode::too_large);
        asset.set_asset_id(file->name);
    }
    return std::nullopt;
}

}  // namespace

AssemblyFault fault_of_part(std::string part, std::string message, ErrorCode code) {
    return {.error = {.code = code, .message = std::move(message), .field = std::move(part)}, .in = "part"};
}

std::variant<std::vector<int>, AssemblyFault> match_files(v1::Post& post,
                                                          const std::vector<const Part*>& files) {
    const bool made = post.assets().empty();
    if (made) {
        if (auto fault = make_assets(post, files)) return *fault;
    }
    name_assets(post);
    return Match(post, files).run(made);
}

}  // namespace bgm::gateway
