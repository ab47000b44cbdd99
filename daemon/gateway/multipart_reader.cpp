#include "daemon/gateway/multipart_reader.hpp"

#include <algorithm>
#include <cctype>

#include "daemon/gateway/head_lint.hpp"
#include "schemas/utf8.hpp"

namespace bgm::gateway {
namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kParametersMax = 8;

Error bad(std::string field, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

Error too_large(std::string field, std::string message) {
    return {.code = ErrorCode::too_large, .message = std::move(message), .field = std::move(field)};
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
}

struct Parameter {
    std::string name;  // small letters
    std::string value;
};

std::string small(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

// What a browser writes into a name for what would end it: %22, %0D and %0A (the HTML standard); others use a
// backslash.
std::optional<std::string> quoted_value(std::string_view& text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return value;
        }
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        value += text[i];
    }
    return std::nullopt;
}

// "; name=value; other=\"a b\"", to the end.
std::optional<std::vector<Parameter>> read_parameters(std::string_view text) {
    std::vector<Parameter> parameters;
    for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
        if (text.front() != ';') return std::nullopt;
        text.remove_prefix(1);
        skip_blanks(text);
        if (text.empty()) break;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
        Parameter parameter{small(text.substr(0, equals)), {}};
        text.remove_prefix(equals + 1);
        if (text.starts_with('"')) {
            auto value = quoted_value(text);
            if (!value) return std::nullopt;
            parameter.value = std::move(*value);
        } else {
            const std::string_view value = text.substr(0, text.find_first_of("; \t"));
            if (!is_token(value)) return std::nullopt;
            parameter.value = value;
            text.remove_prefix(value.size());
        }
        const auto same = [&](const Parameter& each) { return each.name == parameter.name; };
        if (parameters.size() == kParametersMax || std::any_of(parameters.begin(), parameters.end(), same))
            return std::nullopt;
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

const Parameter* find(const std::vector<Parameter>& parameters, std::string_view name) {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Parameter& each) { return each.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

bool printable(std::string_view text) {
    return valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

// `head` is the part's header lines with their ends, without the empty line.
Status read_part_head(std::string_view head, const std::string& where, Part& part) {
    bool disposed = false;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(head.size(), end + 2));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
            line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
            return bad(where, "has a header that cannot be read");
        const std::string_view name = line.substr(0, colon);
        std::string_view value = line.substr(colon + 1);
        skip_blanks(value);
        if (equal_names(name, "Content-Type")) {
            part.type = media_type(value);
        } else if (equal_names(name, "Content-Transfer-Encoding")) {
            if (!equal_names(value, "binary") && !equal_names(value, "8bit") && !equal_names(value, "7bit"))
                return bad(where, "must not be encoded: Content-Transfer-Encoding is not of HTTP");
        } else if (equal_names(name, "Content-Disposition")) {
            const std::size_t semicolon = std::min(value.find(';'), value.size());
            const auto parameters = read_parameters(value.substr(semicolon));
            const Parameter* called = parameters ? find(*parameters, "name") : nullptr;
            if (disposed || !equal_names(value.substr(0, semicolon), "form-data") || called == nullptr)
                return bad(where, "needs one Content-Disposition: form-data with a name");
            disposed = true;
            part.name = called->value;
            if (const Parameter* file = find(*parameters, "filename")) part.file_name = file->value;
        }
    }
    if (!disposed) return bad(where, "needs one Content-Disposition: form-data with a name");
    if (part.name.empty() || part.name.size() > kNameBytesMax || !printable(part.name))
        return bad(where, "needs a printable name of 1 to 128 bytes");
    if (part.file_name && !printable(*part.file_name)) return bad(part.name, "has a file name of no UTF-8");
    return ok_status();
}

}  // namespace

std::string media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t'))
        type.remove_suffix(1);
    return small(type);
}

Result<std::string> multipart_boundary(std::string_view content_type, const MultipartLimits& limits) {
    const std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
    const auto parameters = read_parameters(content_type.substr(semicolon));
    const Parameter* boundary = parameters ? find(*parameters, "boundary") : nullptr;
    constexpr std::string_view kMarks = "'()+_,-./:=? ";
    if (boundary == nullptr || boundary->value.empty() ||
        boundary->value.size() > limits.boundary_bytes_max || boundary->value.back() == ' ' ||
        !std::all_of(boundary->value.begin(), boundary->value.end(), [&](char c) {
            return (std::isalnum(static_cast<unsigned char>(c)) != 0 &&
                    static_cast<unsigned char>(c) < 0x80) ||
                   kMarks.find(c) != std::string_view::npos;
        }))
        return bad("Content-Type", "needs a boundary of 1 to 70 characters");
    return boundary->value;
}

Result<std::vector<Part>> read_multipart(std::string_view body, std::string_view boundary,
                                         const MultipartLimits& limits) {
    const std::string delimiter = "\r\n--" + std::string(boundary);
    // A preamble is of no use to a form, and nobody writes one.
    if (!body.starts_with(std::string_view(delimiter).substr(2)))
        return bad("body", "does not begin with the boundary");
    std::string_view rest = body.substr(delimiter.size() - 2);
    std::vector<Part> parts;
    while (true) {
        if (rest.starts_with("--")) {
            rest.remove_prefix(2);
            if (rest.empty() || rest == "\r\n") break;
            return bad("body", "goes on behind its last boundary");
        }
        const std::string where = "part " + std::to_string(parts.size() + 1);
        if (!rest.starts_with("\r\n")) return bad(where, "does not begin on a line of its own");
        if (parts.size() == limits.parts_max)
            return too_large("body", "has more than " + std::to_string(limits.parts_max) + " parts");
        const std::size_t head_end = rest.substr(0, limits.part_header_bytes_max + 4).find("\r\n\r\n");
        if (head_end == std::string_view::npos) {
            if (rest.size() > limits.part_header_bytes_max)
                return too_large(where, "has headers of more than " +
                                            std::to_string(limits.part_header_bytes_max) + " bytes");
            return bad(where, "is cut off");
        }
        Part part;
        // Without its first line end; a part without headers has only that.
        const std::string_view head = head_end == 0 ? std::string_view() : rest.substr(2, head_end - 2);
        if (auto read = read_part_head(head, where, part); !read) return read.error();
        rest.remove_prefix(head_end + 4);
        // The end is the line end in front of the boundary, which may be the one that ended the headers.
        std::size_t end = 0;
        if (!rest.starts_with(std::string_view(delimiter).substr(2))) {
            end = rest.find(delimiter);
            if (end == std::string_view::npos) return bad(part.name, "is cut off");
            part.bytes = rest.substr(0, end);
            rest.remove_prefix(end + delimiter.size());
        } else {
            rest.remove_prefix(delimiter.size() - 2);
        }
        parts.push_back(std::move(part));
    }
    if (parts.empty()) return bad("body", "has no parts");
    return parts;
}

}  // namespace bgm::gateway
