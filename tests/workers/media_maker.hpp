// Media made at test time: synthesised music, voices and moving scenes, encoded through libav into real
// files.
//
// So no clip of unclear licence lies in the repository, and a test says in its spec what can be heard or
// seen. The same spec gives the same bytes on the same machine. Any failure is a std::runtime_error: a broken
// test, not a finding.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bgm::test {

enum class AudioFormat { wav, flac, ogg_vorbis, ogg_opus, mp3, m4a_aac, adts_aac };

/// Two bars of a chord progression, repeated: chords, a bass and a melody on the beat, with a percussive
/// click.
struct MusicSpec {
    bool minor = false;
    double tempo_bpm = 120;
    double loudness_db = -12;  // of the peak, full scale is 0
    double brightness = 0.5;   // 0: nearly sines, 1: many strong partials
    bool staccato = true;      // short notes with hard attacks; otherwise long soft ones
    double seconds = 10;
    int sample_rate_hz = 44'100;
    AudioFormat format = AudioFormat::wav;
};

/// Something like speech: syllables of a buzz through moving formants, with pauses and a wandering pitch.
struct VoiceSpec {
    double pitch_hz = 120;
    double pitch_range_semitones = 4;
    double syllables_per_s = 4;
    double loudness_db = -12;
    double brightness = 0.3;
    double seconds = 5;
    int sample_rate_hz = 44'100;
    AudioFormat format = AudioFormat::wav;
};

struct Colour {
    std::uint8_t red = 0, green = 0, blue = 0;
};

enum class Scene {
    still,   // a bright disc on the background, not moving
    moving,  // the disc crosses the frame twice a second
    cuts,    // the background changes to another colour twice a second
    black,
    marked,  // red in the top half, blue in the bottom half: shows whether a rotation was applied
};

enum class VideoFormat {
    mp4_h264,
    mp4_hevc,
    mp4_mpeg4,
    mp4_av1,
    mov_h264,
    webm_vp8,
    webm_vp9,
    webm_av1,
    mkv_h264,
    avi_mpeg4
};

struct VideoSpec {
    VideoFormat format = VideoFormat::mp4_h264;
    int width = 320;
    int height = 240;
    int frames_per_s = 25;
    double seconds = 4;
    Scene scene = Scene::moving;
    /// Draws the picture at a time in seconds instead of `scene`: width * height * 3 bytes of RGB.
    std::function<std::vector<std::uint8_t>(double)> picture{};
    Colour background{60, 120, 200};
    int key_frame_every = 25;
    int b_frames =
        0;  // H.264 only: frames between two that refer to both, so that decoders hand frames out late
    /// x264 and x265: how much they try. "ultrafast" leaves out what phones do not (arithmetic codes,
    /// deblocking).
    const char* preset = "ultrafast";
    int bits_per_s = 2'000'000;
    int rotation_degrees = 0;    // written as a display matrix; clockwise, as a player would turn it
    bool variable_rate = false;  // every third frame is left out
    int packets_lost = 0;        // of the pictures, at the beginning: the file starts between two key frames
    bool pictures = true;        // false: a video file with sound only
    std::optional<MusicSpec> sound{};  // its format and seconds are ignored: they follow the video
};

std::vector<float> music_samples(const MusicSpec& spec);
std::vector<float> voice_samples(const VoiceSpec& spec);
/// White noise, uniform, of the given peak; the same for the same seed.
std::vector<float> noise_samples(double seconds, int sample_rate_hz, double loudness_db,
                                 std::uint32_t seed = 1);

/// The bytes of a file with this mono sound on both of its two channels.
std::string encode_audio(std::span<const float> mono, int sample_rate_hz, AudioFormat format);

std::string make_music_clip(const MusicSpec& spec = {});
std::string make_voice_clip(const VoiceSpec& spec = {});
std::string make_silent_clip(double seconds = 5, AudioFormat format = AudioFormat::wav);
std::string make_noise_clip(double seconds = 5, AudioFormat format = AudioFormat::wav);
std::string make_video_clip(const VideoSpec& spec = {});

inline std::span<const std::byte> as_bytes(const std::string& file) {
    return std::as_bytes(std::span(file.data(), file.size()));
}

}  // namespace bgm::test
