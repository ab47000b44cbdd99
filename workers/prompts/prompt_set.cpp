#include "workers/prompts/prompt_set.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace bgm {
namespace {

constexpr std::size_t kFileBytesMax = 256 * 1024;
constexpr std::size_t kSentenceBytesMax = 400;
constexpr std::size_t kPromptsMax = 4096;  // of one modality: each is encoded at the first start
constexpr std::string_view kPlace = "{}";
constexpr std::array kPromptModalities{Modality::text, Modality::image, Modality::audio};

using Sentences = std::vector<std::string>;

// One file while it is read.
class Reader {
 public:
    Reader(const PromptFile& file, std::array<PromptTexts, 3>& texts,
           std::array<std::optional<std::string>, 3>& calibrated_by)
        : file_(file), texts_(texts), calibrated_by_(calibrated_by) {}

    Status read() {
        if (file_.text.size() > kFileBytesMax) {
            return Error{.code = ErrorCode::too_large,
                         .message = "is larger than " + std::to_string(kFileBytesMax) + " bytes",
                         .field = file_.name};
        }
        const auto parsed = toml::parse(file_.text);
        if (!parsed) {
            return refuse(parsed.error().source(), "", std::string(parsed.error().description()));
        }
        const toml::table& root = parsed.table();
        if (auto known = only(root, "", {"templates", "moods", "affect", "calibration"}); !known)
            return known;
        if (auto done = read_templates(root); !done) return done;
        if (auto done = read_moods(root); !done) return done;
        if (auto done = read_affect(root); !done) return done;
        return read_calibration(root);
    }

 private:
    Error refuse(const toml::source_region& at, const std::string& key, const std::string& reason) const {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "line " + std::to_string(std::max<unsigned>(at.begin.line, 1)) + ": " +
                                (key.empty() ? "" : key + ": ") + reason,
                     .field = file_.name};
    }
    Error refuse(const toml::node& node, const std::string& key, const std::string& reason) const {
        return refuse(node.source(), key, reason);
    }

    static std::string path(const std::string& parent, std::string_view key) {
        return parent.empty() ? std::string(key) : parent + "." + std::string(key);
    }

    Status only(const toml::table& table, const std::string& parent,
                std::initializer_list<std::string_view> keys) const {
        for (const auto& [key, node] : table) {
            if (std::ranges::find(keys, key.str()) == keys.end())
                return refuse(node, path(parent, key.str()), "is not a known key");
        }
        return ok_status();
    }

    Result<const toml::table*> table_at(const toml::table& parent, const std::string& parent_key,
                                        std::string_view key) const {
        const toml::node* node = parent.get(key);
        if (node == nullptr) return refuse(parent, path(parent_key, key), "is missing");
        if (!node->is_table()) return refuse(*node, path(parent_key, key), "must be a table");
        return node->as_table();
    }

    Result<Sentences> sentences(const toml::node& node, const std::string& key) const {
        const toml::array* list = node.as_array();
        if (list == nullptr) return refuse(node, key, "must be a list of sentences");
        if (list->empty()) return refuse(node, key, "is empty");
        Sentences found;
        for (const toml::node& item : *list) {
            const auto* text = item.as_string();
            if (text == nullptr) return refuse(item, key, "must hold nothing but text");
            const std::string& sentence = text->get();
            if (sentence.find_first_not_of(" \t\r\n") == std::string::npos)
                return refuse(item, key, "holds an empty sentence");
            if (sentence.size() > kSentenceBytesMax) {
                return refuse(
                    item, key,
                    "holds a sentence of more than " + std::to_string(kSentenceBytesMax) + " bytes");
            }
            found.push_back(sentence);
        }
        return found;
    }

    Status read_templates(const toml::table& root) {
        const auto table = table_at(root, "", "templates");
        if (!table) return table.error();
        if (auto known = only(**table, "templates", {"text", "image", "audio"}); !known) return known;
        if ((*table)->empty()) return refuse(**table, "templates", "is empty");
        for (std::size_t m = 0; m < kPromptModalities.size(); ++m) {
            const toml::node* node = (*table)->get(name(kPromptModalities[m]));
            if (node == nullptr) continue;
            const std::string key = path("templates", name(kPromptModalities[m]));
            auto list = sentences(*node, key);
            if (!list) return list.error();
            for (const std::string& text : *list) {
                const auto place = text.find(kPlace);
                if (place == std::string::npos || text.find(kPlace, place + 1) != std::string::npos)
                    return refuse(*node, key, "\"" + text + "\" must hold {} once, where the word goes");
            }
            templates_[m] = std::move(*list);
        }
        return ok_status();
    }

    // One mood, or one end of an affect: its words in every template, then its own sentences.
    template <typename Target>
    Status read_entry(const toml::table& entry, const std::string& key, Target target_of) {
        if (auto known = only(entry, key, {"words", "text", "image", "audio"}); !known) return known;
        const toml::node* words_node = entry.get("words");
        if (words_node == nullptr) return refuse(entry, path(key, "words"), "is missing");
        const auto words = sentences(*words_node, path(key, "words"));
        if (!words) return words.error();
        for (std::size_t m = 0; m < kPromptModalities.size(); ++m) {
            Sentences& target = target_of(texts_[m]);
            if (templates_[m].size() * words->size() > kPromptsMax) {
                return refuse(
                    *words_node, path(key, "words"),
                    "times the templates makes more than " + std::to_string(kPromptsMax) + " prompts");
            }
            for (const std::string& pattern : templates_[m]) {
                for (const std::string& word : *words)
                    target.push_back(std::string(pattern).replace(pattern.find(kPlace), kPlace.size(), word));
            }
            const toml::node* own = entry.get(name(kPromptModalities[m]));
            if (own == nullptr) continue;
            const std::string own_key = path(key, name(kPromptModalities[m]));
            if (templates_[m].empty()) {
                return refuse(
                    *own, own_key,
                    "is not used: this file has no templates." + std::string(name(kPromptModalities[m])));
            }
            const auto list = sentences(*own, own_key);
            if (!list) return list.error();
            target.insert(target.end(), list->begin(), list->end());
        }
        return ok_status();
    }

    Status read_moods(const toml::table& root) {
        const auto table = table_at(root, "", "moods");
        if (!table) return table.error();
        for (const auto& [key, node] : **table) {
            if (!mood_from_name(key.str()))
                return refuse(node, path("moods", key.str()), "is not one of the 13 moods");
        }
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const auto entry = table_at(**table, "moods", name(static_cast<Mood>(k)));
            if (!entry) return entry.error();
            const auto read = read_entry(**entry, path("moods", name(static_cast<Mood>(k))),
                                         [k](PromptTexts& texts) -> Sentences& { return texts.moods[k]; });
            if (!read) return read;
        }
        return ok_status();
    }

    Status read_affect(const toml::table& root) {
        const auto table = table_at(root, "", "affect");
        if (!table) return table.error();
        if (auto known = only(**table, "affect", {"pleasant", "unpleasant", "excited", "quiet"}); !known)
            return known;
        const std::array<std::pair<const char*, Sentences PromptTexts::*>, 4> ends{
            {{"pleasant", &PromptTexts::pleasant},
             {"unpleasant", &PromptTexts::unpleasant},
             {"excited", &PromptTexts::excited},
             {"quiet", &PromptTexts::quiet}}};
        for (const auto& [key, member] : ends) {
            const auto entry = table_at(**table, "affect", key);
            if (!entry) return entry.error();
            const auto read =
                read_entry(**entry, path("affect", key),
                           [member = member](PromptTexts& texts) -> Sentences& { return texts.*member; });
            if (!read) return read;
        }
        return ok_status();
    }

    Result<float> number(const toml::table& table, const std::string& parent, std::string_view key,
                         double most) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return refuse(table, path(parent, key), "is missing");
        const auto value = node->value<double>();
        if (!value || !(*value > 0 && *value <= most)) {
            return refuse(*node, path(parent, key),
                          "must be a number above 0 and at most " + std::to_string(static_cast<int>(most)));
        }
        return static_cast<float>(*value);
    }

    Status read_calibration(const toml::table& root) {
        if (root.get("calibration") == nullptr) return ok_status();
        const auto table = table_at(root, "", "calibration");
        if (!table) return table.error();
        if (auto known = only(**table, "calibration", {"text", "image", "audio"}); !known) return known;
        for (std::size_t m = 0; m < kPromptModalities.size(); ++m) {
            if ((*table)->get(name(kPromptModalities[m])) == nullptr) continue;
            const auto entry = table_at(**table, "calibration", name(kPromptModalities[m]));
            if (!entry) return entry.error();
            const std::string key = path("calibration", name(kPromptModalities[m]));
            if (auto known = only(**entry, key, {"temperature", "precision"}); !known) return known;
            if (calibrated_by_[m])
                return refuse(**entry, key, "is given in " + *calibrated_by_[m] + " already");
            calibrated_by_[m] = file_.name;
            const auto temperature = number(**entry, key, "temperature", 1000);
            if (!temperature) return temperature.error();
            const auto precision = number(**entry, key, "precision", 4);
            if (!precision) return precision.error();
            texts_[m].temperature = *temperature;
            texts_[m].precision = *precision;
        }
        return ok_status();
    }

    const PromptFile& file_;
    std::array<PromptTexts, 3>& texts_;
    std::array<std::optional<std::string>, 3>& calibrated_by_;
    std::array<Sentences, 3> templates_;
};

std::size_t count(const PromptTexts& texts) {
    std::size_t sum =
        texts.pleasant.size() + texts.unpleasant.size() + texts.excited.size() + texts.quiet.size();
    for (const Sentences& mood : texts.moods)
        sum += mood.size();
    return sum;
}

}  // namespace

Result<PromptSet> PromptSet::load(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".toml") paths.push_back(entry.path());
    }
    if (error)
        return Error{.code = ErrorCode::not_found, .message = error.message(), .field = folder.string()};
    std::ranges::sort(paths);
    std::vector<PromptFile> files;
    for (const auto& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        std::string text(kFileBytesMax + 1, '\0');
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
        if (!stream.is_open() || stream.bad())
            return Error{.code = ErrorCode::not_found, .message = "cannot be read", .field = path.string()};
        text.resize(static_cast<std::size_t>(stream.gcount()));
        files.push_back({.name = path.string(), .text = std::move(text)});
    }
    if (files.empty()) {
        return Error{
            .code = ErrorCode::not_found, .message = "holds no prompts (*.toml)", .field = folder.string()};
    }
    return parse(files);
}

Result<PromptSet> PromptSet::parse(std::span<const PromptFile> files) {
    PromptSet set;
    std::array<std::optional<std::string>, 3> calibrated_by;
    for (const PromptFile& file : files) {
        if (auto read = Reader(file, set.texts_, calibrated_by).read(); !read) return read.error();
    }
    for (std::size_t m = 0; m < kPromptModalities.size(); ++m) {
        const std::string modality(name(kPromptModalities[m]));
        const std::string last = files.empty() ? "" : files.back().name;
        if (set.texts_[m].moods[0].empty()) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "templates." + modality + " is missing in this file and all before it",
                         .field = last};
        }
        if (!calibrated_by[m]) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "calibration." + modality + " is missing in this file and all before it",
                         .field = last};
        }
        if (count(set.texts_[m]) > kPromptsMax) {
            return Error{.code = ErrorCode::too_large,
                         .message = std::to_string(count(set.texts_[m])) + " prompts for " + modality +
                                    ", at most " + std::to_string(kPromptsMax) + " are encoded",
                         .field = last};
        }
    }
    return set;
}

const PromptTexts& PromptSet::texts(Modality modality) const {
    if (modality == Modality::text) return texts_[0];
    return modality == Modality::audio ? texts_[2] : texts_[1];
}

}  // namespace bgm
