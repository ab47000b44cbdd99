// What a gateway that strangers have taken over may ask: the fields of its operations.
#include <nlohmann/json.hpp>

#include "daemon/door/feedback_items.hpp"
#include "daemon/door/track_list.hpp"
#include "schemas/api_key.hpp"
#include "schemas/utf8.hpp"
#include "schemas/validate.hpp"
#include "tests/fuzz/promise.hpp"

namespace {

const bgm::Catalogue& catalogue() {
    static const bgm::Catalogue tracks = [] {
        std::vector<bgm::Track> list(3);
        for (std::size_t i = 0; i < list.size(); ++i) {
            list[i].track_id = "t-" + std::to_string(i);
            list[i].title = "달빛";
            list[i].genre = "classical";
        }
        return std::move(*bgm::Catalogue::build(std::move(list)));
    }();
    return tracks;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const std::string_view text = fuzz::as_text(data, size);
    if (const auto scopes = Scopes::parse(text))
        fuzz::require(*Scopes::parse(scopes->to_string()) == *scopes, "scopes are read as they are written");
    (void)is_digest(text);
    const auto request = nlohmann::json::parse(text, nullptr, false);
    if (!request.is_object()) return 0;
    if (const auto tracks = list_tracks(catalogue(), request)) {
        fuzz::require((*tracks)["items"].size() <= catalogue().size(),
                      "a page holds tracks of the catalogue");
        fuzz::require((*tracks)["total"] >= (*tracks)["items"].size(), "the total counts what is shown");
    } else {
        fuzz::require(!tracks.error().field.empty(), "a wrong filter is named");
    }
    const auto feedback = read_feedback(request);
    if (!feedback) {
        fuzz::require(feedback.error().field.starts_with("items"), "wrong feedback is named");
        fuzz::require(valid_utf8(feedback.error().to_string()), "a reason is UTF-8");
        return 0;
    }
    for (const v1::Feedback& each : *feedback) {
        fuzz::require(validate_feedback(each, "item").ok(), "what is read is fit to be stored");
        fuzz::require(!each.post_id().empty() && each.has_happened_at(), "what is needed is there");
    }
    return 0;
}
