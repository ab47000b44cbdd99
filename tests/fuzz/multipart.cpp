// A form with files, as a stranger sends it: the Content-Type on the first line, and the body.
#include "daemon/gateway/multipart_reader.hpp"
#include "daemon/gateway/post_assembly.hpp"
#include "schemas/utf8.hpp"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    std::string_view body = fuzz::as_text(data, size);
    const std::string_view type = fuzz::take_part(body, '\n');
    const gateway::MultipartLimits limits;
    const auto boundary = gateway::multipart_boundary(type, limits);
    if (!boundary) {
        fuzz::require(boundary.error().field == "Content-Type", "a wrong type is named");
        return 0;
    }
    fuzz::require(!boundary->empty() && boundary->size() <= limits.boundary_bytes_max,
                  "a boundary is bounded");
    const auto parts = gateway::read_multipart(body, *boundary, limits);
    if (!parts) {
        fuzz::require(!parts.error().field.empty(), "a wrong part is named");
        return 0;
    }
    fuzz::require(!parts->empty() && parts->size() <= limits.parts_max, "as many parts as there may be");
    for (const gateway::Part& part : *parts) {
        fuzz::require(!part.name.empty() && valid_utf8(part.name), "a part has a name of UTF-8");
        fuzz::require(
            part.bytes.empty() || (part.bytes.data() >= body.data() &&
                                   part.bytes.data() + part.bytes.size() <= body.data() + body.size()),
            "a part lies in the body");
        fuzz::require(part.bytes.find("\r\n--" + *boundary) == std::string_view::npos,
                      "a part ends at its boundary");
    }
    const auto made = gateway::post_from_parts(*parts, 1 << 20);
    if (const auto* fault = std::get_if<gateway::AssemblyFault>(&made)) {
        fuzz::require(!fault->error.field.empty() && !fault->error.message.empty(), "a fault is named");
        return 0;
    }
    const auto& post = std::get<gateway::AssembledPost>(made);
    fuzz::require(post.frames.size() <= static_cast<std::size_t>(post.post.assets_size()),
                  "each file has an asset of its own");
    return 0;
}
