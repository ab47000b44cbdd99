#include "workers/media/av/av_input.hpp"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "workers/media/av/av_allowed.hpp"
#include "workers/media/av/content_name.hpp"

namespace bgm::av {
namespace {

constexpr int kIoBufferBytes = 64 * 1024;
// One allocation of libav, at most. A decoded frame of kPixelsMaxDefault at 4 bytes a pixel fits; a claimed
// gigabyte does not.
constexpr std::size_t kAllocationBytesMax = 320U * 1024 * 1024;

thread_local std::string last_logged;

void remember_log(void* /*source*/, int level, const char* format, va_list arguments) {
    if (level > AV_LOG_ERROR) return;
    std::array<char, 200> line{};
    const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
    if (length <= 1) return;
    last_logged.assign(line.data(), std::min<std::size_t>(static_cast<std::size_t>(length), line.size() - 1));
    while (!last_logged.empty() && last_logged.back() == '\n')
        last_logged.pop_back();
    // What libav quotes from the file may be any bytes; messages must stay valid UTF-8.
    std::replace_if(
        last_logged.begin(), last_logged.end(),
        [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || static_cast<std::uint8_t>(c) > 0x7e; },
        '?');
}

void prepare_libav() {
    static std::once_flag once;
    std::call_once(once, [] {
        av_log_set_callback(remember_log);
        av_max_alloc(kAllocationBytesMax);
    });
    last_logged.clear();
}

// Refuses whatever else a container names: external tracks, keys, segments.
int refuse_to_open(AVFormatContext* /*format*/, AVIOContext** /*io*/, const char* /*url*/, int /*flags*/,
                   AVDictionary** /*options*/) {
    return AVERROR(EACCES);
}

// A codec that libav does not know stays unknown however much of it is read: an iPhone's second sound track.
bool parameters_known(const AVFormatContext& format) {
    bool any = false;
    for (unsigned i = 0; i < format.nb_streams; ++i) {
        const AVCodecParameters& codec = *format.streams[i]->codecpar;
        if (codec.codec_id == AV_CODEC_ID_NONE) continue;
        if (codec.codec_type == AVMEDIA_TYPE_AUDIO && codec.sample_rate <= 0) return false;
        if (codec.codec_type == AVMEDIA_TYPE_VIDEO && codec.width <= 0) return false;
        any = true;
    }
    return any;
}

// These containers describe their streams in the header. Looking further would decode the first frames of
// each, which costs more than everything that is done with a video afterwards.
bool header_is_enough(const AVFormatContext& format) {
    const std::string_view name = format.iformat->name;
    return (name.starts_with("mov") || name.starts_with("matroska")) && parameters_known(format);
}

// libav's own name of a container that it knows and that is not let in: for what content_name.cpp has no
// words for.
std::string name_of_refused_container(std::span<const std::byte> file) {
    constexpr std::size_t kLookedAt = 32 * 1024;
    std::vector<unsigned char> head(std::min(file.size(), kLookedAt) + AVPROBE_PADDING_SIZE);
    std::memcpy(head.data(), file.data(), head.size() - AVPROBE_PADDING_SIZE);
    const AVProbeData probe{.filename = "",
                            .buf = head.data(),
                            .buf_size = static_cast<int>(head.size() - AVPROBE_PADDING_SIZE),
                            .mime_type = nullptr};
    int score = AVPROBE_SCORE_RETRY;  // less is a guess: noise would be called something
    const AVInputFormat* format = av_probe_input_format2(&probe, 1, &score);
    if (format == nullptr || av_match_list(format->name, demuxer_list().c_str(), ',') > 0) return {};
    return format->long_name != nullptr ? format->long_name : format->name;
}

}  // namespace

std::string describe(int code) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    std::string message = text.data();
    if (!last_logged.empty()) message += " (" + last_logged + ")";
    return message;
}

int Input::read(void* opaque, std::uint8_t* buffer, int size) {
    auto& self = *static_cast<Input*>(opaque);
    if (self.budget_.spent()) return AVERROR_EXIT;
    const std::size_t left = self.file_.size() - self.position_;
    if (left == 0 || size <= 0) return AVERROR_EOF;
    const std::size_t count = std::min(left, static_cast<std::size_t>(size));
    std::memcpy(buffer, self.file_.data() + self.position_, count);
    self.position_ += count;
    return static_cast<int>(count);
}

std::int64_t Input::seek(void* opaque, std::int64_t offset, int whence) {
    auto& self = *static_cast<Input*>(opaque);
    const auto size = static_cast<std::int64_t>(self.file_.size());
    if (whence == AVSEEK_SIZE) return size;
    if (self.budget_.spent()) return AVERROR_EXIT;
    std::int64_t base = 0;
    switch (whence & ~AVSEEK_FORCE) {
        case SEEK_SET:
            break;
        case SEEK_CUR:
            base = static_cast<std::int64_t>(self.position_);
            break;
        case SEEK_END:
            base = size;
            break;
        default:
            return AVERROR(EINVAL);
    }
    std::int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return AVERROR(EINVAL);
    target = std::min(target, size);  // past the end reads as the end, as in a file
    self.position_ = static_cast<std::size_t>(target);
    return target;
}

int Input::interrupted(void* opaque) {
    return static_cast<Input*>(opaque)->budget_.spent() ? 1 : 0;
}

Result<std::unique_ptr<Input>> Input::open(std::span<const std::byte> file, const CpuBudget& budget,
                                           std::string_view wanted, std::int64_t pixels_max) {
    if (file.empty()) {
        return Error{.code = ErrorCode::corrupt, .message = "the file is empty"};
    }
    if (const std::string_view other = name_of_other_content(file); !other.empty()) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "this is " + std::string(other) + ", not " + std::string(wanted)};
    }
    if (const std::string_view container = name_of_unread_container(file); !container.empty()) {
        return Error{.code = ErrorCode::unsupported, .message = std::string(container) + " is not supported"};
    }
    prepare_libav();
    std::unique_ptr<Input> input(new Input(file, budget, pixels_max));

    auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBufferBytes));
    if (buffer == nullptr) return out_of_memory();
    input->io_.reset(
        avio_alloc_context(buffer, kIoBufferBytes, 0, input.get(), &Input::read, nullptr, &Input::seek));
    if (!input->io_) {
        av_free(buffer);
        return out_of_memory();
    }

    AVFormatContext* format = avformat_alloc_context();
    if (format == nullptr) return out_of_memory();
    format->pb = input->io_.get();
    format->flags |= AVFMT_FLAG_CUSTOM_IO;
    format->io_open = refuse_to_open;
    format->interrupt_callback = {&Input::interrupted, input.get()};
    format->probesize = 4 * 1024 * 1024;
    format->max_analyze_duration = 3 * AV_TIME_BASE;
    format->fps_probe_size = 0;
    format->max_streams = 32;
    av_opt_set(format, "format_whitelist", demuxer_list().c_str(), 0);
    av_opt_set(format, "codec_whitelist", decoder_list().c_str(), 0);
    av_opt_set(format, "protocol_whitelist", "none", 0);

    AVDictionary* demuxer_options = nullptr;
    // Edit lists cut and reorder for playback. A broken one hides every frame, and the window is not
    // sample-exact anyway.
    av_dict_set(&demuxer_options, "advanced_editlist", "0", 0);
    const int opened =
        avformat_open_input(&format, "", nullptr, &demuxer_options);  // frees `format` where it fails
    av_dict_free(&demuxer_options);
    if (opened < 0) {
        if (budget.spent()) {
            return Error{.code = ErrorCode::deadline_exceeded, .message = "reading the file took too long"};
        }
        if (const std::string container = name_of_refused_container(file); !container.empty()) {
            return Error{.code = ErrorCode::unsupported, .message = container + " is not supported"};
        }
        std::string why = describe(opened);
        if (why.find("whitelist") != std::string::npos) why = "it begins like no container that is known";
        return Error{.code = ErrorCode::corrupt,
                     .message = "not readable as " + std::string(wanted) + ": " + why};
    }
    input->format_.reset(format);

    if (!header_is_enough(*format)) {
        std::array<AVDictionary*, 32> options{};  // one per stream, as libav wants it
        const unsigned streams = format->nb_streams;
        for (unsigned i = 0; i < std::min<unsigned>(streams, options.size()); ++i) {
            av_dict_set(&options[i], "threads", "1", 0);
            av_dict_set_int(&options[i], "max_pixels", pixels_max, 0);
        }
        const int found =
            avformat_find_stream_info(format, streams > options.size() ? nullptr : options.data());
        for (auto& option : options)
            av_dict_free(&option);
        if (found < 0 && format->nb_streams == 0) {
            return Error{.code = ErrorCode::corrupt, .message = "no stream found: " + describe(found)};
        }
    }
    return input;
}

double Input::duration_s(const AVStream& stream) const {
    double seconds = 0;
    if (stream.duration != AV_NOPTS_VALUE) {
        seconds = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    } else if (format_->duration != AV_NOPTS_VALUE) {
        seconds = static_cast<double>(format_->duration) / AV_TIME_BASE;
    }
    return seconds > 0 && seconds < 1e9 ? seconds : 0;
}

}  // namespace bgm::av
