#include "workers/config_object.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace bgm {
namespace {

constexpr std::uintmax_t kFileBytesMax = 1'000'000;
constexpr std::size_t kListMax = 64;

// Whatever JSON the file holds; "discarded" where it is none.
Result<nlohmann::json> parse(const std::filesystem::path& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return Error{.code = ErrorCode::not_found, .message = file.string() + ": " + error.message()};
    if (size > kFileBytesMax)
        return Error{.code = ErrorCode::too_large, .message = file.string() + ": more than 1 MB"};
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    return nlohmann::json::parse(bytes, nullptr, false);
}

}  // namespace

Result<ConfigObject> ConfigObject::read(const std::filesystem::path& file) {
    auto json = parse(file);
    if (!json) return json.error();
    if (!json->is_object())
        return Error{.code = ErrorCode::corrupt, .message = file.string() + ": not a JSON object"};
    return ConfigObject(std::move(*json), file.string(), std::make_shared<Status>(ok_status()));
}

Result<std::vector<ConfigObject>> ConfigObject::read_list(const std::filesystem::path& file) {
    auto json = parse(file);
    if (!json) return json.error();
    const bool objects =
        json->is_array() && json->size() <= kListMax &&
        std::all_of(json->begin(), json->end(), [](const auto& item) { return item.is_object(); });
    if (!objects) {
        return Error{.code = ErrorCode::corrupt,
                     .message = file.string() + ": not a JSON list of at most 64 objects"};
    }
    const auto status = std::make_shared<Status>(ok_status());
    std::vector<ConfigObject> list;
    for (auto& item : *json)
        list.push_back(
            ConfigObject(std::move(item), file.string() + ": [" + std::to_string(list.size()) + "]", status));
    return list;
}

const nlohmann::json* ConfigObject::find(std::string_view key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
}

bool ConfigObject::has(std::string_view key) const {
    return find(key) != nullptr;
}

bool ConfigObject::has_object(std::string_view key) const {
    const nlohmann::json* value = find(key);
    return value != nullptr && value->is_object();
}

bool ConfigObject::has_list(std::string_view key) const {
    const nlohmann::json* value = find(key);
    return value != nullptr && value->is_array();
}

void ConfigObject::refuse(std::string_view key, std::string_view why) const {
    if (!status_->ok()) return;
    *status_ = Error{.code = ErrorCode::invalid_argument,
                     .message = path_ + ": " + std::string(key) + ": " + std::string(why)};
}

std::int64_t ConfigObject::whole(std::string_view key, std::int64_t absent, std::int64_t least,
                                 std::int64_t most) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return absent;
    if (!value->is_number_integer()) {
        refuse(key, "must be a whole number");
        return absent;
    }
    const auto number = value->get<std::int64_t>();
    if (number >= least && number <= most) return number;
    refuse(key, "must be " + std::to_string(least) + " to " + std::to_string(most));
    return absent;
}

double ConfigObject::number(std::string_view key, double absent, double least, double most) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return absent;
    const double number = value->is_number() ? value->get<double>() : std::nan("");
    if (number >= least && number <= most) return number;
    refuse(key, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    return absent;
}

bool ConfigObject::flag(std::string_view key, bool absent) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return absent;
    if (!value->is_boolean()) refuse(key, "must be true or false");
    return value->is_boolean() ? value->get<bool>() : absent;
}

std::string ConfigObject::text(std::string_view key, std::string_view absent) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return std::string(absent);
    if (!value->is_string()) refuse(key, "must be a string");
    return value->is_string() ? value->get<std::string>() : std::string(absent);
}

std::vector<std::int64_t> ConfigObject::wholes(std::string_view key, std::vector<std::int64_t> absent,
                                               std::int64_t least, std::int64_t most) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return absent;
    std::vector<std::int64_t> numbers;
    if (value->is_array() && value->size() <= kListMax) {
        for (const auto& item : *value) {
            if (!item.is_number_integer()) break;
            const auto number = item.get<std::int64_t>();
            if (number < least || number > most) break;
            numbers.push_back(number);
        }
    }
    if (value->is_array() && numbers.size() == value->size()) return numbers;
    refuse(key, "must be a list of at most 64 whole numbers from " + std::to_string(least) + " to " +
                    std::to_string(most));
    return absent;
}

std::vector<double> ConfigObject::numbers(std::string_view key, std::vector<double> absent, double least,
                                          double most) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return absent;
    std::vector<double> numbers;
    if (value->is_array() && value->size() <= kListMax) {
        for (const auto& item : *value) {
            const double number = item.is_number() ? item.get<double>() : std::nan("");
            if (!(number >= least && number <= most)) break;
            numbers.push_back(number);
        }
    }
    if (value->is_array() && numbers.size() == value->size()) return numbers;
    refuse(key, "must be a list of at most 64 numbers from " + std::to_string(least) + " to " +
                    std::to_string(most));
    return absent;
}

std::vector<std::string> ConfigObject::texts() const {
    std::vector<std::string> values;
    for (const auto& [key, value] : json_.items())
        values.push_back(text(key, ""));
    return values;
}

ConfigObject ConfigObject::object(std::string_view key) const {
    const nlohmann::json* value = find(key);
    if (value != nullptr && !value->is_object()) refuse(key, "must be an object");
    const bool usable = value != nullptr && value->is_object();
    return {usable ? *value : nlohmann::json::object(), path_ + ": " + std::string(key), status_};
}

Status ConfigObject::status() const {
    return *status_;
}

}  // namespace bgm
