#include "tests/end_to_end/http_client.hpp"

#include <curl/curl.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace bgm::test {
namespace {

constexpr long kAnswerWithin_s = 30;

struct List {
    curl_slist* entries = nullptr;
    ~List() { curl_slist_free_all(entries); }
    void add(const std::string& line) { entries = curl_slist_append(entries, line.c_str()); }
};

CURL* new_handle() {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_ALL);
    CURL* handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
    if (handle == nullptr) throw std::runtime_error("libcurl cannot start");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    return handle;
}

std::size_t append(const char* bytes, std::size_t size, std::size_t count, void* text) {
    static_cast<std::string*>(text)->append(bytes, size * count);
    return size * count;
}

// libcurl asks once a second at the latest, also where nothing comes.
int is_over(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

}  // namespace

struct HttpClient::Handle {
    CURL* curl = new_handle();
    List headers;
    ~Handle() { curl_easy_cleanup(curl); }
};

HttpClient::HttpClient(const Stack& stack, const std::string& key)
    : address_(stack.env("BGMD_GATEWAY")), handle_(std::make_unique<Handle>()) {
    handle_->headers.add("Authorization: Bearer " + key);
    handle_->headers.add("Expect:");
    curl_easy_setopt(handle_->curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle_->curl, CURLOPT_TIMEOUT, kAnswerWithin_s);
}

HttpClient::~HttpClient() = default;

HttpClient::Answer HttpClient::post(const std::string& path, const std::string& json) {
    List headers;
    for (const curl_slist* line = handle_->headers.entries; line != nullptr; line = line->next)
        headers.add(line->data);
    headers.add("Content-Type: application/json");
    curl_easy_setopt(handle_->curl, CURLOPT_URL, (address_ + path).c_str());
    curl_easy_setopt(handle_->curl, CURLOPT_HTTPHEADER, headers.entries);
    curl_easy_setopt(handle_->curl, CURLOPT_MIMEPOST, nullptr);
    curl_easy_setopt(handle_->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(json.size()));
    curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDS, json.data());
    return perform();
}

HttpClient::Answer HttpClient::post(const std::string& path, const std::vector<Part>& parts) {
    const std::unique_ptr<curl_mime, void (*)(curl_mime*)> form(curl_mime_init(handle_->curl),
                                                                curl_mime_free);
    for (const Part& part : parts) {
        curl_mimepart* added = curl_mime_addpart(form.get());
        curl_mime_name(added, part.name.c_str());
        curl_mime_type(added, part.type.c_str());
        curl_mime_data(added, part.bytes.data(), part.bytes.size());
        if (!part.file_name.empty()) curl_mime_filename(added, part.file_name.c_str());
    }
    curl_easy_setopt(handle_->curl, CURLOPT_URL, (address_ + path).c_str());
    curl_easy_setopt(handle_->curl, CURLOPT_HTTPHEADER, handle_->headers.entries);
    curl_easy_setopt(handle_->curl, CURLOPT_MIMEPOST, form.get());
    Answer answer = perform();
    curl_easy_setopt(handle_->curl, CURLOPT_MIMEPOST, nullptr);
    return answer;
}

HttpClient::Answer HttpClient::ask(const std::string& method, const std::string& path) {
    curl_easy_setopt(handle_->curl, CURLOPT_URL, (address_ + path).c_str());
    curl_easy_setopt(handle_->curl, CURLOPT_HTTPHEADER, handle_->headers.entries);
    curl_easy_setopt(handle_->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(handle_->curl, CURLOPT_CUSTOMREQUEST, method.c_str());
    Answer answer = perform();
    curl_easy_setopt(handle_->curl, CURLOPT_CUSTOMREQUEST, nullptr);
    return answer;
}

HttpClient::Answer HttpClient::perform() {
    Answer answer;
    curl_easy_setopt(handle_->curl, CURLOPT_WRITEDATA, &answer.body);
    const bool whole = curl_easy_perform(handle_->curl) == CURLE_OK;
    long made = 0;
    curl_easy_getinfo(handle_->curl, CURLINFO_NUM_CONNECTS, &made);
    connections_ += made;
    if (whole) curl_easy_getinfo(handle_->curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
}

EventReader::EventReader(const Stack& stack)
    : url_(stack.env("BGMD_GATEWAY") + "/v1/events"),
      key_("Authorization: Bearer " + stack.env("BGMD_API_KEY")),
      thread_([this](const std::stop_token& stop) { follow(stop); }) {}

EventReader::~EventReader() {
    thread_.request_stop();
}

bool EventReader::has_seen(const std::string& post_id) const {
    const std::scoped_lock lock(mutex_);
    return events_.contains(post_id);
}

std::size_t EventReader::seen() const {
    const std::scoped_lock lock(mutex_);
    return events_.size();
}

std::size_t EventReader::told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
}

std::vector<std::string> EventReader::faults() const {
    const std::scoped_lock lock(mutex_);
    return faults_;
}

void EventReader::follow(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        List headers;
        headers.add(key_);
        if (knows_last_) headers.add("Last-Event-ID: " + std::to_string(last_));
        const std::unique_ptr<CURL, void (*)(CURL*)> handle(new_handle(), curl_easy_cleanup);
        curl_easy_setopt(handle.get(), CURLOPT_URL, url_.c_str());
        curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.entries);
        curl_easy_setopt(handle.get(), CURLOPT_FAILONERROR, 1L);
        curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, this);
        curl_easy_setopt(handle.get(), CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, is_over);
        curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, &stop);
        begun_ = false;
        partial_.clear();
        id_.clear();
        data_.clear();
        curl_easy_perform(handle.get());
        // Not at once again: a machine that starts a stack has better things to do.
        if (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

std::size_t EventReader::take(const char* bytes, std::size_t size, std::size_t count, void* reader) {
    auto& self = *static_cast<EventReader*>(reader);
    if (!self.begun_) ++self.streams_;
    self.begun_ = true;
    self.partial_.append(bytes, size * count);
    for (std::size_t end = 0; (end = self.partial_.find('\n')) != std::string::npos;) {
        self.take_line(self.partial_.substr(0, end));
        self.partial_.erase(0, end + 1);
    }
    return size * count;
}

void EventReader::take_line(const std::string& line) {
    if (line.starts_with("id: ")) id_ = line.substr(4);
    if (line.starts_with("data: ")) data_ += line.substr(6);
    if (!line.empty()) return;
    // An empty line ends an event. Without data it is none, but what it says of where we are counts.
    std::uint64_t id = 0;
    const auto parsed = std::from_chars(id_.data(), id_.data() + id_.size(), id);
    const std::string data = std::exchange(data_, {});
    if (id_.empty()) return;
    const std::scoped_lock lock(mutex_);
    if (parsed.ec != std::errc{} || parsed.ptr != id_.data() + id_.size()) faults_.push_back("id " + id_);
    if (data.empty()) {
        if (knows_last_ && id != last_)
            faults_.push_back("resumed at " + id_ + " and not at " + std::to_string(last_));
    } else {
        if (knows_last_ && id <= last_)
            faults_.push_back(id_ + " came behind " + std::to_string(last_) + ": " + data);
        const auto event = nlohmann::json::parse(data, nullptr, false);
        const std::string post_id = event.is_object() ? event.value("post_id", "") : "";
        if (post_id.empty()) faults_.push_back("an event of no post: " + data);
        events_.insert(post_id);
        ++told_;
    }
    last_ = id;
    knows_last_ = true;
    id_.clear();
}

}  // namespace bgm::test
