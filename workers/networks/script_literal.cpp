#include "workers/networks/script_literal.hpp"

#include <openssl/evp.h>

#include <climits>

namespace bgm {
namespace {

constexpr int kDepthMax = 32;
constexpr std::string_view kExports = ".exports=";

Error wrong(std::string message) {
    return {.code = ErrorCode::corrupt, .message = "script: " + std::move(message)};
}

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$';
}

// From the first character of the exported value to the end of the script.
Result<std::string_view> exported(std::string_view script) {
    for (std::size_t at = script.find(kExports); at != std::string_view::npos;
         at = script.find(kExports, at + 1)) {
        const std::string_view value = script.substr(at + kExports.size());
        if (!value.empty() && std::string_view("{[\"").find(value.front()) != std::string_view::npos)
            return value;
    }
    return wrong("exports no literal");
}

// Writes a literal as JSON. Stops at the first thing that is none.
class Literal {
 public:
    explicit Literal(std::string_view text) : rest_(text) {}

    bool value(int depth) {
        if (rest_.empty() || depth > kDepthMax) return false;
        switch (rest_.front()) {
            case '{':
                return list('}', depth, true);
            case '[':
                return list(']', depth, false);
            case '"':
                return text();
            case '!':
                return word("!0", "true") || word("!1", "false");
            case 'n':
                return word("null", "null");
            case 't':
                return word("true", "true");
            case 'f':
                return word("false", "false");
            default:
                return number();
        }
    }
    std::string take() { return std::move(json_); }

 private:
    bool next(char byte) {
        if (rest_.empty() || rest_.front() != byte) return false;
        json_ += byte;
        rest_.remove_prefix(1);
        return true;
    }

    bool word(std::string_view from, std::string_view to) {
        if (!rest_.starts_with(from)) return false;
        rest_.remove_prefix(from.size());
        json_ += to;
        return true;
    }

    bool list(char end, int depth, bool named) {
        next(rest_.front());
        if (next(end)) return true;
        while (true) {
            if (named && !(name() && next(':'))) return false;
            if (!value(depth + 1)) return false;
            if (next(end)) return true;
            if (!next(',')) return false;
        }
    }

    bool name() {
        if (!rest_.empty() && rest_.front() == '"') return text();
        std::size_t length = 0;
        while (length < rest_.size() && (is_letter(rest_[length]) || is_digit(rest_[length])))
            ++length;
        if (length == 0) return false;
        json_ += '"';
        json_ += rest_.substr(0, length);
        json_ += '"';
        rest_.remove_prefix(length);
        return true;
    }

    // JavaScript's escapes that JSON has not are refused by whoever parses the JSON.
    bool text() {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == '"') {
                json_ += rest_.substr(0, i + 1);
                rest_.remove_prefix(i + 1);
                return true;
            }
        }
        return false;
    }

    bool number() {
        if (!rest_.empty() && rest_.front() == '-') next('-');
        if (!rest_.empty() && rest_.front() == '.') json_ += '0';
        std::size_t length = 0;
        while (length < rest_.size() &&
               (is_digit(rest_[length]) || std::string_view(".eE+-").find(rest_[length]) < 5))
            ++length;
        json_ += rest_.substr(0, length);
        rest_.remove_prefix(length);
        return length > 0;
    }

    std::string_view rest_;
    std::string json_;
};

}  // namespace

Result<std::string> read_script_json(std::string_view script) {
    const auto text = exported(script);
    if (!text) return text.error();
    Literal literal(*text);
    if (!literal.value(0)) return wrong("what it exports is no literal");
    return literal.take();
}

Result<std::vector<std::byte>> read_script_bytes(std::string_view script) {
    const auto text = exported(script);
    if (!text) return text.error();
    if (text->front() != '"') return wrong("what it exports is no string");
    const std::size_t end = text->find('"', 1);
    if (end == std::string_view::npos) return wrong("its string does not end");
    const std::string_view all = text->substr(1, end - 1);
    std::string_view digits = all;
    while (digits.size() % 4 != 2 && digits.ends_with('='))
        digits.remove_suffix(1);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (all.size() % 4 != 0 || all.size() > INT_MAX ||
        digits.find_first_not_of(kAlphabet) != std::string_view::npos)
        return wrong("its string is no base64");
    std::vector<std::byte> bytes(all.size() / 4 * 3);
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                    reinterpret_cast<const unsigned char*>(all.data()), static_cast<int>(all.size()));
    bytes.resize(bytes.size() - (all.size() - digits.size()));  // it counts the padding
    return bytes;
}

}  // namespace bgm
