#include "workers/image/image_encoder.hpp"

#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "workers/image/canvas.hpp"
#include "workers/image/image_features.hpp"
#include "workers/image/picture_networks.hpp"
#include "workers/media/picture/image_decoder.hpp"
#include "workers/reading/photo_text.hpp"

namespace bgm {
namespace {

// What the largest input of a network has: less detail would hide small faces.
constexpr std::int64_t kNetworkPixels = std::int64_t{FaceDetector::kSide} * FaceDetector::kSide;

class ImageEncoder final : public Encoder {
 public:
    ImageEncoder(const ImageLimits& limits, std::shared_ptr<PictureNetworks> networks,
                 std::unique_ptr<PhotoText> text)
        : networks_(std::move(networks)), decoder_(limits), text_(std::move(text)) {}

    Modality modality() const override { return Modality::image; }
    std::string model() const override { return std::string(kImageFeaturesModel); }
    std::vector<std::string> heads() const override { return networks_->heads(); }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks)
            results.push_back(encode_one(task));
        return results;
    }

 private:
    EncodeResult encode_one(const EncodeTask& task) {
        try {
            auto decoded = decoder_.decode(task.media,
                                           {.pixels_min = networks_->any() ? kNetworkPixels : kCanvasPixels});
            if (!decoded) return decoded.error();
            Encoding encoding = encode_pixels(decoded->image);
            const ImageHeader& header = decoded->header;
            const bool turned = header.orientation >= 5;
            encoding.facts["width_px"] = static_cast<float>(turned ? header.height : header.width);
            encoding.facts["height_px"] = static_cast<float>(turned ? header.width : header.height);
            std::vector<Encoding> encodings = networks_->look(decoded->image, encoding);
            encodings.insert(encodings.begin(), std::move(encoding));
            if (text_ != nullptr) {
                if (auto read = text_->read(task.media, decoded->image, decoder_))
                    encodings.push_back(*std::move(read));
            }
            return encodings;
        } catch (const std::bad_alloc&) {
            return Error{.code = ErrorCode::resource_exhausted,
                         .message = "not enough memory for this image"};
        } catch (const std::exception& failure) {
            return Error{.code = ErrorCode::internal,
                         .message = std::string("image encoder: ") + failure.what()};
        }
    }

    std::shared_ptr<PictureNetworks> networks_;
    ImageDecoder decoder_;
    std::unique_ptr<PhotoText> text_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_image_encoder(const EncoderFiles& files, const MediaLimits& limits) {
    return make_image_encoder(files, limits,
                              std::make_shared<PictureNetworks>(PictureNetworks::open(files.packages)));
}

Result<std::unique_ptr<Encoder>> make_image_encoder(const EncoderFiles& files, const MediaLimits& limits,
                                                    std::shared_ptr<PictureNetworks> networks) {
    std::unique_ptr<PhotoText> text;
    if (files.reading != "none") {
        auto opened = PhotoText::open(files.models, files.reading);
        if (opened) {
            text = *std::move(opened);
        } else if (opened.error().code != ErrorCode::not_found) {
            return opened.error();
        }
    }
    return std::unique_ptr<Encoder>(
        std::make_unique<ImageEncoder>(limits.image, std::move(networks), std::move(text)));
}

}  // namespace bgm
