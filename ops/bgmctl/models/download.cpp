#include "ops/bgmctl/models/download.hpp"

#include <arpa/inet.h>

#include <optional>

#include "daemon/fetch/curl_handles.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/models/partial_file.hpp"
#include "ops/bgmctl/models/server_reply.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {
namespace {

constexpr int kRedirectsMax = 8;
constexpr long kConnectTimeout_s = 30;
constexpr long kSlowestBytesPerS = 1024;  // slower than this for so long ...
constexpr long kSlowFor_s = 60;           // ... is a transfer that has died

struct Address {
    std::string scheme, host, port;
    bool operator==(const Address&) const = default;

    bool this_host() const {
        if (host == "localhost" || host == "[::1]") return true;
        in_addr address{};
        return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
    }
};

std::optional<Address> address_of(const std::string& url) {
    const CurlUrl parsed(curl_url());
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
        return std::nullopt;
    return Address{.scheme = url_part(parsed, CURLUPART_SCHEME),
                   .host = url_part(parsed, CURLUPART_HOST),
                   .port = url_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

/// What one transfer is about, as curl's callbacks see it.
struct Transfer {
    ServerReply reply;
    const DownloadJob* job = nullptr;  // null: only the head is wanted
    PartialFile* file = nullptr;
    bool judged = false;
    std::optional<Error> refused;
};

Error refusal(const Transfer& transfer, const std::string& message) {
    return Error{ErrorCode::corrupt, message, transfer.job->path};
}

/// Whether the answer may be the file that is wanted. Nothing has been written by then.
std::optional<Error> disagreement(const Transfer& transfer) {
    const DownloadJob& job = *transfer.job;
    const std::string digest = transfer.reply.digest();
    if (is_sha256(digest) && !job.sha256.empty() && digest != job.sha256) {
        return refusal(transfer, "the server announces a file with the sha256 " + digest + ", expected is " +
                                     job.sha256);
    }
    const auto bytes = transfer.reply.file_bytes();
    if (bytes && *bytes != job.bytes) {
        return refusal(transfer, "the server announces " + std::to_string(*bytes) + " bytes, expected are " +
                                     std::to_string(job.bytes));
    }
    return std::nullopt;
}

/// Called once the head of an answer is there, before the first byte of its body is taken.
void judge(Transfer& transfer) {
    transfer.judged = true;
    if (transfer.job == nullptr || !transfer.reply.has_file()) return;
    transfer.refused = disagreement(transfer);
    if (transfer.refused) return;
    PartialFile& file = *transfer.file;
    if (transfer.reply.status() == 200) {
        if (auto begun = file.begin_anew(transfer.reply.strong_version()); !begun) {
            transfer.refused = begun.error();
        }
        return;
    }
    const std::string expected = "bytes " + std::to_string(file.bytes()) + "-" +
                                 std::to_string(transfer.job->bytes - 1) + "/" +
                                 std::to_string(transfer.job->bytes);
    if (transfer.reply.header("content-range") != expected) {
        transfer.refused = refusal(transfer, "the server sends another part than asked for");
    }
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
    static_cast<Transfer*>(user)->reply.take_line({data, size * count});
    return size * count;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    if (!transfer.judged) judge(transfer);
    if (transfer.refused) return 0;
    // The text of an error page, or of a redirect, is of no use.
    if (!transfer.reply.has_file()) return bytes;
    if (bytes > transfer.job->bytes - transfer.file->bytes()) {
        transfer.refused = refusal(transfer, "the server sends more than the " +
                                                 std::to_string(transfer.job->bytes) + " bytes it should");
        return 0;
    }
    if (auto written = transfer.file->append({data, bytes}); !written) {
        transfer.refused = written.error();
        return 0;
    }
    if (transfer.job->progress) transfer.job->progress(transfer.file->bytes());
    return bytes;
}

int ask_for_stop(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return interrupted() ? 1 : 0;
}

}  // namespace

struct Downloader::State {
    CurlHandle curl;
    std::string server;
    Address home;
    std::string token;

    /// One request, one answer; `transfer` has its head. Redirects and errors of the server are answers too.
    Status request(const std::string& url, Transfer& transfer);
    /// Requests until an answer is no redirect, or tells all that is asked for.
    Status follow(const std::string& path, Transfer& transfer);
    Error broken(const std::string& url, CURLcode code, const Transfer& transfer) const;
    Error declined(const std::string& path, long status) const;
};

Status Downloader::State::request(const std::string& url, Transfer& transfer) {
    const auto address = address_of(url);
    const bool plain_here = home.scheme == "http" && address && address->this_host();
    if (!address || (address->scheme != "https" && !(address->scheme == "http" && plain_here))) {
        return Error{ErrorCode::unsupported, "redirects to where only https may lead: " + url, server};
    }
    CURL* handle = curl.get();
    curl_easy_reset(handle);  // connections stay
    const auto set = [handle](auto option, auto value) { curl_easy_setopt(handle, option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "bgmctl");
    set(CURLOPT_ACCEPT_ENCODING, "identity");  // sizes are those of the file
    set(CURLOPT_CONNECTTIMEOUT, kConnectTimeout_s);
    set(CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerS);
    set(CURLOPT_LOW_SPEED_TIME, kSlowFor_s);
    set(CURLOPT_HEADERFUNCTION, take_header);
    set(CURLOPT_HEADERDATA, &transfer);
    set(CURLOPT_WRITEFUNCTION, take_body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, ask_for_stop);
    if (address->this_host()) set(CURLOPT_PROXY, "");
    if (!token.empty() && *address == home) {
        set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        set(CURLOPT_XOAUTH2_BEARER, token.c_str());
    }
    CurlList headers;
    if (transfer.job == nullptr) {
        set(CURLOPT_NOBODY, 1L);
    } else if (transfer.file->bytes() > 0) {
        const std::string range = std::to_string(transfer.file->bytes()) + "-";
        set(CURLOPT_RANGE, range.c_str());
        if (!transfer.file->version().empty()) {
            headers.reset(curl_slist_append(nullptr, ("If-Range: " + transfer.file->version()).c_str()));
            set(CURLOPT_HTTPHEADER, headers.get());
        }
    }
    transfer.reply = ServerReply(*address == home);
    transfer.judged = false;
    const CURLcode code = curl_easy_perform(handle);
    if (transfer.refused) return *transfer.refused;
    if (code != CURLE_OK) return broken(url, code, transfer);
    const char* next = nullptr;
    curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &next);
    if (next != nullptr) transfer.reply.redirect_to(next);
    if (!transfer.judged) judge(transfer);  // an answer without a body
    if (transfer.refused) return *transfer.refused;
    return ok_status();
}

Status Downloader::State::follow(const std::string& path, Transfer& transfer) {
    std::string url = server + "/" + path;
    for (int hop = 0; hop <= kRedirectsMax; ++hop) {
        if (auto answered = request(url, transfer); !answered) return answered;
        if (!transfer.reply.redirects()) {
            if (transfer.reply.has_file()) return ok_status();
            return declined(path, transfer.reply.status());
        }
        if (transfer.job == nullptr) {
            if (!transfer.reply.digest().empty() && transfer.reply.file_bytes()) return ok_status();
        } else {
            if (auto refused = disagreement(transfer)) return *refused;
        }
        url = transfer.reply.next();
    }
    return Error{ErrorCode::unavailable, "redirects without end", server};
}

Error Downloader::State::broken(const std::string& url, CURLcode code, const Transfer& transfer) const {
    const auto address = address_of(url);
    const std::string host = address ? address->host : url;
    switch (code) {
        case CURLE_ABORTED_BY_CALLBACK:
            return Error{ErrorCode::unavailable, "stopped", server};
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
            return Error{ErrorCode::unavailable, "cannot reach " + host + ": " + curl_easy_strerror(code),
                         server};
        default:
            break;
    }
    std::string message = "the connection to " + host + " broke: " + curl_easy_strerror(code);
    if (transfer.job != nullptr) {
        message += " (" + std::to_string(transfer.file->bytes()) + " of " +
                   std::to_string(transfer.job->bytes) + " bytes are here)";
    }
    return Error{ErrorCode::unavailable, message, server};
}

Error Downloader::State::declined(const std::string& path, long status) const {
    const std::string what = "the server answers " + std::to_string(status);
    switch (status) {
        case 401:
        case 403:
            return Error{ErrorCode::invalid_argument, what + ": it wants a token (--token-file), or another",
                         path};
        case 404:
            return Error{ErrorCode::not_found, what + ": it does not have this file", path};
        case 416:
            return Error{ErrorCode::corrupt, what + ": it has less of this file than is here already", path};
        default:
            return Error{ErrorCode::unavailable, what, path};
    }
}

Result<Downloader> Downloader::open(const std::string& server, const std::string& token) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    auto state = std::make_unique<State>();
    state->server = server;
    while (state->server.ends_with('/'))
        state->server.pop_back();
    const auto address = address_of(state->server);
    if (!address || (address->scheme != "https" && address->scheme != "http")) {
        return Error{ErrorCode::invalid_argument, "is no address like https://huggingface.co", server};
    }
    if (address->scheme == "http" && !address->this_host()) {
        return Error{ErrorCode::invalid_argument, "plain http goes to this host only; use https", server};
    }
    state->home = *address;
    state->token = token;
    state->curl.reset(curl_easy_init());
    if (kReady != CURLE_OK || !state->curl)
        return Error{ErrorCode::internal, "libcurl does not start", server};
    return Downloader(std::move(state));
}

Downloader::Downloader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Downloader::Downloader(Downloader&&) noexcept = default;
Downloader& Downloader::operator=(Downloader&&) noexcept = default;
Downloader::~Downloader() = default;

const std::string& Downloader::server() const {
    return state_->server;
}

Result<FileAnnouncement> Downloader::announce(const std::string& path) {
    Transfer transfer;
    if (auto answered = state_->follow(path, transfer); !answered) return answered.error();
    const auto bytes = transfer.reply.file_bytes();
    if (!bytes) return Error{ErrorCode::corrupt, "the server does not say how large this file is", path};
    return FileAnnouncement{.bytes = *bytes, .digest = transfer.reply.digest()};
}

Status Downloader::fetch(const DownloadJob& job) {
    auto file = PartialFile::open(job.partial);
    if (!file) return file.error();
    if (file->bytes() > job.bytes) {
        if (auto begun = file->begin_anew(""); !begun) return begun;
    }
    if (file->bytes() < job.bytes) {
        Transfer transfer;
        transfer.job = &job;
        transfer.file = &*file;
        if (auto answered = state_->follow(job.path, transfer); !answered) return answered;
    }
    if (file->bytes() < job.bytes) {
        return Error{ErrorCode::unavailable,
                     "the server ended after " + std::to_string(file->bytes()) + " of " +
                         std::to_string(job.bytes) + " bytes",
                     state_->server};
    }
    return file->sync();
}

}  // namespace bgm
