// What the rest of the corpus is made from: small, well-formed, one of each kind.
#include <array>

#include "tests/hostile/byte_writing.hpp"
#include "tests/hostile/corpus.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/media_maker.hpp"
#include "tests/workers/voice_files.hpp"

namespace bgm::test {
namespace {

constexpr int kWidth = 96;
constexpr int kHeight = 64;

Bytes four_colours() {
    return {250, 10, 10, 10, 250, 10, 10, 10, 250, 250, 250, 10};
}

// A still frame of stripes.
GifFrame stripes(int phase) {
    GifFrame frame{.width = kWidth, .height = kHeight, .indices = {}};
    for (int i = 0; i < kWidth * kHeight; ++i)
        frame.indices.push_back(static_cast<std::uint8_t>((i / 5 + phase) % 4));
    return frame;
}

Bytes palette_png() {
    Bytes rows;
    for (int y = 0; y < kHeight; ++y) {
        rows.push_back(0);
        for (int x = 0; x < kWidth; ++x)
            rows.push_back(static_cast<std::uint8_t>((x / 8 + y / 8) % 4));
    }
    return make_png(kWidth, kHeight, 8, 3, {{"PLTE", four_colours()}, {"tRNS", {255, 128, 0}}}, rows);
}

void add_pictures(std::vector<HostileFile>& files) {
    const RgbImage scene = draw_sunset(kWidth, kHeight);
    const auto add = [&](std::string name, const Bytes& bytes) {
        files.push_back({std::move(name), "IMAGE", text_of(bytes)});
    };
    add("baseline.jpg", encode(scene, ".jpg"));
    add("progressive.jpg", encode_progressive_jpeg(scene));
    add("gray.jpg", encode_gray(scene, ".jpg"));
    add("four inks.jpg", encode_cmyk_jpeg(Bytes(std::size_t{kWidth} * kHeight * 4, 99), kWidth, kHeight));
    add("held sideways.jpg", with_exif(encode(scene, ".jpg"), exif_block(6, true)));
    add("true colour.png", encode(scene, ".png"));
    add("16 bits.png", encode_png_16_bit(scene));
    add("see-through.png", encode_with_alpha(scene, ".png", 90));
    add("palette.png", palette_png());
    add("without loss.webp", encode(scene, ".webp"));
    add("lossy with alpha.webp", encode_with_alpha(scene, ".webp", 90, true));
    add("moving.webp",
        animate_webp({encode(scene, ".webp"), encode(draw_sky(kWidth, kHeight), ".webp")}, kWidth, kHeight));
    add("still.gif", make_gif(kWidth, kHeight, four_colours(), {stripes(0)}));
    add("moving.gif", make_gif(kWidth, kHeight, four_colours(), {stripes(0), stripes(1), stripes(2)}));
    add("plain.bmp", encode(scene, ".bmp"));
    add("plain.tiff", encode(scene, ".tiff"));
    add("held sideways.heic", encode_heif(scene, {.orientation = 6}));
    add("see-through.avif", encode_heif(scene, {.codec = HeifCodec::av1, .alpha = 90}));
}

void add_clips(std::vector<HostileFile>& files) {
    struct Sound {
        const char* name;
        AudioFormat format;
    };
    for (const auto& [name, format] :
         {Sound{"pcm.wav", AudioFormat::wav}, Sound{"free.flac", AudioFormat::flac},
          Sound{"vorbis.ogg", AudioFormat::ogg_vorbis}, Sound{"opus.ogg", AudioFormat::ogg_opus},
          Sound{"layer 3.mp3", AudioFormat::mp3}, Sound{"aac.m4a", AudioFormat::m4a_aac},
          Sound{"aac.adts", AudioFormat::adts_aac}})
        files.push_back(
            {name, "AUDIO", make_music_clip({.seconds = 1.5, .sample_rate_hz = 16'000, .format = format})});

    struct Film {
        const char* name;
        VideoFormat format;
    };
    for (const auto& [name, format] :
         {Film{"h264.mp4", VideoFormat::mp4_h264}, Film{"hevc.mp4", VideoFormat::mp4_hevc},
          Film{"mpeg4.mp4", VideoFormat::mp4_mpeg4}, Film{"vp8.webm", VideoFormat::webm_vp8},
          Film{"vp9.webm", VideoFormat::webm_vp9}, Film{"h264.mkv", VideoFormat::mkv_h264},
          Film{"mpeg4.avi", VideoFormat::avi_mpeg4}, Film{"av1.mp4", VideoFormat::mp4_av1},
          Film{"av1.webm", VideoFormat::webm_av1}, Film{"h264.mov", VideoFormat::mov_h264}}) {
        VideoSpec spec{.format = format, .width = 96, .height = 64, .frames_per_s = 10, .seconds = 1.2};
        spec.key_frame_every = 4;
        spec.sound = MusicSpec{.sample_rate_hz = 16'000};
        files.push_back({name, "VIDEO", make_video_clip(spec)});
    }
}

// What older phones, chats and other programs make.
void add_odd_clips(std::vector<HostileFile>& files) {
    const AvTrack film{.codec = "libx264", .width = 96, .height = 64};
    const AvTrack studio_film{.codec = "prores_ks", .width = 96, .height = 64, .pixel_format = "yuv422p10le"};
    const AvTrack sound{.codec = "aac", .rate_hz = 16'000};
    const auto made = [](const char* container, std::vector<AvTrack> tracks) {
        return make_av_file({.container = container,
                             .tracks = std::move(tracks),
                             .seconds = 1.2,
                             .tags = {{"title", "바다"}, {"service_name", "방송"}},
                             .chapters = {"하나", "둘"}});
    };
    files.push_back({"narrow.amr", "AUDIO", amr_nb()});
    files.push_back({"wide.awb", "AUDIO", amr_wb()});
    files.push_back({"voice.3gp", "AUDIO", amr_nb_in_3gp()});
    files.push_back({"alac.caf", "AUDIO", made("caf", {{.codec = "alac", .rate_hz = 16'000}})});
    files.push_back({"ima4.caf", "AUDIO", made("caf", {{.codec = "adpcm_ima_qt", .rate_hz = 16'000}})});
    files.push_back({"opus.caf", "AUDIO", made("caf", {{.codec = "libopus", .rate_hz = 48'000}})});
    files.push_back({"voice.wma", "AUDIO", made("asf", {{.codec = "wmav2", .rate_hz = 16'000}})});
    files.push_back({"h264.flv", "VIDEO", made("flv", {film, sound})});
    files.push_back({"sorenson.flv", "VIDEO", made("flv", {{.codec = "flv", .width = 96, .height = 64}})});
    files.push_back({"broadcast.ts", "VIDEO", made("mpegts", {film, sound})});
    files.push_back({"studio.mov", "VIDEO", made("mov", {studio_film, sound})});
    files.push_back({"two sounds.mov", "VIDEO", made("mov", {film, sound, sound})});
}

}  // namespace

std::vector<HostileFile> good_files() {
    std::vector<HostileFile> files;
    add_pictures(files);
    add_clips(files);
    add_odd_clips(files);
    return files;
}

}  // namespace bgm::test
