#include "ops/bgmctl/catalogue/catalogue_import.hpp"

#include <filesystem>
#include <utility>

#include "fusion/catalogue/composed_text.hpp"
#include "ops/bgmctl/input/decoded_file.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBatchTracks = 500;

Error refuse(const ReadReport& report) {
    const RowError& first = report.errors.front();
    std::string where = "line " + std::to_string(first.line);
    if (!first.field.empty()) where += ", " + first.field;
    return Error{ErrorCode::invalid_argument,
                 std::to_string(report.error_count) + " rows cannot be read (the first: " + where + ": " +
                     first.reason +
                     "), and --replace would take their tracks out of service; nothing was changed",
                 "replace"};
}

/// Why there is no track in a file.
Error no_track(const ReadReport& report, const DecodedText& decoded, const std::string& file) {
    std::string why = "no track in it: ";
    if (report.columns.empty()) {
        why += "there is no row";
    } else {
        why += "nothing but a header (";
        for (const ColumnUse& use : report.columns)
            why.append(&use == &report.columns.front() ? "" : ", ").append(use.column);
        why += ")";
    }
    why += "; read as " + decoded.encoding;
    if (report.separator != '\0') {
        why += ", separated by " + separator_name(report.separator) + ", " +
               std::string(name(report.line_ends)) + " line ends";
    }
    return Error{ErrorCode::corrupt, why, file};
}

// What the file was taken for belongs to whatever could not be read of it.
Error with_encoding(Error error, const DecodedText& decoded) {
    if (decoded.encoding != "UTF-8" || decoded.damaged_places > 0) {
        error.message += " (the file was read as " + decoded.encoding +
                         (decoded.certain ? ")" : ", the likeliest; --encoding NAME says otherwise)");
    }
    return error;
}

/// What people read and search for is kept as they type it. The id stays: it is what the file calls the
/// track.
void compose_names(Track& track) {
    for (std::string* const name : {&track.title, &track.artist, &track.album, &track.genre}) {
        std::string text = composed(*name);
        // A few signs grow, and a name has to fit into its column.
        if (text.size() <= name->size()) *name = std::move(text);
    }
}

}  // namespace

Result<ImportPlan> plan_import(const ImportArguments& arguments) {
    ImportPlan plan;
    const auto format = arguments.format.empty() ? catalogue_format_of_file(arguments.file)
                                                 : catalogue_format_from_name(arguments.format);
    if (!format) {
        return Error{ErrorCode::invalid_argument,
                     "cannot tell the format of " + arguments.file +
                         " from its name; say --format csv, tsv, jsonl or json",
                     "format"};
    }
    plan.format = *format;
    plan.mapping = own_columns();
    if (!arguments.preset.empty()) {
        auto preset = column_preset(arguments.preset);
        if (!preset) return preset.error();
        plan.mapping = *std::move(preset);
    }
    for (const std::string& column : arguments.columns) {
        if (auto applied = apply_column(plan.mapping, column); !applied) return applied.error();
    }
    if (!arguments.mood_map.empty()) {
        const auto text = DecodedFile::open(arguments.mood_map);
        if (!text) return text.error();
        auto vocabulary = parse_mood_map(text->text());
        if (!vocabulary) {
            return Error{vocabulary.error().code, vocabulary.error().message,
                         arguments.mood_map + " " + vocabulary.error().field};
        }
        plan.mapping.vocabulary = *std::move(vocabulary);
    }
    plan.mapping.has_header = !arguments.no_header;
    if (!arguments.source.empty()) {
        plan.mapping.column(TrackField::source).clear();
        plan.mapping.defaults.source = arguments.source;
    } else if (plan.mapping.defaults.source.empty()) {
        plan.mapping.defaults.source = std::filesystem::path(arguments.file).stem().string().substr(0, 64);
    }
    return plan;
}

Result<ImportOutcome> import_catalogue(const ImportArguments& arguments, const ImportPlan& plan,
                                       CatalogueStore* store,
                                       const std::function<void(std::uint64_t)>& on_progress) {
    const auto file = DecodedFile::open(arguments.file, arguments.encoding);
    if (!file) return file.error();
    const DecodedText& decoded = file->decoded();
    const auto outcome = [&](ReadReport report) {
        return ImportOutcome{.report = std::move(report),
                             .encoding = decoded.encoding,
                             .encoding_certain = decoded.certain,
                             .damaged_places = decoded.damaged_places};
    };
    if (file->text().find_first_not_of(" \t\r\n\xEF\xBB\xBF") == std::string_view::npos)
        return Error{ErrorCode::corrupt, "no track in it: the file is empty", arguments.file};
    if (store == nullptr || arguments.replace) {
        auto report = read_tracks(file->text(), plan.format, plan.mapping, [](Track&&) {});
        if (!report) return with_encoding(report.error(), decoded);
        if (report->track_count == 0) return no_track(*report, decoded, arguments.file);
        if (store == nullptr) return outcome(*std::move(report));
        if (report->error_count > 0) return refuse(*report);
    }

    std::vector<Track> batch;
    std::uint64_t done = 0;
    Status stored = ok_status();
    const auto flush = [&] {
        if (batch.empty() || !stored) return;
        stored = store->put(batch);
        done += batch.size();
        batch.clear();
        on_progress(done);
    };
    auto report = read_tracks(file->text(), plan.format, plan.mapping, [&](Track&& track) {
        if (!stored) return;  // the rest is only read: the reader has no way to be stopped
        compose_names(track);
        batch.push_back(std::move(track));
        if (batch.size() == kBatchTracks) flush();
    });
    if (!report) return with_encoding(report.error(), decoded);
    if (report->track_count == 0) return no_track(*report, decoded, arguments.file);
    flush();
    if (!stored) return stored.error();
    auto retired = store->commit(arguments.replace);
    if (!retired) return retired.error();
    ImportOutcome done_with = outcome(*std::move(report));
    done_with.retired_count = *retired;
    return done_with;
}

}  // namespace bgm
