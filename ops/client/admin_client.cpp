#include "ops/client/admin_client.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "ops/client/daemon_json.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

constexpr std::string_view kHeader = "BGM1/admin";

Result<nlohmann::json> read_answer(std::vector<std::string> frames) {
    if (frames.front().empty()) frames.erase(frames.begin());
    if (frames.size() != 2 || frames[0] != kHeader) {
        return Error{ErrorCode::corrupt, "the admin socket's answer is not a BGM1/admin message", ""};
    }
    auto document = nlohmann::json::parse(frames[1], nullptr, false);
    if (!document.is_object()) return Error{ErrorCode::corrupt, "the admin socket's answer is not JSON", ""};
    const auto ok = document.find("ok");
    if (ok != document.end() && ok->is_boolean() && ok->get<bool>()) {
        return nlohmann::json(document.value("result", nlohmann::json::object()));
    }
    const auto error = document.find("error");
    if (error == document.end() || !error->is_object()) {
        return Error{ErrorCode::corrupt, "the admin socket's answer has neither a result nor an error", ""};
    }
    return Error{error_code_from_name(text_at(*error, "code")).value_or(ErrorCode::internal),
                 text_at(*error, "message"), text_at(*error, "field")};
}

}  // namespace

Result<AdminClient> AdminClient::connect(const std::string& endpoint, std::chrono::milliseconds deadline) {
    auto socket = ClientSocket::open({.kind = ClientSocket::Kind::dealer,
                                      .endpoint = endpoint,
                                      .what = "the admin socket",
                                      .hint = "--admin, BGMD_ADMIN or admin.endpoint in bgmd.toml, and that "
                                              "you may open that file (it belongs to the "
                                              "daemon's user)",
                                      .topics = {},
                                      .deadline = deadline});
    if (!socket) return socket.error();
    return AdminClient(std::move(*socket), endpoint);
}

Status AdminClient::ask(const nlohmann::json& question) {
    const std::string text = json_line(question);
    const std::array<std::string_view, 3> frames{"", kHeader, text};
    return socket_.send(frames);
}

Result<std::optional<nlohmann::json>> AdminClient::answer() {
    auto frames = socket_.receive();
    if (!frames) return frames.error();
    if (frames->empty()) return std::optional<nlohmann::json>();
    auto read = read_answer(std::move(*frames));
    if (!read) return read.error();
    return std::optional<nlohmann::json>(std::move(*read));
}

Result<nlohmann::json> AdminClient::request(const nlohmann::json& question,
                                            std::chrono::milliseconds deadline) {
    if (auto asked = ask(question); !asked) return asked.error();
    const auto give_up = std::chrono::steady_clock::now() + deadline;
    while (true) {
        auto answered = answer();
        if (!answered) return answered.error();
        if (*answered) return std::move(**answered);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
        if (left.count() <= 0 || (!socket_.wait(left) && std::chrono::steady_clock::now() < give_up)) {
            return Error{ErrorCode::deadline_exceeded,
                         "the admin socket " + endpoint_ + " took the question, but no answer came in " +
                             std::to_string(deadline.count()) + " ms",
                         ""};
        }
    }
}

nlohmann::json pick_question(const std::string& tenant, const std::string& post_id) {
    return {{"op", "pick"}, {"tenant", tenant}, {"post_id", post_id}};
}

Result<PostStanding> read_standing(const nlohmann::json& result) {
    PostStanding standing;
    standing.state = text_at(result, "state");
    if (standing.state.empty()) {
        return Error{ErrorCode::corrupt, "the admin socket's answer names no state", "state"};
    }
    const auto revision = result.find("revision");
    if (revision != result.end() && revision->is_number_unsigned()) {
        standing.revision = revision->get<std::uint32_t>();
    }
    if (const auto pick = result.find("pick"); pick != result.end() && pick->is_object()) {
        v1::Pick message;
        if (auto read = read_daemon_json(pick->dump(), message); !read) return read.error();
        standing.pick = std::move(message);
    }
    if (const auto dead = result.find("dead"); dead != result.end() && dead->is_object()) {
        v1::DeadLetter message;
        if (auto read = read_daemon_json(dead->dump(), message); !read) return read.error();
        standing.dead = std::move(message);
    }
    return standing;
}

}  // namespace bgm
