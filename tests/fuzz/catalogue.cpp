// Catalogue files. The first byte chooses the format, the mapping, whether there is a header, and whether the
// bytes are decoded first, as bgmctl does.
#include "fusion/catalogue/catalogue_reader.hpp"
#include "fusion/catalogue/header_names.hpp"
#include "fusion/catalogue/text_encoding.hpp"
#include "schemas/utf8.hpp"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    std::string_view input = fuzz::as_text(data, size);
    const unsigned choice = fuzz::take_choice(input);
    static const ColumnMapping own = own_columns();
    static const ColumnMapping foreign = [] {
        ColumnMapping mapping;
        mapping.column(TrackField::track_id) = "1";
        mapping.column(TrackField::title) = "2";
        mapping.column(TrackField::moods) = "3";
        mapping.column(TrackField::valence) = "file.valence";
        mapping.has_header = false;
        return mapping;
    }();
    const auto decoded = decode_text(input, {}, foreign_header_names());
    if (!decoded) {
        fuzz::require(!decoded.error().message.empty(), "bytes that are no text have a reason");
    } else if ((choice & 8U) != 0) {
        fuzz::require(decoded->damaged_places > 0 || valid_utf8(decoded->text()),
                      "what was decoded without damage is UTF-8");
        input = decoded->text();
    }
    std::size_t tracks = 0;
    const auto report = read_tracks(input, static_cast<CatalogueFormat>(choice & 3U),
                                    (choice & 4U) != 0 ? foreign : own, [&](Track&& track) {
                                        fuzz::require(!track.track_id.empty(), "a track has an id");
                                        ++tracks;
                                    });
    if (report) {
        fuzz::require(report->track_count == tracks, "each track is counted");
        fuzz::require(report->errors.size() <= kRowErrorsKept, "the kept errors are bounded");
        for (const RowError& error : report->errors)
            fuzz::require(error.line > 0 && !error.reason.empty(), "a skipped row has a line and a reason");
    } else {
        fuzz::require(!report.error().message.empty(), "a refused catalogue has a reason");
    }
    return 0;
}
