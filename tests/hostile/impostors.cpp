// What says that it is media and is not, or is more than one thing.
#include <random>
#include <stdexcept>

#include "tests/hostile/byte_writing.hpp"
#include "tests/hostile/corpus.hpp"
#include "tests/hostile/zero_stream.hpp"

namespace bgm::test {
namespace {

std::string noise(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string bytes(count, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

const HostileFile& named(const std::vector<HostileFile>& files, std::string_view name) {
    for (const HostileFile& file : files) {
        if (file.name == name) return file;
    }
    throw std::runtime_error("no good file " + std::string(name));
}

// Each of these would make a demuxer that knows it open other files, or ask the network for them.
std::vector<HostileFile> playlists() {
    const std::string segments =
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXTINF:10,\n"
        "http://127.0.0.1:9/segment.ts\n#EXT-X-ENDLIST\n";
    const std::string subfile =
        "#EXTM3U\n#EXTINF:1,\nconcat:http://127.0.0.1:9/a|subfile,,start,0,end,64,,:///etc/passwd\n";
    const std::string concat = "ffconcat version 1.0\nfile '/etc/passwd'\nduration 1\n";
    const std::string session =
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n";
    const std::string dash =
        "<?xml version=\"1.0\"?><MPD><Period><BaseURL>file:///etc/</BaseURL><AdaptationSet>"
        "<Representation id=\"1\"><SegmentList><SegmentURL media=\"passwd\"/></SegmentList>"
        "</Representation></AdaptationSet></Period></MPD>";
    const std::string ftyp = box("ftyp", "isom" + zeros(4) + "isommp42");
    return {
        {"HLS playlist.mp4", "VIDEO", segments},
        {"HLS playlist.mp3", "AUDIO", segments},
        {"HLS playlist with subfile.mp4", "VIDEO", subfile},
        {"HLS playlist behind an ftyp box.mp4", "VIDEO", ftyp + segments},
        {"HLS playlist behind a byte order mark.mp4", "VIDEO", "\xEF\xBB\xBF" + segments},
        {"HLS playlist behind white space.mp4", "VIDEO", "\n\n  \n" + segments},
        {"concat script.mp4", "VIDEO", concat},
        {"concat script behind an ftyp box.mp4", "VIDEO", ftyp + concat},
        {"session description.mp4", "VIDEO", session},
        {"session description.m4a", "AUDIO", session},
        {"DASH manifest.mp4", "VIDEO", dash},
        {"image sequence.jpg", "IMAGE", "/etc/%03d.jpg"},
        {"image sequence.mp4", "VIDEO", "/dev/shm/%d.png"},
        {"playlist of WinAmp.mp3", "AUDIO", "[playlist]\nFile1=file:///etc/passwd\nNumberOfEntries=1\n"},
        {"subtitles.mp4", "VIDEO", "1\n00:00:00,000 --> 00:00:10,000\nhello\n"},
        {"filter graph.mp4", "VIDEO", "movie=/etc/passwd[out]"},
        {"drawing with an entity.svg", "IMAGE",
         "<?xml version=\"1.0\"?><!DOCTYPE s [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg>&x;</svg>"},
        {"drawing with a link.svg", "IMAGE", "<svg><image href=\"http://127.0.0.1:9/a.png\"/></svg>"},
        {"virtual raster.tif", "IMAGE",
         "<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\"><VRTRasterBand><SimpleSource><SourceFilename>"
         "/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"},
        {"web map.jpg", "IMAGE",
         "<GDAL_WMS><Service name=\"TMS\"><ServerUrl>http://127.0.0.1:9/</ServerUrl>"},
    };
}

std::vector<HostileFile> two_in_one(const std::vector<HostileFile>& good) {
    const std::string& jpeg = named(good, "baseline.jpg").bytes;
    const std::string& png = named(good, "true colour.png").bytes;
    const std::string& gif = named(good, "still.gif").bytes;
    const std::string& mp4 = named(good, "h264.mp4").bytes;
    const std::string& wav = named(good, "pcm.wav").bytes;
    const std::string zip = std::string("PK\x05\x06", 4) + zeros(18);
    return {
        {"picture and archive.jpg", "IMAGE", jpeg + zip},
        {"picture and script.gif", "IMAGE", gif + "/*<script>*/=1;alert(1)"},
        {"picture and film.png", "IMAGE", png + mp4},
        {"picture and film.mp4", "VIDEO", png + mp4},
        {"film and picture.mp4", "VIDEO", mp4 + jpeg},
        {"two pictures.jpg", "IMAGE", jpeg + jpeg},
        {"picture within a picture.jpg", "IMAGE", jpeg.substr(0, jpeg.size() / 2) + jpeg},
        {"sound and picture.wav", "AUDIO", wav + png},
        {"film within a sound's header.wav", "AUDIO", patched(wav, 8, "AVI ")},
        {"sound within a picture's header.webp", "IMAGE", patched(wav, 8, "WEBP")},
        {"sound behind a tag of a tag.mp3", "AUDIO",
         repeated(std::string("ID3\4\0\0\0\0\0\0", 10), 5'000) + named(good, "layer 3.mp3").bytes},
        {"picture with a comment of text.jpg", "IMAGE",
         jpeg.substr(0, 2) + "\xFF\xFE" + big(2 + 200, 2) + std::string(200, '<') + jpeg.substr(2)},
    };
}

std::vector<HostileFile> next_to_nothing() {
    std::vector<HostileFile> files;
    for (const char* kind : {"IMAGE", "AUDIO", "VIDEO"}) {
        const std::string of = std::string(" as ") + kind;
        files.push_back({"nothing" + of, kind, ""});
        files.push_back({"one byte" + of, kind, zeros(1)});
        files.push_back({"one byte 0xFF" + of, kind, "\xFF"});
        files.push_back({"three bytes" + of, kind, "\xFF\xD8\xFF"});
        files.push_back({"zeros" + of, kind, zeros(200'000)});
        files.push_back({"ones" + of, kind, std::string(100'000, '\xFF')});
        files.push_back({"noise" + of, kind, noise(100'000, 7)});
        files.push_back({"a line of text" + of, kind, "hello, world\n"});
        files.push_back({"text in 16 bits" + of, kind, std::string("\xFF\xFEh\0e\0l\0l\0o\0", 12)});
        files.push_back({"a gigabyte of zeros, packed" + of, kind, gzip_of_zeros(1'024)});
        files.push_back({"a program" + of, kind,
                         "\x7F"
                         "ELF\2\1\1" +
                             noise(500, 9)});
    }
    return files;
}

}  // namespace

std::vector<HostileFile> impostors() {
    std::vector<HostileFile> files = playlists();
    for (auto& file : two_in_one(good_files()))
        files.push_back(std::move(file));
    for (auto& file : next_to_nothing())
        files.push_back(std::move(file));
    return files;
}

}  // namespace bgm::test
