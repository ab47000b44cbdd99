#include "workers/image/picture_networks.hpp"

#include <malloc.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>
#include <string_view>

namespace bgm {
namespace {

// About 40 ms each.
constexpr std::size_t kFilmPicturesMax = 6;

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

PictureNetworks PictureNetworks::open(const std::filesystem::path& packages) {
    PictureNetworks networks;
    networks.faces_ = opened<FaceReader>(packages, "faces");
    networks.kinds_ = opened<KindReader>(packages, "kinds");
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
    return look(std::vector{&picture}, known);
}

std::vector<Encoding> PictureNetworks::look(std::span<const VideoFrame> frames, Encoding& known) {
    std::vector<const RgbImage*> pictures;
    const std::size_t count = std::min(frames.size(), kFilmPicturesMax);
    for (std::size_t i = 0; i < count; ++i)
        pictures.push_back(&frames[(2 * i + 1) * frames.size() / (2 * count)].image);
    return look(pictures, known);
}

std::vector<Encoding> PictureNetworks::look(const std::vector<const RgbImage*>& pictures, Encoding& known) {
    FacesSeen faces;
    KindShares kinds{};
    std::size_t seen = 0;
    for (const RgbImage* picture : pictures) {
        if (picture->empty() || !picture->consistent()) continue;
        ++seen;
        if (faces_) faces_->look(*picture, faces);
        if (!kinds_) continue;
        const KindShares shares = kinds_->look(*picture);
        std::ranges::transform(kinds, shares, kinds.begin(), std::plus{});
    }
    std::vector<Encoding> more;
    if (kinds_ && seen > 0) {
        for (float& share : kinds)
            share /= static_cast<float>(seen);
        if (auto kind = KindReader::encoding(kinds, known)) more.push_back(*std::move(kind));
    }
    if (auto face = faces.encoding(known.modality)) more.push_back(*std::move(face));
    return more;
}

}  // namespace bgm
