#include "daemon/door/feedback_items.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "daemon/admin/request.hpp"
#include "schemas/codec.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kItemsMax = 1000;

Result<v1::Feedback> read_item(const json& item, const std::string& path) {
    if (!item.is_object()) return invalid_request(path, "must be an object");
    if (item.contains("tenant")) return invalid_request(path + ".tenant", "is the key's, and not given here");
    v1::Feedback feedback;
    if (Status read = from_json(json_line(item), feedback); !read) {
        const std::string& field = read.error().field;
        return invalid_request(path + (field.empty() ? "" : "." + field), read.error().message);
    }
    for (const auto& [field, missing] : {std::pair("post_id", feedback.post_id().empty()),
                                         std::pair("track_id", feedback.track_id().empty()),
                                         // Without it the same event sent twice would be two.
                                         std::pair("happened_at", !feedback.has_happened_at())}) {
        if (missing) return invalid_request(path + "." + field, "is missing");
    }
    return feedback;
}

}  // namespace

Result<std::vector<v1::Feedback>> read_feedback(const json& request, const std::string& tenant) {
    const auto items = request.find("items");
    if (items == request.end() || !items->is_array() || items->empty() || items->size() > kItemsMax)
        return invalid_request("items", "must be a list of 1 to 1000 objects");
    std::vector<v1::Feedback> list;
    list.reserve(items->size());
    for (const json& item : *items) {
        auto feedback = read_item(item, "items[" + std::to_string(list.size()) + "]");
        if (!feedback) return feedback.error();
        feedback->set_tenant(tenant);
        list.push_back(*std::move(feedback));
    }
    return list;
}

Error in_items(Error error) {
    constexpr std::string_view kTable = "feedback[";
    if (error.field.starts_with(kTable)) error.field.replace(0, kTable.size(), "items[");
    return error;
}

}  // namespace bgm
