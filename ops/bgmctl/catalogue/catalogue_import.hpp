// bgmctl catalogue import: a file in somebody's own shape becomes tracks of the platform's catalogue.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue_reader.hpp"
#include "ops/bgmctl/catalogue/catalogue_store.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct ImportArguments {
    std::string file = {};
    std::string format = {};                // empty: by the file's name
    std::string encoding = {};              // empty: found out
    std::string preset = {};                // empty: columns named like the fields
    std::vector<std::string> columns = {};  // "field=column", over the preset
    std::string mood_map = {};              // file of parse_mood_map()
    std::string source = {};                // empty: what the rows or the preset say, else the file's name
    bool no_header = false;
    bool replace = false;
    bool dry_run = false;
};

struct ImportPlan {
    CatalogueFormat format = CatalogueFormat::jsonl;
    ColumnMapping mapping;
};

struct ImportOutcome {
    ReadReport report;
    std::string encoding;             // that the file was read in
    bool encoding_certain = true;     // false: the likeliest of several
    std::size_t damaged_places = 0;   // bytes that are none of it
    std::uint64_t retired_count = 0;  // by replace
};

/// What the arguments mean; `invalid_argument` or `not_found` names the one that is wrong.
Result<ImportPlan> plan_import(const ImportArguments& arguments);

/// Reads the file into the store, or only reads it where `store` is null. With `replace`, a file in which any
/// row cannot be read changes nothing: the tracks of those rows would silently go out of service.
/// A file that holds something but no track is `corrupt`: whoever imports it means to have tracks.
/// `on_progress` is given the number of tracks so far, now and then.
Result<ImportOutcome> import_catalogue(const ImportArguments& arguments, const ImportPlan& plan,
                                       CatalogueStore* store,
                                       const std::function<void(std::uint64_t)>& on_progress);

}  // namespace bgm
