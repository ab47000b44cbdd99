#include "ops/bgmctl/models/server_reply.hpp"

#include "schemas/ascii.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {
namespace {

constexpr std::size_t kHeadersMax = 64;
constexpr std::size_t kVersionBytesMax = 1024;

/// The digits of an entity tag that is made of nothing else.
std::string hexadecimal(std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return {};
    tag = tag.substr(1, tag.size() - 2);
    if (tag.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
    return std::string(tag);
}

bool is_git_blob(std::string_view digits) {
    return digits.size() == 40;
}

}  // namespace

void ServerReply::take_line(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        *this = ServerReply(from_home_);
        const std::size_t space = line.find(' ');
        if (space != std::string_view::npos) {
            status_ = static_cast<long>(number_from<std::uint64_t>(line.substr(space + 1, 3)).value_or(0));
        }
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || headers_.size() >= kHeadersMax) return;
    const std::string name = ascii_lower(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' '))
        value.remove_prefix(1);
    headers_[name] = value;
}

std::string_view ServerReply::header(std::string_view name) const {
    const auto found = headers_.find(name);
    return found == headers_.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::uint64_t> ServerReply::file_bytes() const {
    if (const auto linked = number_from<std::uint64_t>(header("x-linked-size")); linked && from_home_)
        return linked;
    return status_ == 200 ? number_from<std::uint64_t>(header("content-length")) : std::nullopt;
}

std::string ServerReply::digest() const {
    if (!from_home_) return {};
    const std::string linked = hexadecimal(header("x-linked-etag"));
    if (is_sha256(linked) || is_git_blob(linked)) return linked;
    const std::string own = hexadecimal(header("etag"));
    return is_git_blob(own) ? own : std::string();
}

std::string ServerReply::strong_version() const {
    const std::string_view tag = header("etag");
    return tag.starts_with('"') && tag.size() <= kVersionBytesMax ? std::string(tag) : std::string();
}

}  // namespace bgm
