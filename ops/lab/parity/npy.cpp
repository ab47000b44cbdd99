#include "ops/lab/parity/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace bgm {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are copied as they lie in the file");

constexpr std::size_t kDimensionsMax = 32;  // NumPy's own limit
constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr std::string_view kMagic("\x93NUMPY", 6);

struct Header {
    std::optional<std::string_view> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
};

// The header is a Python dictionary literal with three known keys. Nothing else of Python is understood.
class HeaderParser {
 public:
    explicit HeaderParser(std::string_view text) : text_(text) {}

    /// What is wrong, empty where nothing is.
    std::string_view parse(Header& header) {
        if (!accept('{')) return "the header is not a dictionary";
        while (!accept('}')) {
            const auto key = quoted();
            if (!key || !accept(':')) return "the header is not a dictionary of names";
            if (*key == "descr" && !header.descr) {
                header.descr = quoted();
                if (!header.descr) return "descr is not the name of a type";
            } else if (*key == "fortran_order" && !header.fortran_order) {
                header.fortran_order = boolean();
                if (!header.fortran_order) return "fortran_order is neither True nor False";
            } else if (*key == "shape" && !header.shape) {
                header.shape = tuple();
                if (!header.shape) return "shape is not a tuple of sizes";
            } else {
                return "the header has a key that is unknown or stands twice";
            }
            if (!accept(',') && peek() != '}') return "the header is not a dictionary";
        }
        if (peek() != '\0') return "something follows the header's dictionary";
        if (!header.descr || !header.fortran_order || !header.shape) return "the header lacks a key";
        return {};
    }

 private:
    char peek() {
        while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n'))
            text_.remove_prefix(1);
        return text_.empty() ? '\0' : text_[0];
    }

    bool accept(char expected) {
        if (peek() != expected) return false;
        text_.remove_prefix(1);
        return true;
    }

    std::optional<std::string_view> quoted() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') return std::nullopt;
        const std::size_t end = text_.find(quote, 1);
        if (end == std::string_view::npos) return std::nullopt;
        const auto inside = text_.substr(1, end - 1);
        text_.remove_prefix(end + 1);
        return inside;
    }

    std::optional<bool> boolean() {
        peek();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (!text_.starts_with(word)) continue;
            text_.remove_prefix(word.size());
            return value;
        }
        return std::nullopt;
    }

    std::optional<std::vector<std::int64_t>> tuple() {
        if (!accept('(')) return std::nullopt;
        std::vector<std::int64_t> sizes;
        while (!accept(')')) {
            peek();
            std::int64_t size = 0;
            const auto [end, problem] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
            if (problem != std::errc() || size < 0 || sizes.size() == kDimensionsMax) return std::nullopt;
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
            sizes.push_back(size);
            if (!accept(',') && peek() != ')') return std::nullopt;
        }
        return sizes;
    }

    std::string_view text_;
};

struct TypeRow {
    std::string_view descr;
    NpyType type;
    std::size_t bytes;
};
constexpr std::array<TypeRow, 6> kTypes{{{"<f4", NpyType::f4, 4},
                                         {"<f8", NpyType::f8, 8},
                                         {"<i8", NpyType::i8, 8},
                                         {"|u1", NpyType::u1, 1},
                                         {"<u1", NpyType::u1, 1},
                                         {"|b1", NpyType::b1, 1}}};

// The number of elements, or nothing where it cannot be counted.
std::optional<std::size_t> count_of(const std::vector<std::int64_t>& shape) {
    std::size_t count = 1;
    for (const std::int64_t size : shape) {
        if (__builtin_mul_overflow(count, static_cast<std::size_t>(size), &count)) return std::nullopt;
    }
    return count;
}

template <typename T>
std::vector<T> copy_of(std::span<const std::byte> bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
}

Error refuse(ErrorCode code, const std::string& name, const std::string& reason) {
    return Error{.code = code, .message = name + ": " + reason};
}

}  // namespace

std::size_t NpyArray::size() const {
    return std::visit([](const auto& values) { return values.size(); }, data);
}

std::string NpyArray::shape_text() const {
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : "x") + std::to_string(size);
    return text.empty() ? "scalar" : text;
}

std::vector<float> NpyArray::to_float() const {
    return std::visit(
        [](const auto& values) {
            std::vector<float> floats(values.size());
            std::transform(values.begin(), values.end(), floats.begin(),
                           [](auto value) { return static_cast<float>(value); });
            return floats;
        },
        data);
}

Result<std::vector<std::int64_t>> NpyArray::to_int64() const {
    if (type == NpyType::f4 || type == NpyType::f8) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "an array of floating-point numbers where integers are expected"};
    }
    if (type == NpyType::i8) return std::get<std::vector<std::int64_t>>(data);
    const auto& bytes = std::get<std::vector<std::uint8_t>>(data);
    return std::vector<std::int64_t>(bytes.begin(), bytes.end());
}

Result<NpyArray> parse_npy(std::span<const std::byte> file, const std::string& name) {
    if (file.size() < 10 || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0)
        return refuse(ErrorCode::corrupt, name, "not a .npy file");
    const auto byte = [&](std::size_t at) { return std::to_integer<std::size_t>(file[at]); };
    const std::size_t version = byte(6);
    if (version < 1 || version > 3) {
        return refuse(ErrorCode::unsupported, name, ".npy version " + std::to_string(version));
    }
    const std::size_t prefix = version == 1 ? 10 : 12;
    if (file.size() < prefix) return refuse(ErrorCode::corrupt, name, "cut off in its header");
    std::size_t header_bytes = byte(8) | byte(9) << 8U;
    if (version > 1) header_bytes |= byte(10) << 16U | byte(11) << 24U;
    if (header_bytes > kHeaderBytesMax || header_bytes > file.size() - prefix)
        return refuse(ErrorCode::corrupt, name, "a header that is longer than the file");

    Header header;
    const std::string_view text(reinterpret_cast<const char*>(file.data()) + prefix, header_bytes);
    const std::string_view problem = HeaderParser(text).parse(header);
    if (!problem.empty()) return refuse(ErrorCode::corrupt, name, std::string(problem));
    const auto* const row = std::find_if(kTypes.begin(), kTypes.end(),
                                         [&](const TypeRow& each) { return each.descr == *header.descr; });
    if (row == kTypes.end()) {
        return refuse(ErrorCode::unsupported, name,
                      "type '" + std::string(header.descr->substr(0, 16)) +
                          "'; read are little-endian f4, f8, i8, u1 and b1");
    }
    if (*header.fortran_order) return refuse(ErrorCode::unsupported, name, "Fortran order");

    const auto count = count_of(*header.shape);
    const auto values = file.subspan(prefix + header_bytes);
    if (!count || *count > std::numeric_limits<std::size_t>::max() / row->bytes ||
        *count * row->bytes != values.size()) {
        return refuse(ErrorCode::corrupt, name,
                      "its shape does not account for the " + std::to_string(values.size()) +
                          " bytes behind the header");
    }
    NpyArray array{.type = row->type, .shape = *std::move(header.shape), .data = {}};
    switch (row->type) {
        case NpyType::f4:
            array.data = copy_of<float>(values);
            break;
        case NpyType::f8:
            array.data = copy_of<double>(values);
            break;
        case NpyType::i8:
            array.data = copy_of<std::int64_t>(values);
            break;
        case NpyType::u1:
        case NpyType::b1:
            array.data = copy_of<std::uint8_t>(values);
            break;
    }
    if (row->type == NpyType::b1) {
        const auto& flags = std::get<std::vector<std::uint8_t>>(array.data);
        if (std::any_of(flags.begin(), flags.end(), [](std::uint8_t flag) { return flag > 1; }))
            return refuse(ErrorCode::corrupt, name, "a truth value that is neither 0 nor 1");
    }
    return array;
}

Result<NpyArray> read_npy(const std::filesystem::path& path) {
    const std::string name = path.string();
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem))
        return refuse(ErrorCode::not_found, name, "no such file");
    const auto bytes = std::filesystem::file_size(path, problem);
    std::ifstream stream(path, std::ios::binary);
    if (problem || !stream) return refuse(ErrorCode::unavailable, name, "cannot be opened");
    std::vector<std::byte> file(bytes);
    stream.read(reinterpret_cast<char*>(file.data()), static_cast<std::streamsize>(bytes));
    if (stream.gcount() != static_cast<std::streamsize>(bytes))
        return refuse(ErrorCode::unavailable, name, "cannot be read to its end");
    return parse_npy(file, name);
}

}  // namespace bgm
