// A model's config.json, read key by key with defaults and bounds.
//
// Nothing fails at once: the first bad value is remembered, and status() says which key of which file it is.
// So a family reads all that it needs and asks once. Values come from outside the process; every number has
// bounds, because it decides how much memory is taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class ConfigObject {
 public:
    /// `not_found` where there is no such file, `corrupt` where it holds no JSON object, `too_large` past 1
    /// MB.
    static Result<ConfigObject> read(const std::filesystem::path& file);
    /// A file that holds a list of objects instead ("modules.json"). At most 64.
    static Result<std::vector<ConfigObject>> read_list(const std::filesystem::path& file);

    bool has(std::string_view key) const;
    bool has_object(std::string_view key) const;
    bool has_list(std::string_view key) const;
    /// A key that is absent or null gives the default; a value of another type or out of bounds is an error.
    std::int64_t whole(std::string_view key, std::int64_t absent, std::int64_t least,
                       std::int64_t most) const;
    double number(std::string_view key, double absent, double least, double most) const;
    bool flag(std::string_view key, bool absent) const;
    std::string text(std::string_view key, std::string_view absent) const;
    std::vector<std::int64_t> wholes(std::string_view key, std::vector<std::int64_t> absent,
                                     std::int64_t least, std::int64_t most) const;
    std::vector<double> numbers(std::string_view key, std::vector<double> absent, double least,
                                double most) const;
    /// The values of an object whose values are all strings.
    std::vector<std::string> texts() const;
    /// An object inside this one; an empty one where it is absent.
    ConfigObject object(std::string_view key) const;

    /// Remembers a mistake that only the caller can see ("heads do not divide the width").
    void refuse(std::string_view key, std::string_view why) const;
    /// The first mistake of this object and of those inside it.
    Status status() const;

 private:
    ConfigObject(nlohmann::json json, std::string path, std::shared_ptr<Status> status)
        : json_(std::move(json)), path_(std::move(path)), status_(std::move(status)) {}
    const nlohmann::json* find(std::string_view key) const;

    nlohmann::json json_;
    std::string path_;                // "DIR/config.json", then the keys on the way
    std::shared_ptr<Status> status_;  // shared with the objects inside
};

}  // namespace bgm
