// The one place of bgmctl that knows zlib and zstd.
#include "ops/bgmctl/input/input_file.hpp"

#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

#include "fusion/stable_hash.hpp"
#include "ops/bgmctl/input/file_kind.hpp"
#include "schemas/free_with.hpp"

namespace bgm {
namespace {

constexpr std::size_t kChunkBytes = 128 * 1024;
constexpr std::size_t kHeadBytes = 4096;
// 128 MiB of history is what zstd writes without --ultra --long; a frame that asks for more is refused.
constexpr int kZstdWindowLogMax = 27;

enum class Coding { plain, gzip, zstd };

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
struct EndInflate {
    void operator()(z_stream* stream) const {
        inflateEnd(stream);
        delete stream;  // NOLINT: owned by the unique_ptr that calls this
    }
};

bool is_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
}
// A file may begin with a skippable frame (any of sixteen numbers): pzstd writes one first.
bool is_zstd(std::string_view bytes) {
    if (bytes.starts_with("\x28\xb5\x2f\xfd")) return true;
    return bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50 &&
           bytes.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

struct InputFile::State {
    std::string path;
    std::unique_ptr<std::FILE, CloseFile> file;
    Coding coding = Coding::plain;
    std::uint64_t bytes_on_disk = 0;
    std::uint64_t bytes_taken = 0;
    std::uint64_t head_hash = 0;
    std::vector<char> chunk = std::vector<char>(kChunkBytes);  // compressed bytes that wait
    std::size_t chunk_begin = 0;
    std::size_t chunk_end = 0;
    bool inside_frame = false;  // the compressed stream must not end here
    bool any_frame = false;     // one has been read to its end
    bool finished = false;      // what follows is not read
    std::uint64_t ignored_bytes = 0;
    std::unique_ptr<z_stream, EndInflate> inflater;
    std::unique_ptr<ZSTD_DStream, FreeWith<ZSTD_freeDStream>> zstd;

    Error damaged(const std::string& why) const {
        return Error{ErrorCode::corrupt, why + " near byte " + std::to_string(bytes_taken), path};
    }

    /// False at the end of the file.
    Result<bool> refill() {
        if (chunk_begin < chunk_end) return true;
        chunk_begin = 0;
        chunk_end = std::fread(chunk.data(), 1, chunk.size(), file.get());
        bytes_taken += chunk_end;
        if (chunk_end == 0 && std::ferror(file.get())) {
            return Error{ErrorCode::unavailable, std::strerror(errno), path};
        }
        return chunk_end > 0;
    }

    std::string_view waiting() const { return {chunk.data() + chunk_begin, chunk_end - chunk_begin}; }

    /// Has at least `bytes` waiting, where the file still has so many.
    Status gather(std::size_t bytes) {
        if (waiting().size() >= bytes) return ok_status();
        std::memmove(chunk.data(), chunk.data() + chunk_begin, waiting().size());
        chunk_end = waiting().size();
        chunk_begin = 0;
        const std::size_t got = std::fread(chunk.data() + chunk_end, 1, chunk.size() - chunk_end, file.get());
        chunk_end += got;
        bytes_taken += got;
        if (got == 0 && std::ferror(file.get())) {
            return Error{ErrorCode::unavailable, std::strerror(errno), path};
        }
        return ok_status();
    }

    /// Between two frames: passes over the zeros that tapes and block-wise copies leave there. False at the
    /// end of the file.
    Result<bool> find_next_frame() {
        while (true) {
            auto more = refill();
            if (!more) return more.error();
            if (!*more) return false;
            const std::size_t zeros = std::min(waiting().find_first_not_of('\0'), waiting().size());
            chunk_begin += any_frame ? zeros : 0;
            if (!waiting().empty()) break;
        }
        if (auto gathered = gather(4); !gathered) return gathered.error();
        return true;
    }

    /// As gunzip does: what follows the last member and is no gzip is left alone.
    Result<std::size_t> ignore_the_rest() {
        finished = true;
        ignored_bytes = bytes_on_disk - std::min(bytes_on_disk, bytes_taken - waiting().size());
        bytes_taken = bytes_on_disk;
        return std::size_t{0};
    }

    Result<std::size_t> read_gzip(std::span<char> buffer) {
        while (!finished) {
            if (!inside_frame) {  // gzip files may hold several members after each other
                auto more = find_next_frame();
                if (!more) return more.error();
                if (!*more) return std::size_t{0};
                if (any_frame && !is_gzip(waiting())) return ignore_the_rest();
                inflateReset(inflater.get());
                inside_frame = true;
            }
            auto more = refill();
            if (!more) return more.error();
            if (!*more) return damaged("the gzip data ends in the middle");
            inflater->next_in = reinterpret_cast<Bytef*>(chunk.data() + chunk_begin);
            inflater->avail_in = static_cast<uInt>(chunk_end - chunk_begin);
            inflater->next_out = reinterpret_cast<Bytef*>(buffer.data());
            inflater->avail_out = static_cast<uInt>(buffer.size());
            const int result = inflate(inflater.get(), Z_NO_FLUSH);
            chunk_begin = chunk_end - inflater->avail_in;
            if (result == Z_STREAM_END) {
                inside_frame = false;
                any_frame = true;
            } else if (result != Z_OK && result != Z_BUF_ERROR) {
                return damaged("the gzip data is damaged");
            }
            if (const std::size_t got = buffer.size() - inflater->avail_out; got > 0) return got;
        }
        return std::size_t{0};
    }

    Error zstd_error(std::size_t result) const {
        switch (ZSTD_getErrorCode(result)) {
            case ZSTD_error_frameParameter_windowTooLarge:
                return Error{ErrorCode::unsupported,
                             "this zstd file needs more than 128 MiB of history (it was written with --ultra "
                             "or --long above 27); unpack it with `zstd -d --long=31`, or compress it with "
                             "--long=27 at most",
                             path};
            case ZSTD_error_dictionary_wrong:
                return Error{ErrorCode::unsupported,
                             "this zstd file was written with a dictionary, which is not here; unpack it "
                             "with `zstd -d -D DICTIONARY`",
                             path};
            default:
                return damaged(std::string("the zstd data is damaged (") + ZSTD_getErrorName(result) + ")");
        }
    }

    Result<std::size_t> read_zstd(std::span<char> buffer) {
        while (true) {
            if (!inside_frame) {
                auto more = find_next_frame();
                if (!more) return more.error();
                if (!*more) return std::size_t{0};
                if (!is_zstd(waiting())) return damaged("something else than zstd follows the zstd data");
                inside_frame = true;
            }
            auto more = refill();
            if (!more) return more.error();
            // A frame can still hold back decoded bytes when its last compressed byte has been taken.
            ZSTD_inBuffer in{chunk.data(), chunk_end, chunk_begin};
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            const std::size_t result = ZSTD_decompressStream(zstd.get(), &out, &in);
            if (ZSTD_isError(result)) return zstd_error(result);
            chunk_begin = in.pos;
            inside_frame = result != 0;
            any_frame = any_frame || !inside_frame;
            if (out.pos > 0) return out.pos;
            if (!*more && inside_frame) return damaged("the zstd data ends in the middle");
        }
    }
};

InputFile::InputFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

Result<InputFile> InputFile::open(const std::string& path) {
    auto state = std::make_unique<State>();
    state->path = path;
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return Error{ErrorCode::not_found, "there is no such file", path};
    if (!S_ISREG(info.st_mode)) return Error{ErrorCode::invalid_argument, "is not a file", path};
    state->file.reset(std::fopen(path.c_str(), "rb"));
    if (!state->file) return Error{ErrorCode::not_found, std::strerror(errno), path};
    state->bytes_on_disk = static_cast<std::uint64_t>(info.st_size);

    std::array<char, kHeadBytes> head{};
    const std::string_view bytes(head.data(), std::fread(head.data(), 1, head.size(), state->file.get()));
    std::rewind(state->file.get());
    state->head_hash = fnv1a64(bytes);
    if (is_gzip(bytes)) {
        state->coding = Coding::gzip;
        state->inflater.reset(new z_stream{});
        if (inflateInit2(state->inflater.get(), MAX_WBITS + 16) != Z_OK) {
            return Error{ErrorCode::internal, "zlib does not start", path};
        }
    } else if (is_zstd(bytes)) {
        state->coding = Coding::zstd;
        state->zstd.reset(ZSTD_createDStream());
        ZSTD_DCtx_setParameter(state->zstd.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    } else if (const std::string kind = foreign_file_kind(bytes.substr(0, kFileKindBytes)); !kind.empty()) {
        return Error{ErrorCode::unsupported, "this is " + kind, path};
    }
    return InputFile(std::move(state));
}

Result<std::size_t> InputFile::read(std::span<char> buffer) {
    if (buffer.empty()) return std::size_t{0};
    switch (state_->coding) {
        case Coding::gzip:
            return state_->read_gzip(buffer);
        case Coding::zstd:
            return state_->read_zstd(buffer);
        case Coding::plain:
            break;
    }
    const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), state_->file.get());
    if (got == 0 && std::ferror(state_->file.get())) {
        return Error{ErrorCode::unavailable, std::strerror(errno), state_->path};
    }
    state_->bytes_taken += got;
    return got;
}

Status InputFile::skip(std::uint64_t bytes) {
    const Error too_short{ErrorCode::corrupt, "is shorter than it was", state_->path};
    if (state_->coding == Coding::plain) {
        if (state_->bytes_taken + bytes > state_->bytes_on_disk) return too_short;
        if (fseeko(state_->file.get(), static_cast<off_t>(bytes), SEEK_CUR) != 0) {
            return Error{ErrorCode::unavailable, std::strerror(errno), state_->path};
        }
        state_->bytes_taken += bytes;
        return ok_status();
    }
    std::vector<char> passed_over(kChunkBytes);
    while (bytes > 0) {
        auto got = read(std::span(passed_over).first(std::min<std::uint64_t>(bytes, passed_over.size())));
        if (!got) return got.error();
        if (*got == 0) return too_short;
        bytes -= *got;
    }
    return ok_status();
}

std::uint64_t InputFile::bytes_on_disk() const {
    return state_->bytes_on_disk;
}
std::uint64_t InputFile::bytes_taken() const {
    return state_->bytes_taken;
}
std::uint64_t InputFile::ignored_bytes() const {
    return state_->ignored_bytes;
}
std::uint64_t InputFile::head_hash() const {
    return state_->head_hash;
}

}  // namespace bgm
