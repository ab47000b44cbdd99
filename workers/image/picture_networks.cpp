#include "workers/image/picture_networks.hpp"

#include <malloc.h>

#include <exception>
#include <iostream>
#include <string_view>

namespace bgm {
namespace {

template <typename Reader>
std::optional<Reader> opened(const std::filesystem::path& packages, std::string_view what) {
    const auto tell = [&](const std::string& why) {
        std::cerr << "bgm-worker: pictures are read without " << what << ": " << why << '\n';
    };
    try {
        auto reader = Reader::open(packages);
        if (reader) return *std::move(reader);
        if (reader.error().code != ErrorCode::not_found) tell(reader.error().to_string());
    } catch (const std::exception& failure) {
        tell(failure.what());
    }
    return std::nullopt;
}

}  // namespace

PictureNetworks PictureNetworks::open(const std::filesystem::path& packages, bool kinds) {
    PictureNetworks networks;
    networks.faces_ = opened<FaceReader>(packages, "faces");
    if (kinds) networks.kinds_ = opened<KindReader>(packages, "kinds");
    malloc_trim(0);  // what was read is packed into the networks, and was several times as large
    return networks;
}

std::vector<std::string> PictureNetworks::heads() const {
    std::vector<std::string> heads;
    if (faces_) heads.push_back(FaceReader::head());
    if (kinds_) heads.push_back(KindReader::head());
    return heads;
}

std::vector<Encoding> PictureNetworks::look(const RgbImage& picture, Encoding& known) {
    std::vector<Encoding> more;
    if (kinds_) {
        if (auto kind = kinds_->look(picture, known)) more.push_back(*std::move(kind));
    }
    FacesSeen seen;
    look_for_faces(picture, seen);
    if (auto faces = seen.encoding(known.modality)) more.push_back(*std::move(faces));
    return more;
}

void PictureNetworks::look_for_faces(const RgbImage& picture, FacesSeen& seen) {
    if (faces_) faces_->look(picture, seen);
}

}  // namespace bgm
