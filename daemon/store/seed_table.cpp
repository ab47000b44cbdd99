#include "daemon/store/seed_table.hpp"

#include <algorithm>
#include <bit>

#include "daemon/store/analysis_rows.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are written as they lie in memory");

// A page keeps the server busy for less than a millisecond: a post that is delivered meanwhile hardly waits.
// A row with an embedding of 512 numbers is 2 KB of text.
constexpr std::uint64_t kPageRows = 50;
constexpr std::uint64_t kTrimmedTogether = 5'000;

std::string of_model(std::string_view model, std::string_view by = "") {
    std::string sql = " FROM mood_seeds" + std::string(by) + " WHERE model = ";
    append_sql_text(sql, model);
    return sql;
}

}  // namespace

void append_row(std::string& sql, std::string_view tenant, std::string_view post_id, std::string_view user_id,
                const v1::Seed& seed) {
    const auto bytes = [](std::string_view value) {
        return [value](std::string& statement) { append_sql_bytes(statement, value); };
    };
    const std::string_view moods(reinterpret_cast<const char*>(seed.moods().data()),
                                 static_cast<std::size_t>(seed.moods_size()) * sizeof(float));
    append_sql_row(sql, tenant, post_id, seed.place(), seed.model(), user_id, seed.modality(), bytes(moods),
                   seed.valence(), seed.arousal(), seed.weight(), bytes(seed.embedding()));
}

Result<std::vector<SeedCount>> SeedTable::counts() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<SeedCount> counts;
    Status status = connection_.query(
        "SELECT model, modality, COUNT(*) FROM mood_seeds GROUP BY model, modality ORDER BY model, modality",
        [&](MySqlRow row) {
            counts.push_back({.model = row[0].value_or(""),
                              .modality = row[1].value_or(""),
                              .seeds = sql_number<std::uint64_t>(row[2])});
        });
    if (!status) return status.error();
    return counts;
}

Result<std::uint64_t> SeedTable::last(std::string_view model) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::uint64_t number = 0;
    Status status = connection_.query("SELECT MAX(seed_no)" + of_model(model),
                                      [&](MySqlRow row) { number = sql_number<std::uint64_t>(row[0]); });
    if (!status) return status.error();
    return number;
}

Status SeedTable::for_each(std::string_view model, std::uint64_t after, std::uint64_t last,
                           const std::function<bool(StoredSeed&&)>& on_seed,
                           const std::function<void()>& between_pages) {
    if (Status status = connection_.connect(); !status) return status;
    // Without its index the server may find the model alone, and pass by all rows before a page.
    const std::string select =
        "SELECT seed_no, tenant, post_id, user_id, HEX(moods), valence, arousal, weight, HEX(embedding)" +
        of_model(model, " FORCE INDEX (mood_seeds_by_model)") + " AND seed_no <= " + std::to_string(last) +
        " AND seed_no > ";
    bool wanted = true;
    for (std::uint64_t rows = kPageRows; rows == kPageRows && wanted;) {
        rows = 0;
        Status status = connection_.query(
            select + std::to_string(after) + " ORDER BY seed_no LIMIT " + std::to_string(kPageRows),
            [&](MySqlRow row) {
                ++rows;
                StoredSeed seed{
                    .number = sql_number<std::uint64_t>(row[0]),
                    .tenant = row[1].value_or(""),
                    .post_id = row[2].value_or(""),
                    .user_id = row[3].value_or(""),
                    .affect = {.valence = sql_number<float>(row[5]), .arousal = sql_number<float>(row[6])},
                    .weight = sql_number<float>(row[7]),
                    .embedding = numbers_from_hex<std::uint16_t>(row[8])};
                after = seed.number;
                const auto moods = numbers_from_hex<float>(row[4]);
                if (!wanted || moods.size() != kMoodCount) return;
                std::copy(moods.begin(), moods.end(), seed.moods.begin());
                wanted = on_seed(std::move(seed));
            });
        if (!status) return status;
        if (rows == kPageRows && wanted && between_pages) between_pages();
    }
    return ok_status();
}

Result<std::uint64_t> SeedTable::trim(std::uint64_t most) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<std::string> models;
    Status status = connection_.query("SELECT DISTINCT model FROM mood_seeds",
                                      [&](MySqlRow row) { models.push_back(row[0].value_or("")); });
    if (!status) return status.error();
    std::uint64_t gone = 0;
    for (const std::string& model : models) {
        std::uint64_t newest_to_go = 0;
        status = connection_.query("SELECT seed_no" + of_model(model) +
                                       " ORDER BY seed_no DESC LIMIT 1 OFFSET " + std::to_string(most),
                                   [&](MySqlRow row) { newest_to_go = sql_number<std::uint64_t>(row[0]); });
        if (!status) return status.error();
        if (newest_to_go == 0) continue;
        const auto deleted = connection_.execute(
            "DELETE" + of_model(model) + " AND seed_no <= " + std::to_string(newest_to_go) +
            " ORDER BY seed_no LIMIT " + std::to_string(kTrimmedTogether));
        if (!deleted) return deleted.error();
        gone += *deleted;
    }
    return gone;
}

}  // namespace bgm
