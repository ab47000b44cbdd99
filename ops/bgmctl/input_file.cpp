// The one place of bgmctl that knows zlib and zstd.
#include "ops/bgmctl/input_file.hpp"

#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

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
struct FreeZstd {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
    }
    return hash;
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
    std::unique_ptr<z_stream, EndInflate> inflater;
    std::unique_ptr<ZSTD_DStream, FreeZstd> zstd;

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

    Result<std::size_t> read_gzip(std::span<char> buffer) {
        while (true) {
            auto more = refill();
            if (!more) return more.error();
            if (!*more) {
                if (inside_frame) return damaged("the gzip data ends in the middle");
                return std::size_t{0};
            }
            if (!inside_frame) {  // gzip files may hold several members after each other
                inflateReset(inflater.get());
                inside_frame = true;
            }
            inflater->next_in = reinterpret_cast<Bytef*>(chunk.data() + chunk_begin);
            inflater->avail_in = static_cast<uInt>(chunk_end - chunk_begin);
            inflater->next_out = reinterpret_cast<Bytef*>(buffer.data());
            inflater->avail_out = static_cast<uInt>(buffer.size());
            const int result = inflate(inflater.get(), Z_NO_FLUSH);
            chunk_begin = chunk_end - inflater->avail_in;
            if (result == Z_STREAM_END) {
                inside_frame = false;
            } else if (result != Z_OK && result != Z_BUF_ERROR) {
                return damaged("the gzip data is damaged");
            }
            if (const std::size_t got = buffer.size() - inflater->avail_out; got > 0) return got;
        }
    }

    Result<std::size_t> read_zstd(std::span<char> buffer) {
        while (true) {
            auto more = refill();
            if (!more) return more.error();
            // A frame can still hold back decoded bytes when its last compressed byte has been taken.
            ZSTD_inBuffer in{chunk.data(), chunk_end, chunk_begin};
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            if (!*more && !inside_frame) return std::size_t{0};
            const std::size_t result = ZSTD_decompressStream(zstd.get(), &out, &in);
            if (ZSTD_isError(result)) {
                return damaged(std::string("the zstd data is damaged (") + ZSTD_getErrorName(result) + ")");
            }
            chunk_begin = in.pos;
            inside_frame = result != 0;
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
    state->head_hash = fnv1a(bytes);
    if (bytes.starts_with("\x1f\x8b")) {
        state->coding = Coding::gzip;
        state->inflater.reset(new z_stream{});
        if (inflateInit2(state->inflater.get(), MAX_WBITS + 16) != Z_OK) {
            return Error{ErrorCode::internal, "zlib does not start", path};
        }
        state->inside_frame = true;
    } else if (bytes.starts_with("\x28\xb5\x2f\xfd")) {
        state->coding = Coding::zstd;
        state->zstd.reset(ZSTD_createDStream());
        ZSTD_DCtx_setParameter(state->zstd.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
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
std::uint64_t InputFile::head_hash() const {
    return state_->head_hash;
}

}  // namespace bgm
