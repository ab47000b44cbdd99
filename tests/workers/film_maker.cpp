#include "tests/workers/film_maker.hpp"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>

#include "tests/workers/media_muxer.hpp"

namespace bgm::test {
namespace {

struct Options {
    explicit Options(const char* text) {
        check(av_dict_parse_string(&entries, text, "=", ";", 0), "options");
    }
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;
    ~Options() { av_dict_free(&entries); }
    AVDictionary* entries = nullptr;
};

void draw(const FilmSpec& spec, int number, AVFrame& frame) {
    const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
    const bool rgb = (format.flags & AV_PIX_FMT_FLAG_RGB) != 0;
    for (int c = 0; c < format.nb_components; ++c) {
        const AVComponentDescriptor& component = format.comp[c];
        const bool chroma = !rgb && (c == 1 || c == 2);
        const int columns = chroma ? AV_CEIL_RSHIFT(spec.width, format.log2_chroma_w) : spec.width;
        const int rows = chroma ? AV_CEIL_RSHIFT(spec.height, format.log2_chroma_h) : spec.height;
        for (int y = 0; y < rows; ++y) {
            auto* line = frame.data[component.plane] + std::ptrdiff_t{y} * frame.linesize[component.plane];
            for (int x = 0; x < columns; ++x) {
                const int value =
                    spec.values((x + 0.5) / columns, (y + 0.5) / rows, number)[static_cast<std::size_t>(c)]
                    << component.shift;
                auto* sample = line + std::ptrdiff_t{x} * component.step + component.offset;
                sample[0] = static_cast<std::uint8_t>(value);
                if (component.depth > 8) sample[1] = static_cast<std::uint8_t>(value >> 8);
            }
        }
    }
}

}  // namespace

std::string make_film(const FilmSpec& spec) {
    Muxer muxer(spec.container);
    if (!spec.seekable) muxer.format()->pb->seekable = 0;
    const AVPixelFormat pixel_format = av_get_pix_fmt(spec.pixel_format);
    const Codec encoder = muxer.open(spec.codec, [&](AVCodecContext& context) {
        context.width = spec.width;
        context.height = spec.height;
        context.pix_fmt = pixel_format;
        context.time_base = {1, spec.frames_per_s};
        context.framerate = {spec.frames_per_s, 1};
        context.gop_size = spec.key_frame_every;
        context.bit_rate = 6'000'000;
        context.max_b_frames = 0;
        context.sample_aspect_ratio = {spec.pixel_aspect[0], spec.pixel_aspect[1]};
        context.colorspace = static_cast<AVColorSpace>(spec.matrix);
        context.color_primaries = static_cast<AVColorPrimaries>(spec.primaries);
        context.color_trc = static_cast<AVColorTransferCharacteristic>(spec.transfer);
        context.color_range = static_cast<AVColorRange>(spec.range);
        const std::string_view name = spec.codec;
        if (name.starts_with("libx26")) av_opt_set(context.priv_data, "preset", "ultrafast", 0);
        if (name == "libx265")
            av_opt_set(context.priv_data, "x265-params", "log-level=none:pools=none:bframes=0", 0);
        if (name.starts_with("libvpx")) {
            av_opt_set(context.priv_data, "deadline", "realtime", 0);
            av_opt_set(context.priv_data, "cpu-used", "8", 0);
        }
        if (name == "libaom-av1") {
            av_opt_set(context.priv_data, "usage", "realtime", 0);
            av_opt_set(context.priv_data, "cpu-used", "8", 0);
        }
        const Options options(spec.encoder_options);
        const AVDictionaryEntry* option = nullptr;
        while ((option = av_dict_get(options.entries, "", option, AV_DICT_IGNORE_SUFFIX)) != nullptr)
            check(av_opt_set(&context, option->key, option->value, AV_OPT_SEARCH_CHILDREN), option->key);
    });
    AVStream& stream = *muxer.format()->streams[0];
    AVCodecParameters& parameters = *stream.codecpar;
    stream.sample_aspect_ratio = parameters.sample_aspect_ratio;
    if (spec.rotation_degrees != 0 || spec.mirrored) {
        auto* matrix = reinterpret_cast<std::int32_t*>(
            check(av_stream_new_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * 4), "matrix"));
        av_display_rotation_set(matrix, spec.rotation_degrees);
        if (spec.mirrored) av_display_matrix_flip(matrix, 1, 0);
    }
    if (!spec.tags_in_container) {
        parameters.color_space = AVCOL_SPC_UNSPECIFIED;
        parameters.color_primaries = AVCOL_PRI_UNSPECIFIED;
        parameters.color_trc = AVCOL_TRC_UNSPECIFIED;
        parameters.color_range = AVCOL_RANGE_UNSPECIFIED;
    }
    Options options(spec.muxer_options);
    check(avformat_write_header(muxer.format(), &options.entries), "header");

    const auto begin = std::llround(spec.starts_at_s * spec.frames_per_s);
    for (int i = 0; i < spec.frames; ++i) {
        const Frame frame(check(av_frame_alloc(), "frame"));
        frame->width = spec.width;
        frame->height = spec.height;
        frame->format = pixel_format;
        frame->pts = begin + (spec.frame_at ? spec.frame_at(i) : i);
        if (std::find(spec.key_frames.begin(), spec.key_frames.end(), i) != spec.key_frames.end())
            frame->pict_type = AV_PICTURE_TYPE_I;
        frame->colorspace = encoder->colorspace;
        frame->color_range = encoder->color_range;
        check(av_frame_get_buffer(frame.get(), 0), "frame");
        draw(spec, i, *frame);
        muxer.encode(*encoder, 0, frame.get());
    }
    muxer.encode(*encoder, 0, nullptr);
    return muxer.finish();
}

}  // namespace bgm::test
