#include "daemon/gateway/post_calls.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "daemon/gateway/door_calls.hpp"
#include "daemon/gateway/head_lint.hpp"
#include "daemon/gateway/post_assembly.hpp"
#include "schemas/ascii.hpp"
#include "schemas/codec.hpp"
#include "schemas/json_text.hpp"

namespace bgm::gateway {
namespace {

// The body, which is freed when the last frame made of it has gone over the wire.
Frame frame_of(const std::shared_ptr<Body>& body, std::string_view bytes) {
    return Frame(std::as_bytes(std::span(bytes.data(), bytes.size())), [body] {});
}

void refuse(Exchange& exchange, const AssemblyFault& fault) {
    const std::string code = fault.malformed ? "malformed" : std::string(name(fault.error.code));
    exchange.answer(problem(Problem{.status = status_of(code),
                                    .code = code,
                                    .detail = fault.error.message,
                                    .field = fault.error.field,
                                    .in = fault.in}));
}

// "assets[2].frame" is about the third asset.
std::size_t asset_index(std::string_view field) {
    constexpr std::string_view kAssets = "assets[";
    std::size_t index = std::string_view::npos;
    if (field.starts_with(kAssets))
        std::from_chars(field.data() + kAssets.size(), field.data() + field.size(), index);
    return index;
}

// Up to the next comma that stands in no quoted string.
std::string_view take_preference(std::string_view& list) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != ','); ++end) {
        if (list[end] == '"') quoted = !quoted;
        if (quoted && list[end] == '\\') ++end;
    }
    const std::string_view preference = list.substr(0, end);
    list.remove_prefix(std::min(list.size(), end + 1));
    return preference;
}

std::string ack_json(const v1::Ack& ack) {
    return json_line({{"post_id", ack.post_id()},
                      {"status", v1::Ack::Status_Name(ack.status())},
                      {"revision", ack.revision()}}) +
           "\n";
}

}  // namespace

std::optional<std::chrono::seconds> preferred_wait(std::string_view prefer) {
    while (!prefer.empty()) {
        std::string_view preference = take_preference(prefer);
        // What stands behind a semicolon is a parameter of the preference, and none by itself.
        preference = trimmed(preference.substr(0, preference.find(';')));
        const std::size_t equals = preference.find('=');
        if (equals == std::string_view::npos || !equal_names(trimmed(preference.substr(0, equals)), "wait"))
            continue;
        std::string_view value = trimmed(preference.substr(equals + 1));
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
            value = value.substr(1, value.size() - 2);
        const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
        // The first one counts, whatever it says.
        if (!digits) return std::nullopt;
        std::uint32_t seconds = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
        return std::chrono::seconds(error == std::errc{} ? seconds
                                                         : std::numeric_limits<std::uint32_t>::max());
    }
    return std::nullopt;
}

std::string path_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && (std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos)) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += kDigits[byte >> 4U];
            encoded += kDigits[byte & 15U];
        }
    }
    return encoded;
}

void PostCalls::submit(const std::shared_ptr<Exchange>& exchange) {
    const std::string_view content_type = exchange->head.field("Content-Type");
    AssembledPost assembled;
    if (media_type(content_type) == "multipart/form-data") {
        const auto boundary = multipart_boundary(content_type);
        if (!boundary) return exchange->answer(problem(boundary.error(), "header"));
        const auto parts = read_multipart(exchange->body->bytes, *boundary);
        if (!parts) {
            const bool too_large = parts.error().code == ErrorCode::too_large;
            return refuse(*exchange, {.error = parts.error(), .in = "part", .malformed = !too_large});
        }
        auto made = post_from_parts(*parts, json_bytes_max_);
        if (const auto* fault = std::get_if<AssemblyFault>(&made)) return refuse(*exchange, *fault);
        assembled = std::get<AssembledPost>(std::move(made));
    } else {
        auto post = post_from_json(exchange->body->bytes);
        if (const auto* fault = std::get_if<AssemblyFault>(&post)) return refuse(*exchange, *fault);
        assembled.post = std::get<v1::Post>(std::move(post));
    }
    v1::Post& post = assembled.post;
    std::chrono::seconds wait{0};
    if (const auto preferred = preferred_wait(exchange->head.list("Prefer")); preferred)
        wait = std::min(*preferred, wait_max_);
    if (wait.count() > 0) waits_.expect(exchange->key->tenant);
    Frames frames;
    frames.reserve(1 + assembled.frames.size());
    frames.emplace_back(encode_post(post));
    for (const std::string_view bytes : assembled.frames)
        frames.push_back(frame_of(exchange->body, bytes));
    if (assembled.frames.empty()) exchange->body.reset();
    daemon_.post(
        exchange->key->digest, std::move(frames),
        [this, exchange, wait, parts = std::move(assembled.part_of_asset)](const Result<v1::Ack>& ack) {
            exchange->body.reset();
            if (!ack) return exchange->answer(problem(ack.error(), "body"));
            take_ack(exchange, *ack, wait, parts);
        });
}

void PostCalls::take_ack(const std::shared_ptr<Exchange>& exchange, const v1::Ack& ack,
                         std::chrono::seconds wait, const std::vector<std::string>& part_of_asset) {
    if (ack.status() == v1::Ack::ACCEPTED || ack.status() == v1::Ack::DUPLICATE) {
        const bool known = ack.status() == v1::Ack::DUPLICATE;
        Response response{.status = known ? 200 : 202};
        response.body = ack_json(ack);
        response.fields.emplace_back("Location", "/v1/posts/" + path_encoded(ack.post_id()));
        if (wait.count() == 0) return exchange->answer(std::move(response));
        return waits_.wait(exchange, ack.post_id(), ack.revision(), wait, known, std::move(response));
    }
    const v1::AckError& error = ack.error();
    if (ack.status() == v1::Ack::BUSY) {
        const int seconds = static_cast<int>((ack.retry_after_ms() + 999) / 1000);
        return exchange->answer(problem(Problem{.status = 503,
                                                .code = "resource_exhausted",
                                                .detail = "there is too much to do",
                                                .retry_after_s = std::max(1, seconds)}));
    }
    // It was good when the head came, and has been revoked since, or has expired.
    if (error.field() == "key")
        return exchange->answer(refused_by_door({error.code(), error.field(), error.message()}, "header"));
    const std::size_t asset = asset_index(error.field());
    exchange->answer(problem(Problem{.status = status_of(error.code()),
                                     .code = error.code(),
                                     .detail = error.message(),
                                     .field = error.field(),
                                     .in = error.field().empty() ? std::string_view() : "body",
                                     .part = asset < part_of_asset.size() ? part_of_asset[asset] : ""}));
}

}  // namespace bgm::gateway
