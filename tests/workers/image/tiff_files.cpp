#include "tests/workers/image/tiff_files.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace bgm::test {
namespace {

constexpr int kAlphaRight = 128;

struct MemoryFile {
    Bytes bytes;
    std::size_t position = 0;
};

MemoryFile& file_of(thandle_t handle) {
    return *static_cast<MemoryFile*>(handle);
}
tmsize_t read(thandle_t handle, void* to, tmsize_t count) {
    MemoryFile& file = file_of(handle);
    const std::size_t left = file.bytes.size() - std::min(file.position, file.bytes.size());
    const std::size_t taken = std::min(left, static_cast<std::size_t>(count));
    std::memcpy(to, file.bytes.data() + file.position, taken);
    file.position += taken;
    return static_cast<tmsize_t>(taken);
}
tmsize_t write(thandle_t handle, void* from, tmsize_t count) {
    MemoryFile& file = file_of(handle);
    const std::size_t end = file.position + static_cast<std::size_t>(count);
    if (file.bytes.size() < end) file.bytes.resize(end);
    std::memcpy(file.bytes.data() + file.position, from, static_cast<std::size_t>(count));
    file.position = end;
    return count;
}
toff_t seek(thandle_t handle, toff_t offset, int whence) {
    MemoryFile& file = file_of(handle);
    file.position = offset + (whence == SEEK_CUR   ? file.position
                              : whence == SEEK_END ? file.bytes.size()
                                                   : 0);
    return file.position;
}
int close(thandle_t) {
    return 0;
}
toff_t size(thandle_t handle) {
    return file_of(handle).bytes.size();
}

int colours_of(TiffKind kind) {
    switch (kind) {
        case TiffKind::gray:
        case TiffKind::gray_inverted:
        case TiffKind::palette:
            return 1;
        case TiffKind::cmyk:
            return 4;
        default:
            return 3;
    }
}

int photometric_of(TiffKind kind) {
    static const std::map<TiffKind, int> numbers{
        {TiffKind::gray, PHOTOMETRIC_MINISBLACK}, {TiffKind::gray_inverted, PHOTOMETRIC_MINISWHITE},
        {TiffKind::palette, PHOTOMETRIC_PALETTE}, {TiffKind::rgb, PHOTOMETRIC_RGB},
        {TiffKind::cmyk, PHOTOMETRIC_SEPARATED},  {TiffKind::ycbcr, PHOTOMETRIC_YCBCR},
        {TiffKind::cie_lab, PHOTOMETRIC_CIELAB},  {TiffKind::icc_lab, PHOTOMETRIC_ICCLAB}};
    return numbers.at(kind);
}

using Rgb = std::array<std::uint8_t, 3>;

Rgb pixel_of(const RgbImage& image, int x, int y) {
    const std::uint8_t* at = image.pixels.data() + (static_cast<std::size_t>(y) * image.width + x) * 3;
    return {at[0], at[1], at[2]};
}

int gray_of(const Rgb& colour) {
    return (colour[0] + colour[1] + colour[2]) / 3;
}

std::vector<Rgb> palette_of(const RgbImage& image) {
    std::vector<Rgb> colours;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const Rgb colour = pixel_of(image, x, y);
            if (std::find(colours.begin(), colours.end(), colour) == colours.end()) colours.push_back(colour);
        }
    }
    return colours;
}

// CIE 15, relative to D50, by the inverse of Lindbloom's Bradford-adapted matrix.
std::array<double, 3> lab_of(const Rgb& colour) {
    std::array<double, 3> linear{};
    for (std::size_t c = 0; c < 3; ++c) {
        const double coded = colour[c] / 255.0;
        linear[c] = coded <= 0.04045 ? coded / 12.92 : std::pow((coded + 0.055) / 1.055, 2.4);
    }
    const std::array<double, 3> relative{
        (0.4360747 * linear[0] + 0.3850649 * linear[1] + 0.1430804 * linear[2]) / 0.9642,
        0.2225045 * linear[0] + 0.7168786 * linear[1] + 0.0606169 * linear[2],
        (0.0139322 * linear[0] + 0.0971045 * linear[1] + 0.7141733 * linear[2]) / 0.8251};
    std::array<double, 3> f{};
    for (std::size_t c = 0; c < 3; ++c)
        f[c] = relative[c] > 216.0 / 24389 ? std::cbrt(relative[c]) : (relative[c] * 24389 / 27 + 16) / 116;
    return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

std::uint32_t most_of(int bits) {
    return bits >= 32 ? 0xFFFFFFFFU : (1U << static_cast<unsigned>(bits)) - 1U;
}

// One number a sample, each of `shape.bits` bits.
std::vector<std::uint32_t> samples_of(const RgbImage& image, const TiffShape& shape, int x, int y,
                                      const std::vector<Rgb>& palette) {
    const Rgb colour = pixel_of(image, x, y);
    const int alpha = x >= image.width / 2 ? kAlphaRight : 255;
    const double most = most_of(shape.bits);
    const auto scaled = [&](double value) {
        return static_cast<std::uint32_t>(std::llround(value / 255.0 * most));
    };
    const double share = shape.opacity == TiffOpacity::premultiplied ? alpha / 255.0 : 1.0;
    std::vector<std::uint32_t> samples;
    switch (shape.kind) {
        case TiffKind::gray:
            samples = {scaled(gray_of(colour) * share)};
            break;
        case TiffKind::gray_inverted:
            samples = {scaled(255 - gray_of(colour))};
            break;
        case TiffKind::palette:
            samples = {static_cast<std::uint32_t>(std::find(palette.begin(), palette.end(), colour) -
                                                  palette.begin())};
            break;
        case TiffKind::cmyk:
            samples = {scaled(255 - colour[0]), scaled(255 - colour[1]), scaled(255 - colour[2]), 0};
            break;
        case TiffKind::cie_lab:
        case TiffKind::icc_lab: {
            const auto lab = lab_of(colour);
            const int offset = shape.kind == TiffKind::icc_lab ? 128 : 0;
            const int more = shape.bits == 16 ? 256 : 1;
            const double top = shape.kind == TiffKind::icc_lab && more == 256 ? 65'280 : most;
            samples = {
                static_cast<std::uint32_t>(std::lround(lab[0] / 100 * top)),
                static_cast<std::uint32_t>(std::lround((lab[1] + offset) * more)) & most_of(shape.bits),
                static_cast<std::uint32_t>(std::lround((lab[2] + offset) * more)) & most_of(shape.bits)};
            break;
        }
        default:
            samples = {scaled(colour[0] * share), scaled(colour[1] * share), scaled(colour[2] * share)};
    }
    if (shape.opacity != TiffOpacity::none) samples.push_back(scaled(alpha));
    for (int i = 0; i < shape.samples_more; ++i)
        samples.push_back(scaled(77));
    return samples;
}

// Packs numbers as TIFF does: whole bytes in this machine's order, others from the highest bit.
class Packer {
 public:
    explicit Packer(int bits) : bits_(bits) {}
    void put(std::uint32_t value) {
        if (bits_ == 16 || bits_ == 32) {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
            row.insert(row.end(), bytes, bytes + bits_ / 8);  // little-endian machine
            return;
        }
        for (int bit = bits_ - 1; bit >= 0; --bit) {
            if (used_ % 8 == 0) row.push_back(0);
            row.back() |=
                static_cast<std::uint8_t>((value >> static_cast<unsigned>(bit) & 1U) << (7 - used_ % 8));
            ++used_;
        }
    }
    Bytes row;

 private:
    int bits_;
    std::size_t used_ = 0;
};

void check(bool done) {
    if (!done) throw std::runtime_error("tiff_files: libtiff cannot write this");
}

using Handle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

// `plane` -1: all samples of a pixel together.
Bytes packed_rows(const RgbImage& image, const TiffShape& shape, const std::vector<Rgb>& palette, int plane,
                  int left, int top, int width, int height) {
    Bytes rows;
    for (int y = top; y < top + height; ++y) {
        Packer packer(shape.bits);
        for (int x = left; x < left + width; ++x) {
            const auto samples = samples_of(image, shape, std::min(x, image.width - 1),
                                            std::min(y, image.height - 1), palette);
            for (std::size_t s = 0; s < samples.size(); ++s) {
                if (plane < 0 || static_cast<int>(s) == plane) packer.put(samples[s]);
            }
        }
        rows.insert(rows.end(), packer.row.begin(), packer.row.end());
    }
    return rows;
}

// ITU-R BT.601 in full range, a block of pixels sharing one pair of colours: its brightnesses first.
Bytes shared_colours(const RgbImage& image, const TiffShape& shape) {
    Bytes blocks;
    for (int top = 0; top < image.height; top += shape.subsampling_y) {
        for (int left = 0; left < image.width; left += shape.subsampling_x) {
            double blue = 0;
            double red = 0;
            for (int y = top; y < top + shape.subsampling_y; ++y) {
                for (int x = left; x < left + shape.subsampling_x; ++x) {
                    const Rgb c =
                        pixel_of(image, std::min(x, image.width - 1), std::min(y, image.height - 1));
                    const double luma = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
                    blocks.push_back(static_cast<std::uint8_t>(std::lround(luma)));
                    blue += (c[2] - luma) / 1.772;
                    red += (c[0] - luma) / 1.402;
                }
            }
            const double pixels = shape.subsampling_x * shape.subsampling_y;
            for (const double colour : {blue / pixels, red / pixels})
                blocks.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(colour + 128), 0L, 255L)));
        }
    }
    return blocks;
}

void write_tags(TIFF* tiff, const RgbImage& image, const TiffShape& shape, const std::vector<Rgb>& palette) {
    const int opacity = shape.opacity == TiffOpacity::none ? 0 : 1;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, image.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, image.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, shape.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, colours_of(shape.kind) + opacity + shape.samples_more);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric_of(shape.kind));
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, shape.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    check(TIFFSetField(tiff, TIFFTAG_COMPRESSION, shape.compression) == 1);
    if (shape.fill_order != 1) TIFFSetField(tiff, TIFFTAG_FILLORDER, shape.fill_order);
    if (shape.predictor != 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, shape.predictor);
    if (shape.sample_format != 1) TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, shape.sample_format);
    if (shape.orientation != 0) TIFFSetField(tiff, TIFFTAG_ORIENTATION, shape.orientation);
    if (shape.kind == TiffKind::cmyk) TIFFSetField(tiff, TIFFTAG_INKSET, shape.inkset);
    std::vector<std::uint16_t> extra(static_cast<std::size_t>(shape.samples_more), EXTRASAMPLE_UNSPECIFIED);
    if (opacity != 0)
        extra.insert(extra.begin(), shape.opacity == TiffOpacity::premultiplied ? EXTRASAMPLE_ASSOCALPHA
                                    : shape.opacity == TiffOpacity::straight    ? EXTRASAMPLE_UNASSALPHA
                                                                                : EXTRASAMPLE_UNSPECIFIED);
    if (!extra.empty() && shape.opacity != TiffOpacity::undeclared)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
    if (shape.kind == TiffKind::ycbcr) {
        if (shape.compression == COMPRESSION_JPEG) {
            TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
            TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 97);
        }
        TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, shape.subsampling_x, shape.subsampling_y);
        std::array<float, 6> range{0, 255, 128, 255, 128, 255};
        TIFFSetField(tiff, TIFFTAG_REFERENCEBLACKWHITE, range.data());
    }
    if (shape.kind == TiffKind::palette) {
        std::array<std::vector<std::uint16_t>, 3> columns;
        for (std::size_t c = 0; c < 3; ++c) {
            columns[c].assign(std::size_t{1} << static_cast<unsigned>(shape.bits), 0);
            for (std::size_t i = 0; i < std::min(palette.size(), columns[c].size()); ++i)
                columns[c][i] = static_cast<std::uint16_t>(palette[i][c] * 257);
        }
        TIFFSetField(tiff, TIFFTAG_COLORMAP, columns[0].data(), columns[1].data(), columns[2].data());
    }
    if (shape.tile != 0) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, shape.tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, shape.tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, shape.rows_per_strip);
    }
}

}  // namespace

bool tiff_can(int compression) {
    return TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression)) != 0;
}

Bytes encode_tiff(const RgbImage& image, const TiffShape& shape) {
    MemoryFile file;
    TIFFSetWarningHandler(nullptr);
    const std::string mode = std::string("w") + (shape.big_tiff ? "8" : "") + (shape.big_endian ? "b" : "l");
    const Handle handle(
        TIFFClientOpen("made", mode.c_str(), &file, read, write, seek, close, size, nullptr, nullptr),
        TIFFClose);
    check(handle != nullptr);
    TIFF* tiff = handle.get();
    const auto palette = shape.kind == TiffKind::palette ? palette_of(image) : std::vector<Rgb>{};
    write_tags(tiff, image, shape, palette);
    const int samples =
        colours_of(shape.kind) + (shape.opacity == TiffOpacity::none ? 0 : 1) + shape.samples_more;
    if (shape.kind == TiffKind::ycbcr && shape.compression != COMPRESSION_JPEG) {
        Bytes blocks = shared_colours(image, shape);
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, image.height);
        check(TIFFWriteEncodedStrip(tiff, 0, blocks.data(), static_cast<tmsize_t>(blocks.size())) >= 0);
    } else {
        for (int plane = shape.planar ? 0 : -1; plane < (shape.planar ? samples : 0); ++plane) {
            const auto sample = static_cast<std::uint16_t>(std::max(plane, 0));
            if (shape.tile == 0) {
                for (int y = 0; y < image.height; ++y) {
                    Bytes row = packed_rows(image, shape, palette, plane, 0, y, image.width, 1);
                    check(TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), sample) == 1);
                }
                continue;
            }
            for (int top = 0; top < image.height; top += shape.tile) {
                for (int left = 0; left < image.width; left += shape.tile) {
                    Bytes rows = packed_rows(image, shape, palette, plane, left, top, shape.tile, shape.tile);
                    check(TIFFWriteTile(tiff, rows.data(), static_cast<std::uint32_t>(left),
                                        static_cast<std::uint32_t>(top), 0, sample) >= 0);
                }
            }
        }
    }
    check(TIFFFlush(tiff) == 1);
    return file.bytes;
}

RgbImage expected_from_tiff(const RgbImage& image, const TiffShape& shape) {
    RgbImage expected = image;
    const bool gray = shape.kind == TiffKind::gray || shape.kind == TiffKind::gray_inverted;
    const bool transparent = shape.opacity == TiffOpacity::straight ||
                             shape.opacity == TiffOpacity::undeclared ||
                             shape.opacity == TiffOpacity::premultiplied;
    const double most = most_of(std::min(shape.bits, 8));
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const Rgb colour = pixel_of(image, x, y);
            const double alpha = transparent && x >= image.width / 2 ? kAlphaRight / 255.0 : 1.0;
            for (std::size_t c = 0; c < 3; ++c) {
                double value = gray ? gray_of(colour) : colour[c];
                if (shape.kind != TiffKind::palette) value = std::round(value / 255 * most) / most * 255;
                expected.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3 + c] =
                    static_cast<std::uint8_t>(std::lround(value * alpha + 255 * (1 - alpha)));
            }
        }
    }
    return expected;
}

}  // namespace bgm::test
