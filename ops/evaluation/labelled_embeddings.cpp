#include "ops/evaluation/labelled_embeddings.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ops/bgmctl/input/ndjson_reader.hpp"

namespace bgm::train {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kLineBytesMax = 8'000'000;
constexpr std::size_t kWidthMax = 65'536;  // of a head

Error wrong(ErrorCode code, std::string message) {
    return Error{.code = code, .message = std::move(message)};
}

Error corrupt(std::string message) {
    return wrong(ErrorCode::corrupt, std::move(message));
}

Status read_numbers(const dom::element& value, std::vector<float>& numbers) {
    dom::array array;
    if (value.get(array) != simdjson::SUCCESS || array.size() == 0)
        return corrupt("embedding is no list of numbers");
    if (array.size() > kWidthMax) return wrong(ErrorCode::too_large, "embedding has more than 65536 numbers");
    numbers.reserve(array.size());
    for (const dom::element item : array) {
        double number = 0;
        if (item.get(number) != simdjson::SUCCESS || !std::isfinite(static_cast<float>(number)))
            return corrupt("embedding holds something that is no number");
        numbers.push_back(static_cast<float>(number));
    }
    return ok_status();
}

Status read_moods(const dom::element& value, MoodDistribution& moods) {
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return corrupt("moods is no object");
    double sum = 0;
    std::array<double, kMoodCount> weights{};
    for (const auto& [key, element] : object) {
        const auto mood = mood_from_name(key);
        if (!mood) return corrupt("'" + std::string(key) + "' is no mood");
        double weight = 0;
        if (element.get(weight) != simdjson::SUCCESS || !(weight >= 0 && weight <= 1e6))
            return corrupt("the weight of " + std::string(key) + " is no number from 0 on");
        sum += weight - weights[static_cast<std::size_t>(*mood)];
        weights[static_cast<std::size_t>(*mood)] = weight;
    }
    for (std::size_t i = 0; i < kMoodCount; ++i)
        moods[i] = sum > 0 ? static_cast<float>(weights[i] / sum) : 0.0F;
    return ok_status();
}

Result<std::optional<float>> read_scale(const dom::object& object, std::string_view key) {
    dom::element value;
    if (object[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::optional<float>();
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS || !(number >= -1 && number <= 1))
        return corrupt(std::string(key) + " is no number from -1 to 1");
    return std::optional(static_cast<float>(number));
}

// What one line says, and whose embedding it is.
struct Line {
    LabelledEmbedding row;
    std::string model;
    std::optional<Modality> modality;
};

Result<Line> read_line(dom::parser& parser, const std::string& text) {
    dom::object object;
    if (parser.parse(text).get(object) != simdjson::SUCCESS) return corrupt("not a JSON object");
    Line line;
    dom::element value;
    if (object["embedding"].get(value) != simdjson::SUCCESS) return corrupt("there is no embedding");
    if (auto status = read_numbers(value, line.row.embedding); !status) return status.error();
    if (object["moods"].get(value) == simdjson::SUCCESS && !value.is_null()) {
        if (auto status = read_moods(value, line.row.moods); !status) return status.error();
    }
    const auto valence = read_scale(object, "valence");
    if (!valence) return valence.error();
    const auto arousal = read_scale(object, "arousal");
    if (!arousal) return arousal.error();
    if (valence->has_value() != arousal->has_value())
        return corrupt("valence and arousal come together or not at all");
    if (*valence) line.row.affect = Affect{.valence = **valence, .arousal = **arousal};
    std::string_view name_of;
    if (object["model"].get(name_of) == simdjson::SUCCESS) line.model = name_of;
    if (object["modality"].get(name_of) == simdjson::SUCCESS) {
        line.modality = modality_from_name(name_of);
        if (!line.modality) return corrupt("'" + std::string(name_of) + "' is no modality");
    }
    return line;
}

Status append(LabelledEmbeddings& all, Line line) {
    if (!all.rows.empty() && line.row.embedding.size() != all.width()) {
        return corrupt("the embedding has " + std::to_string(line.row.embedding.size()) +
                       " numbers, those before it " + std::to_string(all.width()));
    }
    if (!line.model.empty() && !all.model.empty() && line.model != all.model)
        return corrupt("made by " + line.model + ", those before it by " + all.model);
    if (line.modality && all.modality && *line.modality != *all.modality)
        return corrupt("of another modality than those before it");
    if (all.model.empty()) all.model = line.model;
    if (!all.modality) all.modality = line.modality;
    all.rows.push_back(std::move(line.row));
    return ok_status();
}

void append_number(std::string& text, float number) {
    std::array<char, 32> digits{};  // the shortest that reads back as the same float
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    text.append(digits.data(), end);
}

}  // namespace

bool LabelledEmbedding::has_moods() const {
    return std::any_of(moods.begin(), moods.end(), [](float weight) { return weight > 0; });
}

GoldMoods LabelledEmbedding::gold() const {
    GoldMoods gold{};
    for (std::size_t i = 0; i < kMoodCount; ++i)
        gold[i] = moods[i] > 0;
    return gold;
}

Result<LabelledEmbeddings> read_labelled_embeddings(const std::vector<std::filesystem::path>& files) {
    LabelledEmbeddings all;
    dom::parser parser;
    for (const auto& file : files) {
        auto reader = NdjsonReader::open(file.string(), kLineBytesMax);
        if (!reader) return reader.error();
        while (true) {
            const auto text = reader->next();
            if (!text) return text.error();
            if (!*text) break;
            const auto at_line = [&](const Error& error) {
                return wrong(error.code,
                             file.string() + ":" + std::to_string((*text)->number) + ": " + error.message);
            };
            if ((*text)->too_long) return at_line(wrong(ErrorCode::too_large, "more than 8 MB in one line"));
            auto line = read_line(parser, (*text)->text);
            if (!line) return at_line(line.error());
            if (auto status = append(all, *std::move(line)); !status) return at_line(status.error());
        }
    }
    return all;
}

std::string to_line(const LabelledEmbedding& row, const std::string& model, Modality modality) {
    std::string line = "{\"model\":" + nlohmann::json(model).dump() + ",\"modality\":\"" +
                       std::string(name(modality)) + "\",\"moods\":{";
    std::string_view separator;
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        if (row.moods[i] <= 0) continue;
        line.append(separator).append("\"").append(name(static_cast<Mood>(i))).append("\":");
        append_number(line, row.moods[i]);
        separator = ",";
    }
    line += '}';
    if (row.affect) {
        append_number(line += ",\"valence\":", row.affect->valence);
        append_number(line += ",\"arousal\":", row.affect->arousal);
    }
    line += ",\"embedding\":";
    separator = "[";
    for (const float number : row.embedding) {
        append_number(line.append(separator), number);
        separator = ",";
    }
    return line += "]}\n";
}

}  // namespace bgm::train
