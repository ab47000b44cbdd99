#include "daemon/door/feedback_items.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/admin/request.hpp"
#include "schemas/codec.hpp"
#include "schemas/json_message.hpp"
#include "schemas/json_text.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kItemsMax = 1000;

Result<v1::Feedback> read_item(const json& item, const std::string& path) {
    if (auto judged = judge_json(item, *v1::Feedback::descriptor(), path, path); !judged)
        return judged.error();
    v1::Feedback feedback;
    if (Status read = from_json(json_line(item), feedback); !read)
        return invalid_request(joined_path(path, read.error().field), read.error().message);
    if (auto judged = validate_feedback(feedback, path); !judged) return judged.error();
    return feedback;
}

}  // namespace

Result<std::vector<v1::Feedback>> read_feedback(const json& request) {
    const auto items = request.find("items");
    if (items == request.end() || !items->is_array() || items->empty() || items->size() > kItemsMax)
        return invalid_request("items", "must be a list of 1 to 1000 objects");
    std::vector<v1::Feedback> list;
    list.reserve(items->size());
    for (const json& item : *items) {
        auto feedback = read_item(item, "items[" + std::to_string(list.size()) + "]");
        if (!feedback) return feedback.error();
        list.push_back(*std::move(feedback));
    }
    return list;
}

}  // namespace bgm
