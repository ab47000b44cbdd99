#include "ops/lab/fit-image-head/silhouettes.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace bgm::fit {
namespace {

// Columns of the header that are read; the quoted keywords come behind them, so a plain split is enough.
constexpr std::size_t kValenceUs = 1;
constexpr std::size_t kArousalUs = 2;
constexpr std::size_t kValenceCh = 11;
constexpr std::size_t kArousalCh = 12;

float to_unit(double rating) {
    return static_cast<float>((rating - 5.0) / 4.0);
}

}  // namespace

Result<std::vector<RatedPicture>> read_silhouettes(const std::filesystem::path& folder) {
    const auto table = folder / "BASS_data.csv";
    std::ifstream stream(table);
    if (!stream) return Error{.code = ErrorCode::not_found, .message = "cannot read " + table.string()};
    std::string line;
    std::getline(stream, line);
    if (!line.starts_with("file_name,val_mean_us,aro_mean_us,")) {
        return Error{.code = ErrorCode::corrupt,
                     .message = table.string() + " has other columns than expected"};
    }
    std::vector<RatedPicture> pictures;
    while (std::getline(stream, line)) {
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',') && cells.size() <= kArousalCh;)
            cells.push_back(cell);
        if (cells.size() <= kArousalCh) continue;
        const auto number = [&](std::size_t column) { return std::strtod(cells[column].c_str(), nullptr); };
        RatedPicture picture;
        picture.file = folder / "images" / cells[0];
        picture.affect.valence = to_unit((number(kValenceUs) + number(kValenceCh)) / 2);
        picture.affect.arousal = to_unit((number(kArousalUs) + number(kArousalCh)) / 2);
        pictures.push_back(std::move(picture));
    }
    if (pictures.empty())
        return Error{.code = ErrorCode::corrupt, .message = table.string() + " has no rows"};
    return pictures;
}

}  // namespace bgm::fit
