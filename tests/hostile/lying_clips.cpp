// Containers of sound and moving pictures whose numbers are made up: lengths, counts and places that are
// written into good files, and some that are written from nothing.
#include "tests/hostile/byte_writing.hpp"
#include "tests/hostile/corpus.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "tests/workers/voice_files.hpp"

namespace bgm::test {
namespace {

void add_mp4(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".mp4", "VIDEO", std::move(bytes)});
    };
    VideoSpec spec{.width = 96, .height = 64, .frames_per_s = 10, .seconds = 1};
    spec.sound = MusicSpec{.sample_rate_hz = 16'000};
    const std::string good = make_video_clip(spec);
    const std::string many = big(1'000'000'000, 4);
    const std::string all = "\xFF\xFF\xFF\xFF";
    // Behind the four letters of a table: version and flags, then what it counts.
    add("a billion frames of one size", patched_after(good, "stsz", 8, big(100, 4) + many));
    add("a billion frames with a size each", patched_after(good, "stsz", 8, zeros(4) + many));
    add("a billion times", patched_after(good, "stts", 8, many));
    add("a billion frames at one time", patched_after(good, "stts", 12, many));
    add("4 billion chunks", patched_after(good, "stco", 8, all));
    add("a billion frames in a chunk", patched_after(good, "stsc", 16, many));
    add("a billion key frames", patched_after(good, "stss", 8, many));
    add("a billion edits", patched_after(good, "elst", 8, many));
    add("every table counts to 4 billion",
        patched_after(patched_after(patched_after(good, "stsz", 12, all), "stts", 8, all), "stsc", 8, all));
    add("frames of 65,535 x 65,535", patched_after(good, "avc1", 28, all));
    add("shown at 65,535 x 65,535", patched_after(good, "tkhd", 80, all + all));
    add("no time scale", patched_after(patched_after(good, "mdhd", 16, zeros(4)), "mvhd", 16, zeros(4)));
    add("136 years", patched_after(patched_after(good, "mdhd", 20, all), "mvhd", 20, all));
    add("pictures behind the end", patched_after(good, "stco", 12, "\xFF\xFF\xFF\x00"));
    add("pictures in another file", patched_after(good, std::string("url \0\0\0\1", 8), 7, zeros(1)));
    add("a sound of 4 billion channels", patched_after(good, "mp4a", 20, all));
    add("a sound at 65,535 Hz and 1 bit",
        patched_after(good, "mp4a", 22, std::string("\0\1\0\0\0\0\xFF\xFF", 8)));
    add("a matrix of nothing", patched_after(good, "tkhd", 44, zeros(36)));
    add("a matrix of the largest numbers", patched_after(good, "tkhd", 44, repeated("\x7F\xFF\xFF\xFF", 9)));
    add("a box of no size", patched(good, good.find("moov") - 4, zeros(4)));
    std::string nested = "x";
    for (int depth = 0; depth < 3'000; ++depth)
        nested = box("moov", nested);
    add("3,000 boxes within each other", box("ftyp", "isom" + zeros(4) + "isom") + nested);
    add("a box of 2^63 bytes", box("ftyp", "isom" + zeros(4) + "isom") + big(1, 4) + "moov" +
                                   "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF" + zeros(100));
    add("500 tracks of nothing",
        box("ftyp", "isom" + zeros(4) + "isom") + box("moov", repeated(box("trak", box("mdia", "")), 500)));
    add("20,000 fragments of nothing", good + repeated(box("moof", full_box("mfhd", zeros(4))), 20'000));
    add("1 MB of empty boxes", good.substr(0, 32) + repeated(box("free", ""), 130'000) + good.substr(32));
    spec.pictures = false;
    add("sound only", make_video_clip(spec));
}

void add_matroska(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name), "VIDEO", std::move(bytes)});
    };
    const std::string good = make_video_clip({.format = VideoFormat::mkv_h264,
                                              .width = 96,
                                              .height = 64,
                                              .frames_per_s = 10,
                                              .seconds = 1,
                                              .key_frame_every = 3});
    const std::string head("\x1A\x45\xDF\xA3\x80", 5);
    add("a segment of 2^56 bytes.mkv", head + "\x18\x53\x80\x67\x01" + std::string(7, '\xFE') + zeros(100));
    add("an element of unknown length.mkv",
        head + "\x18\x53\x80\x67\xFF" + repeated("\x1F\x43\xB6\x75\xFF", 20'000));
    add("a length of forever.mkv",
        patched_after(good, "\x44\x89\x88", 3, "\x7F\xEF\xFF\xFF\xFF\xFF\xFF\xFF"));
    add("a length that is no number.mkv", patched_after(good, "\x44\x89\x88", 3, "\x7F\xF8" + zeros(6)));
    add("65,535 pixels wide.mkv", patched_after(good, "\xB0\x81\x60", 0, "\xB0\x81\xFF"));
    const std::size_t cluster = good.find("\x1F\x43\xB6\x75");
    if (cluster != std::string::npos) {
        add("the same second 200 times.mkv", good + repeated(good.substr(cluster, 4'000), 200));
        add("no key frame at the start.mkv", good.substr(0, cluster + 12) + good.substr(cluster + 2'000));
        add("no pictures behind the header.mkv", good.substr(0, cluster));
    }
}

void add_avi(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".avi", "VIDEO", std::move(bytes)});
    };
    const std::string good = make_video_clip(
        {.format = VideoFormat::avi_mpeg4, .width = 96, .height = 64, .frames_per_s = 10, .seconds = 1});
    add("a billion frames", patched_after(good, "avih", 24, little(1'000'000'000, 4)));
    add("60,000 x 60,000", patched_after(good, "strf", 12, little(60'000, 4) + little(60'000, 4)));
    add("no frames a second", patched_after(good, "strh", 28, zeros(8)));
    add("a billion streams", patched_after(good, "avih", 32, little(1'000'000'000, 4)));
    add("an index of 4 GB", patched_after(good, "idx1", 4, "\xFF\xFF\xFF\x7F"));
    add("lists within lists", good.substr(0, 12) + repeated("LIST" + little(0xFFFFFF, 4) + "movi", 20'000));
}

void add_sounds(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name), "AUDIO", std::move(bytes)});
    };
    const auto clip = [](AudioFormat format) {
        return make_music_clip({.seconds = 1, .sample_rate_hz = 16'000, .format = format});
    };
    const std::string wav = clip(AudioFormat::wav);
    add("a length of 4 GB.wav",
        patched_after(patched(wav, 4, "\xFF\xFF\xFF\xFF"), "data", 4, "\xFF\xFF\xFF\xFF"));
    add("one sample a second.wav", patched(wav, 24, little(1, 4)));
    add("4 billion samples a second.wav", patched(wav, 24, "\xFF\xFF\xFF\xFF"));
    add("65,535 channels.wav", patched(wav, 22, "\xFF\xFF"));
    add("no channels.wav", patched(wav, 22, zeros(2)));
    add("no bits.wav", patched(wav, 34, zeros(2)));
    add("an unknown code.wav", patched(wav, 20, "\x34\x12"));
    add("a format chunk of 4 GB.wav", patched(wav, 16, "\xFF\xFF\xFF\xFF"));
    add("floats that are no numbers.wav",
        patched(patched(wav, 20, "\x03\x00"), 34, little(32, 2)).substr(0, 44) +
            repeated("\xFF\xFF\xFF\x7F", 20'000));

    const std::string flac = clip(AudioFormat::flac);
    add("2^36 samples.flac", patched(flac, 21, "\xFF\xFF\xFF\xFF\xFF"));
    add("655,350 Hz in 8 channels.flac", patched(flac, 18, "\xFF\xFF\xFF"));
    add("a cover of 16 MB that is not there.flac",
        "fLaC" + std::string("\x06\xFF\xFF\xFF", 4) + zeros(1'000) + flac.substr(4));
    add("20,000 empty blocks.flac",
        flac.substr(0, 42) + repeated(std::string("\x01\0\0\0", 4), 20'000) + flac.substr(42));

    const std::string mp3 = clip(AudioFormat::mp3);
    add("a tag of 256 MB.mp3", std::string("ID3\4\0\0\x7F\x7F\x7F\x7F", 10) + mp3);
    add("a tag that unpacks to a gigabyte.mp3",
        std::string("ID3\4\0\0\0\0\x08\0TXXX\0\0\4\0\0\x09\x40\0\0\0", 24) + zeros(1'000) + mp3);
    add("sync words only.mp3", repeated("\xFF\xFB\x90\x64", 100'000));
    const std::string vorbis = clip(AudioFormat::ogg_vorbis);
    add("300 songs in a row.ogg", repeated(vorbis, 300));
    add("pages of 2^63 samples.ogg", patched_after(vorbis, "OggS", 6, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"));
    add("3,000 streams at once.ogg", [&] {
        std::string all;
        for (std::uint64_t serial = 0; serial < 3'000; ++serial)
            all += patched(vorbis.substr(0, 58), 14, little(serial, 4));
        return all;
    }());
    add("a billion samples a second.ogg", patched_after(vorbis, "\x01vorbis", 12, little(1'000'000'000, 4)));
    const std::string opus = clip(AudioFormat::ogg_opus);
    add("255 channels.opus", patched_after(opus, "OpusHead", 9, "\xFF"));
    add("a pause of a second before it begins.opus", patched_after(opus, "OpusHead", 10, "\xFF\xFF"));

    // Ten hours of silence: the frames of some seconds, again and again.
    const std::string quiet = encode_audio(std::vector<float>(8'000 * 60), 8'000, AudioFormat::adts_aac);
    add("ten hours of silence.aac", repeated(quiet, 600));
    const std::string short_m4a = clip(AudioFormat::m4a_aac);
    add("136 years.m4a", patched_after(patched_after(short_m4a, "mdhd", 20, "\xFF\xFF\xFF\xFF"), "mvhd", 20,
                                       "\xFF\xFF\xFF\xFF"));
    add("a billion frames.m4a", patched_after(short_m4a, "stsz", 8, big(1, 4) + big(1'000'000'000, 4)));
}

void add_voices(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name), "AUDIO", std::move(bytes)});
    };
    add("frames of no mode.amr", "#!AMR\n" + repeated("\x7c", 100'000));
    add("frames of a byte.amr", "#!AMR\n" + repeated("\x7c\x44", 50'000));
    add("ten hours.amr", repeated(amr_nb(), 100));
    add("several channels.amr", "#!AMR_MC1.0\n" + zeros(4) + amr_nb());
    add("narrow frames in a wide file.awb", "#!AMR-WB\n" + amr_nb().substr(6));
    const std::string caf =
        make_av_file({.container = "caf", .tracks = {{.codec = "alac", .rate_hz = 16'000}}, .seconds = 1});
    add("a chunk of 2^63 bytes.caf", patched_after(caf, "data", 4, "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    add("a chunk of less than nothing.caf", patched_after(caf, "kuki", 4, std::string(8, '\xFF')));
    add("2^60 packets.caf", patched_after(caf, "pakt", 12, "\x10" + zeros(7)));
    add("a rate that is no number.caf", patched_after(caf, "desc", 12, "\x7F\xF8" + zeros(6)));
    add("4 billion channels.caf", patched_after(caf, "desc", 12 + 24, "\xFF\xFF\xFF\xFF"));
    add("packets of 4 GB.caf", patched_after(caf, "desc", 12 + 16, std::string(8, '\xFF')));
}

void add_streams(std::vector<HostileFile>& files) {
    const AvTrack film{.codec = "libx264", .width = 96, .height = 64};
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name), "VIDEO", std::move(bytes)});
    };
    const std::string flv = make_av_file({.container = "flv", .tracks = {film, {}}, .seconds = 1});
    add("tags of 16 MB.flv", patched(flv, 14, "\xFF\xFF\xFF"));
    add("a script within itself.flv", flv.substr(0, 13) + "\x12" + big(60'000, 3) + zeros(7) + "\x02" +
                                          zeros(1) + "\x0AonMetaData" +
                                          repeated(std::string("\x03\0\1a", 4), 15'000));
    add("a billion key frames.flv", patched_after(flv, "onMetaData", 11, big(1'000'000'000, 4)));
    add("100,000 empty tags.flv", flv.substr(0, 13) + repeated("\x09" + zeros(10) + big(11, 4), 100'000));
    const std::string stream = make_av_file({.container = "mpegts",
                                             .tracks = {film, {}},
                                             .seconds = 1,
                                             .tags = {{"service_name", "QQQQQQQQQQ"}}});
    for (int table = 1; table < 0x20; ++table)
        add("a name in the character set " + std::to_string(table) + ".ts",
            patched_after(stream, "QQQQQQQQQQ", 0,
                          std::string(1, static_cast<char>(table)) + "\x80\xFF\x1B"));
    add("packets of 188 times one.ts", repeated("\x47" + std::string(187, '\xFF'), 20'000));
    add("the same packet 5,000 times.ts", repeated(stream.substr(0, 188), 5'000));
}

}  // namespace

std::vector<HostileFile> lying_clips() {
    std::vector<HostileFile> files;
    add_mp4(files);
    add_matroska(files);
    add_avi(files);
    add_sounds(files);
    add_voices(files);
    add_streams(files);
    return files;
}

}  // namespace bgm::test
