#include "ops/lab/parity/image_cases.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "ops/lab/parity/comparison.hpp"
#include "ops/lab/parity/fixture.hpp"
#include "schemas/json_text.hpp"
#include "schemas/sha256.hpp"
#include "workers/image/pixel_reader.hpp"
#include "workers/media/picture/exif_orientation.hpp"

namespace bgm {
namespace {

constexpr double kExact = 0;
constexpr double kPixelValuesLimit = 1e-6;
constexpr std::array<std::string_view, 4> kKnown{"crop_u8", "pixel_values", "blip384_u8",
                                                 "crop_u8_transposed"};

Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return Error{.code = ErrorCode::not_found, .message = path.string() + ": no such file"};
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::string sha256_of(std::span<const std::uint8_t> bytes) {
    return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

struct Decoded {
    ImageHeader header;
    RgbImage image;    // as stored
    std::string note;  // where it did not come from our decoder
};

class Check {
 public:
    explicit Check(const Fixture& fixture) : fixture_(fixture) {}

    std::vector<ParityLine> run(const nlohmann::json& item) const {
        const std::string file = text_at(item, "file");
        std::string label = std::filesystem::path(file).filename().string();
        std::ranges::replace(label, '.', '_');
        const std::string name = fixture_.name() + "/" + label + ".";
        auto decoded = decode(item, fixture_.directory() / file);
        if (!decoded) return {not_checked(name + "decoded", decoded.error().message)};

        std::vector<ParityLine> lines;
        if (item.contains("crop_u8") || item.contains("pixel_values")) {
            add(lines, item, name, *decoded, "preprocessor_config.json", PixelFamily::clip, "crop_u8",
                "pixel_values");
        }
        if (item.contains("blip384_u8")) {
            add(lines, item, name, *decoded, "blip_preprocessor_config.json", PixelFamily::blip,
                "blip384_u8");
        }
        if (item.contains("crop_u8_transposed")) {
            decoded->image = apply_orientation(std::move(decoded->image), decoded->header.orientation);
            add(lines, item, name, *decoded, "preprocessor_config.json", PixelFamily::clip,
                "crop_u8_transposed");
        }
        for (const auto& [key, value] : item.items()) {
            const bool known = std::ranges::find(kKnown, key) != kKnown.end();
            if (!known && value.is_string() && value.get<std::string>().ends_with(".npy"))
                lines.push_back(not_checked(name + key, "nothing of ours has this name"));
        }
        if (lines.empty()) lines.push_back(not_checked(name + "decoded", "the case expects nothing known"));
        return lines;
    }

 private:
    Result<Decoded> decode(const nlohmann::json& item, const std::filesystem::path& path) const {
        const DecodeOptions as_stored{.alpha = AlphaRule::dropped, .upright = false};
        const auto file = read_file(path);
        if (!file) return file.error();
        auto ours = decoder_.decode(std::as_bytes(std::span(*file)), as_stored);
        if (!ours)
            return Error{.code = ours.error().code, .message = path.string() + ": " + ours.error().message};
        Decoded decoded{.header = ours->header, .image = std::move(ours->image), .note = {}};
        const std::string expected = text_at(item, "decoded_sha256");
        if (expected.empty() || sha256_of(decoded.image.pixels) == expected) return decoded;

        const std::string reference = text_at(item, "decoded_rgb");
        if (reference.empty()) {
            decoded.note = "decoded otherwise than by the reference";
            return decoded;
        }
        const auto png = read_file(fixture_.directory() / reference);
        if (!png) return png.error();
        auto theirs = decoder_.decode(std::as_bytes(std::span(*png)), as_stored);
        if (!theirs)
            return Error{.code = theirs.error().code, .message = reference + ": " + theirs.error().message};
        decoded.image = std::move(theirs->image);
        decoded.note = "from the reference's decoded pixels: ours differ";
        return decoded;
    }

    // A line for the bytes after the crop and one for the numbers, where the case has them.
    void add(std::vector<ParityLine>& lines, const nlohmann::json& item, const std::string& name,
             const Decoded& decoded, const char* config_file, PixelFamily family, const char* bytes_key,
             const char* numbers_key = nullptr) const {
        const auto config = read_pixel_config(fixture_.directory() / config_file, family);
        if (!config) {
            lines.push_back(not_checked(name + bytes_key, config.error().message));
            return;
        }
        const PixelReader reader(*config, Fidelity::reference);
        std::vector<float> numbers(reader.values());
        const auto seen = reader.read(decoded.image, numbers);
        if (!seen) {
            lines.push_back(not_checked(name + bytes_key, seen.error().message));
            return;
        }
        if (item.contains(bytes_key)) {
            const std::vector<float> bytes(seen->pixels.begin(), seen->pixels.end());
            lines.push_back(
                line(item, bytes_key, name, bytes, {reader.height(), reader.width(), 3}, kExact, decoded));
        }
        if (numbers_key != nullptr && item.contains(numbers_key)) {
            lines.push_back(line(item, numbers_key, name, numbers, {3, reader.height(), reader.width()},
                                 kPixelValuesLimit, decoded));
        }
    }

    ParityLine line(const nlohmann::json& item, const char* key, const std::string& name,
                    const std::vector<float>& ours, const std::vector<std::int64_t>& shape, double limit,
                    const Decoded& decoded) const {
        const auto array = read_npy(fixture_.directory() / text_at(item, key));
        if (!array) return not_checked(name + key, array.error().message);
        if (array->shape != shape)
            return not_checked(name + key, "the reference has the shape " + array->shape_text());
        const std::vector<float> expected = array->to_float();
        ParityLine result = compare(name + key, ours, expected, limit);
        result.detail += decoded.note;
        if (result.ok || !result.detail.empty()) return result;
        std::size_t differing = 0;
        for (std::size_t i = 0; i < ours.size(); ++i)
            differing += ours[i] != expected[i] ? 1 : 0;
        result.detail = std::to_string(differing) + " of " + std::to_string(ours.size()) + " values differ";
        return result;
    }

    const Fixture& fixture_;
    ImageDecoder decoder_;
};

}  // namespace

Result<std::vector<ParityLine>> check_image_preprocess(const std::filesystem::path& directory) {
    const auto fixture = Fixture::open(directory);
    if (!fixture) return fixture.error();
    const auto cases = fixture->manifest().find("cases");
    if (cases == fixture->manifest().end() || !cases->is_array() || cases->empty()) {
        return Error{.code = ErrorCode::corrupt,
                     .message = (directory / "manifest.json").string() + ": no list of cases"};
    }
    const Check check(*fixture);
    std::vector<ParityLine> lines;
    for (const auto& item : *cases) {
        auto of_case = item.is_object()
                           ? check.run(item)
                           : std::vector{not_checked(fixture->name() + "/case", "it is not an object")};
        lines.insert(lines.end(), std::make_move_iterator(of_case.begin()),
                     std::make_move_iterator(of_case.end()));
    }
    return lines;
}

}  // namespace bgm
