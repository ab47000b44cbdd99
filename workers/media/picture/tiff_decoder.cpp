#include "workers/media/picture/tiff_decoder.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/free_with.hpp"
#include "workers/media/picture/tiff_layout.hpp"

namespace bgm {
namespace {

constexpr std::uint16_t kSamplesMax = 32;  // of a pixel; all but colour and alpha are skipped

Error refuse(ErrorCode code, std::string_view what) {
    return Error{.code = code, .message = "a TIFF image " + std::string(what)};
}
Error unsupported(std::string_view what) {
    return refuse(ErrorCode::unsupported, what);
}

// A file in memory, as libtiff reads it, and what libtiff said about it.
class TiffFile {
 public:
    TiffFile(std::span<const std::byte> bytes, std::int64_t pixels_max) : bytes_(bytes) {
        const std::unique_ptr<TIFFOpenOptions, FreeWith<TIFFOpenOptionsFree>> options(TIFFOpenOptionsAlloc());
        if (!options) throw std::bad_alloc();
        TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), 4 * std::max<std::int64_t>(pixels_max, 1 << 20));
        TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
        TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
        handle_.reset(TIFFClientOpenExt("posted", "rm", this, read, write, seek, close, size, nullptr,
                                        nullptr, options.get()));
    }
    TiffFile(const TiffFile&) = delete;
    TiffFile& operator=(const TiffFile&) = delete;

    TIFF* get() const { return handle_.get(); }
    bool cut_off() const { return cut_off_; }

    // libtiff's own words may quote the file; only their meaning is passed on.
    Error failed() const {
        const auto said = [this](std::string_view words) {
            return complaint_.find(words) != std::string::npos;
        };
        if (said("limit defined in open options") || said("overflow"))
            return refuse(ErrorCode::too_large, "beyond the limits");
        if (said("memory") || said("No space"))
            return Error{.code = ErrorCode::resource_exhausted,
                         .message = "not enough memory for this image"};
        if (said("different values per-sample")) return unsupported("with samples of different depths");
        return refuse(ErrorCode::corrupt, "that cannot be decoded: cut off or damaged");
    }

    template <typename Value>
    Value field(std::uint32_t tag, Value otherwise) const {
        Value value = otherwise;
        return TIFFGetField(get(), tag, &value) == 1 ? value : otherwise;
    }
    // Where the file is silent: what the standard says that it means.
    std::uint16_t field_or_default(std::uint32_t tag) const {
        std::uint16_t value = 0;
        TIFFGetFieldDefaulted(get(), tag, &value);
        return value;
    }

 private:
    static TiffFile& self(thandle_t file) { return *static_cast<TiffFile*>(file); }
    static tmsize_t read(thandle_t file, void* to, tmsize_t count) {
        TiffFile& me = self(file);
        if (count <= 0 || me.position_ >= me.bytes_.size()) return 0;
        const std::size_t left = me.bytes_.size() - static_cast<std::size_t>(me.position_);
        const std::size_t taken = std::min(left, static_cast<std::size_t>(count));
        std::memcpy(to, me.bytes_.data() + me.position_, taken);
        me.position_ += taken;
        return static_cast<tmsize_t>(taken);
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
    static toff_t seek(thandle_t file, toff_t offset, int whence) {
        TiffFile& me = self(file);
        me.position_ = offset + (whence == SEEK_CUR   ? me.position_
                                 : whence == SEEK_END ? me.bytes_.size()
                                                      : 0);
        return me.position_;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t file) { return self(file).bytes_.size(); }

    // The first complaint is the cause.
    static int on_error(TIFF*, void* file, const char*, const char* format, va_list values) {
        std::string& complaint = static_cast<TiffFile*>(file)->complaint_;
        if (complaint.empty()) complaint = formatted(format, values);
        return 1;
    }
    // libjpeg fills what is missing with gray, which then would count as a mood.
    static int on_warning(TIFF*, void* file, const char*, const char* format, va_list values) {
        if (formatted(format, values).find("Premature end of JPEG") != std::string::npos)
            static_cast<TiffFile*>(file)->cut_off_ = true;
        return 1;
    }
    static std::string formatted(const char* format, va_list values) {
        std::array<char, 512> text{};
        std::vsnprintf(text.data(), text.size(), format, values);
        return text.data();
    }

    std::span<const std::byte> bytes_;
    std::uint64_t position_ = 0;
    std::string complaint_;
    bool cut_off_ = false;
    std::unique_ptr<TIFF, FreeWith<TIFFClose>> handle_;  // ends first: it looks at what stands above
};

struct Layout {
    std::uint32_t width = 0, height = 0;
    int bits = 1;
    int samples = 1;  // of a pixel, those that are skipped too
    int orientation = 1;
    TiffColour colour = TiffColour::rgb;
    TiffAlpha alpha = TiffAlpha::none;
    int alpha_at = 0;
    bool planar = false;
    bool tiled = false;
    std::uint32_t tile_width = 0, tile_height = 0;
    /// Colours by brightness and hue, of which those of a block of pixels are shared: libtiff's to put
    /// together.
    bool by_libtiff = false;
};

std::uint16_t photometric_of(const TiffFile& file, const Layout& layout, std::uint16_t compression) {
    constexpr std::uint16_t kNone = 0xFFFF;
    const auto declared = file.field<std::uint16_t>(TIFFTAG_PHOTOMETRIC, kNone);
    if (declared != kNone) return declared;
    const bool fax = compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4 ||
                     compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTRLEW;
    if (fax) return PHOTOMETRIC_MINISWHITE;
    return layout.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

Status read_colour(const TiffFile& file, Layout& layout) {
    const std::uint16_t compression = file.field_or_default(TIFFTAG_COMPRESSION);
    if (TIFFIsCODECConfigured(compression) == 0)
        return unsupported("of compression " + std::to_string(compression));
    const bool jpeg = compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG;
    if (jpeg && layout.bits != 8)
        return unsupported("with JPEG of " + std::to_string(layout.bits) + " bits a sample");
    const std::uint16_t photometric = photometric_of(file, layout, compression);
    switch (photometric) {
        case PHOTOMETRIC_MINISBLACK:
            layout.colour = TiffColour::black_is_zero;
            break;
        case PHOTOMETRIC_MINISWHITE:
            layout.colour = TiffColour::white_is_zero;
            break;
        case PHOTOMETRIC_PALETTE:
            layout.colour = TiffColour::palette;
            if (layout.bits > 8) return unsupported("with a palette of more than 256 colours");
            break;
        case PHOTOMETRIC_RGB:
            break;
        case PHOTOMETRIC_SEPARATED:
            layout.colour = TiffColour::cmyk;
            if (file.field_or_default(TIFFTAG_INKSET) != INKSET_CMYK)
                return unsupported("of inks other than cyan, magenta, yellow and black");
            break;
        case PHOTOMETRIC_CIELAB:
        case PHOTOMETRIC_ICCLAB:
            layout.colour = photometric == PHOTOMETRIC_CIELAB ? TiffColour::cie_lab : TiffColour::icc_lab;
            if (layout.bits != 8 && layout.bits != 16)
                return unsupported("in CIELAB of " + std::to_string(layout.bits) + " bits a sample");
            break;
        case PHOTOMETRIC_YCBCR:
            if (layout.bits != 8)
                return unsupported("in YCbCr of " + std::to_string(layout.bits) + " bits a sample");
            // libjpeg makes RGB of it, sharing out the colours of each block, if it is asked to.
            layout.by_libtiff = compression != COMPRESSION_JPEG || layout.planar || layout.samples != 3;
            if (!layout.by_libtiff) TIFFSetField(file.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
            break;
        default:
            return unsupported("of colour kind " + std::to_string(photometric));
    }
    // The old kind of JPEG is known to libtiff's own reading of whole pictures only.
    if (compression == COMPRESSION_OJPEG) layout.by_libtiff = true;
    return ok_status();
}

Status read_alpha(const TiffFile& file, Layout& layout) {
    const int colours = channels_of(layout.colour);
    if (layout.samples < colours)
        return unsupported("with " + std::to_string(layout.samples) + " of " + std::to_string(colours) +
                           " colours");
    std::uint16_t count = 0;
    const std::uint16_t* kinds = nullptr;
    if (TIFFGetField(file.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1) {
        // A fourth sample without a word about it is alpha to those who write so, and to Pillow.
        if (layout.samples == colours + 1 && layout.colour != TiffColour::cmyk) {
            layout.alpha = TiffAlpha::straight;
            layout.alpha_at = colours;
        }
        return ok_status();
    }
    for (int i = 0; i < count && colours + i < layout.samples; ++i) {
        if (kinds[i] != EXTRASAMPLE_ASSOCALPHA && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
        layout.alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA ? TiffAlpha::premultiplied : TiffAlpha::straight;
        layout.alpha_at = colours + i;
        break;
    }
    const bool light = layout.colour == TiffColour::black_is_zero || layout.colour == TiffColour::rgb;
    if (layout.alpha == TiffAlpha::premultiplied && !light)
        return unsupported("whose colours are no light and multiplied with their opacity");
    return ok_status();
}

Result<Layout> read_layout(const TiffFile& file, std::int64_t pixels_max) {
    Layout layout;
    layout.width = file.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
    layout.height = file.field<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    layout.bits = file.field_or_default(TIFFTAG_BITSPERSAMPLE);
    layout.samples = file.field_or_default(TIFFTAG_SAMPLESPERPIXEL);
    layout.planar =
        layout.samples > 1 && file.field_or_default(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    layout.tiled = TIFFIsTiled(file.get()) != 0;
    if (const auto orientation = file.field<std::uint16_t>(TIFFTAG_ORIENTATION, 1);
        orientation >= 1 && orientation <= 8)
        layout.orientation = orientation;
    if (layout.width == 0 || layout.height == 0 || layout.bits == 0 || layout.samples == 0)
        return refuse(ErrorCode::corrupt, "that does not say its size and samples");
    if (layout.width > INT32_MAX || layout.height > INT32_MAX)
        return refuse(ErrorCode::corrupt, "with an impossible size");
    if (layout.samples > kSamplesMax || (layout.bits > 16 && layout.bits != 32))
        return unsupported("with " + std::to_string(layout.samples) + " samples of " +
                           std::to_string(layout.bits) + " bits");
    const std::uint16_t format = file.field_or_default(TIFFTAG_SAMPLEFORMAT);
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
        return unsupported(format == SAMPLEFORMAT_INT      ? "with samples below zero"
                           : format == SAMPLEFORMAT_IEEEFP ? "with floating-point samples"
                                                           : "with complex samples");
    if (auto known = read_colour(file, layout); !known) return known.error();
    if (auto known = read_alpha(file, layout); !known) return known.error();
    if (layout.tiled) {
        layout.tile_width = file.field<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
        layout.tile_height = file.field<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
        if (layout.tile_width == 0 || layout.tile_height == 0)
            return refuse(ErrorCode::corrupt, "with tiles of no size");
        // A tile is taken whole, however little of it the picture covers.
        const auto padded = [](std::uint64_t side, std::uint64_t tile) {
            return (side + tile - 1) / tile * tile;
        };
        const std::uint64_t width = padded(layout.width, layout.tile_width);
        const std::uint64_t height = padded(layout.height, layout.tile_height);
        const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(2 * pixels_max, 1 << 16));
        if (height > most / width) return refuse(ErrorCode::too_large, "with tiles beyond the limit");
    }
    return layout;
}

// What reads the samples of the planes, or of all at once, into place.
class SampleReader {
 public:
    SampleReader(const TiffFile& file, const Layout& layout, TiffSamples& samples)
        : file_(file), layout_(layout), samples_(samples) {}

    bool read() {
        const tmsize_t size = layout_.tiled ? TIFFTileSize(file_.get()) : TIFFScanlineSize(file_.get());
        // Of a tile as many bytes are looked at as its sides say, whatever the codec makes of them.
        if (size <= 0 || static_cast<std::uint64_t>(size) < rows_at_once() * packed_row_bytes()) return false;
        buffer_.assign(static_cast<std::size_t>(size) + 3, 0);
        const int colours = channels_of(layout_.colour);
        if (!layout_.planar) return read_plane(0);
        for (int plane = 0; plane < layout_.samples; ++plane) {
            const bool wanted = plane < colours || is_alpha(plane);
            if (wanted && !read_plane(static_cast<std::uint16_t>(plane))) return false;
        }
        return true;
    }

 private:
    bool is_alpha(int sample) const { return layout_.alpha != TiffAlpha::none && sample == layout_.alpha_at; }
    std::uint64_t rows_at_once() const { return layout_.tiled ? layout_.tile_height : 1; }
    std::uint64_t packed_row_bytes() const {
        const std::uint64_t pixels = layout_.tiled ? layout_.tile_width : layout_.width;
        const auto stride = static_cast<std::uint64_t>(layout_.planar ? 1 : layout_.samples);
        return (pixels * stride * static_cast<std::uint64_t>(layout_.bits) + 7) / 8;
    }

    bool read_plane(std::uint16_t plane) {
        if (layout_.tiled) return read_tiles(plane);
        for (std::uint32_t y = 0; y < layout_.height; ++y) {
            if (TIFFReadScanline(file_.get(), buffer_.data(), y, plane) != 1) return false;
            place(buffer_.data(), plane, 0, y, layout_.width);
        }
        return true;
    }

    bool read_tiles(std::uint16_t plane) {
        for (std::uint32_t top = 0; top < layout_.height; top += layout_.tile_height) {
            const std::uint32_t rows = std::min(layout_.tile_height, layout_.height - top);
            for (std::uint32_t left = 0; left < layout_.width; left += layout_.tile_width) {
                const std::uint32_t columns = std::min(layout_.tile_width, layout_.width - left);
                if (TIFFReadTile(file_.get(), buffer_.data(), left, top, 0, plane) < 0) return false;
                for (std::uint32_t y = 0; y < rows; ++y)
                    place(buffer_.data() + y * packed_row_bytes(), plane, left, top + y, columns);
            }
        }
        return true;
    }

    void place(const std::uint8_t* row, int plane, std::uint32_t left, std::uint32_t y,
               std::uint32_t pixels) {
        const int channels = samples_.channels();
        std::uint8_t* to = samples_.values.data() +
                           (std::size_t{y} * layout_.width + left) * static_cast<std::size_t>(channels);
        const PackedRow packed{row, layout_.bits, layout_.planar ? 1 : layout_.samples};
        const int colours = channels_of(layout_.colour);
        const bool indexed = layout_.colour == TiffColour::palette;
        const auto put = [&](int sample, int channel) {
            unpack_channel(packed, layout_.planar ? 0 : sample, static_cast<int>(pixels),
                           indexed && sample == 0, to + channel, channels);
        };
        for (int c = 0; c < colours; ++c) {
            if (!layout_.planar || plane == c) put(c, c);
        }
        if (layout_.alpha != TiffAlpha::none && (!layout_.planar || is_alpha(plane)))
            put(layout_.alpha_at, colours);
    }

    const TiffFile& file_;
    const Layout& layout_;
    TiffSamples& samples_;
    std::vector<std::uint8_t> buffer_;
};

// Sixteen bits a colour, though some write eight into them.
std::vector<std::array<std::uint8_t, 3>> read_palette(const TiffFile& file, int bits) {
    std::array<const std::uint16_t*, 3> columns{};
    if (TIFFGetField(file.get(), TIFFTAG_COLORMAP, &columns[0], &columns[1], &columns[2]) != 1) return {};
    const std::size_t colours = std::size_t{1} << static_cast<unsigned>(bits);
    const bool narrow = std::all_of(columns.begin(), columns.end(), [colours](const std::uint16_t* column) {
        return std::all_of(column, column + colours, [](std::uint16_t value) { return value < 256; });
    });
    std::vector<std::array<std::uint8_t, 3>> palette(colours);
    for (std::size_t i = 0; i < colours; ++i) {
        for (std::size_t c = 0; c < 3; ++c)
            palette[i][c] = static_cast<std::uint8_t>(narrow ? columns[c][i] : columns[c][i] >> 8U);
    }
    return palette;
}

Result<RgbImage> read_by_libtiff(const TiffFile& file, const Layout& layout) {
    std::array<char, 1024> reason{};
    TIFFRGBAImage picture{};
    constexpr int kStopAtErrors = 1;
    if (TIFFRGBAImageBegin(&picture, file.get(), kStopAtErrors, reason.data()) != 1)
        return unsupported("whose colours are laid out in a way that is not read");
    const std::unique_ptr<TIFFRGBAImage, FreeWith<TIFFRGBAImageEnd>> end(&picture);
    picture.orientation = picture.req_orientation = ORIENTATION_TOPLEFT;  // as stored
    std::vector<std::uint32_t> raster(std::size_t{layout.width} * layout.height);
    if (TIFFRGBAImageGet(&picture, raster.data(), layout.width, layout.height) != 1) return file.failed();
    RgbImage image{.width = static_cast<int>(layout.width),
                   .height = static_cast<int>(layout.height),
                   .pixels = std::vector<std::uint8_t>(raster.size() * 3)};
    std::uint8_t* to = image.pixels.data();
    for (const std::uint32_t pixel : raster) {
        *to++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
        *to++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
        *to++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
    }
    return image;
}

}  // namespace

Result<ImageHeader> probe_tiff(std::span<const std::byte> bytes, std::int64_t pixels_max) {
    const TiffFile file(bytes, pixels_max);
    if (file.get() == nullptr) return file.failed();
    const auto layout = read_layout(file, pixels_max);
    if (!layout) return layout.error();
    ImageHeader header;
    header.kind = ImageKind::tiff;
    header.width = static_cast<int>(layout->width);
    header.height = static_cast<int>(layout->height);
    header.orientation = layout->orientation;
    return header;
}

Result<RgbImage> decode_tiff(std::span<const std::byte> bytes, const ImageHeader& header,
                             std::int64_t pixels_max, AlphaRule alpha) {
    const TiffFile file(bytes, pixels_max);
    if (file.get() == nullptr) return file.failed();
    auto layout = read_layout(file, pixels_max);
    if (!layout) return layout.error();
    if (layout->by_libtiff) {
        auto image = read_by_libtiff(file, *layout);
        if (image && file.cut_off()) return file.failed();
        return image;
    }
    if (alpha == AlphaRule::dropped && layout->alpha == TiffAlpha::straight) layout->alpha = TiffAlpha::none;
    TiffSamples samples{
        .width = header.width, .height = header.height, .colour = layout->colour, .alpha = layout->alpha};
    if (layout->colour == TiffColour::palette) samples.palette = read_palette(file, layout->bits);
    samples.values.resize(std::size_t{layout->width} * layout->height *
                          static_cast<std::size_t>(samples.channels()));
    if (!SampleReader(file, *layout, samples).read() || file.cut_off()) return file.failed();
    return to_rgb(std::move(samples), alpha);
}

}  // namespace bgm
