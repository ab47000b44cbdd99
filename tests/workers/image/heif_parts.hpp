// HEIF files put together box by box, around coded pictures that libheif made: what its own writer does not
// write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/workers/image/image_files.hpp"

namespace bgm::test {

struct HeifItem {
    std::uint32_t id = 0;
    std::string type;  // "hvc1", "grid" ...
    Bytes data = {};
    std::vector<Bytes> properties = {};  // whole boxes
    bool hidden = false;
    bool in_directory = false;  // its data stand in "idat"
};

struct HeifRelation {
    std::string type;  // "auxl", "dimg" ...
    std::uint32_t from = 0;
    std::vector<std::uint32_t> to = {};
};

struct HeifParts {
    std::string brand = "heic";
    std::uint32_t primary = 1;
    std::vector<HeifItem> items = {};
    std::vector<HeifRelation> relations = {};
    bool wide_numbers = false;    // of items: 32 bits
    bool base_offsets = false;    // places are given relative to another
    bool pixels_first = false;    // before the directory
    bool endless_pixels = false;  // their box has no size: it ends with the file
};

Bytes put_together(const HeifParts& parts);

/// The coded pictures of a file that libheif has written, in the order of their numbers, with all that their
/// decoder needs.
std::vector<HeifItem> take_apart(const Bytes& file);

Bytes heif_box(const std::string& type, const Bytes& content);
/// "auxC", which says what a picture beside another is: "urn:mpeg:hevc:2015:auxid:1" is opacity.
Bytes auxiliary_kind(const std::string& name);
Bytes shown_size(std::uint32_t width, std::uint32_t height);  // "ispe"
/// The data of a "grid".
Bytes grid_of(int columns, int rows, int width, int height);

}  // namespace bgm::test
