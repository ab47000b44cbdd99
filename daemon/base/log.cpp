#include "daemon/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"

namespace bgm {
namespace {

std::atomic<bool> as_json{false};

// As JSON, which escapes the first 32 control characters; DEL and those of C1, which terminals obey as well,
// follow.
std::string dumped(const nlohmann::json& value) {
    const std::string text = json_line(value);
    std::string safe;
    safe.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (byte == 0x7F) {
            safe += "\\u007f";
        } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
            safe += fmt::format("\\u{:04x}", next);
            ++i;
        } else {
            safe += text[i];
        }
    }
    return safe;
}

// A value that came from outside must not be able to start a new line, look like another field or steer the
// terminal of who reads it.
std::string quoted(const std::string& value) {
    const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char byte) {
        return byte > 0x20 && byte < 0x7F && byte != '"' && byte != '=' && byte != '\\';
    });
    return plain ? value : dumped(value);
}

void write(spdlog::level::level_enum level, std::string_view message, LogFields fields) {
    auto& logger = *spdlog::default_logger_raw();
    if (!logger.should_log(level)) return;
    if (as_json) {
        nlohmann::json line{{"level", spdlog::level::to_string_view(level).data()}, {"message", message}};
        for (const auto& [key, value] : fields)
            line[std::string(key)] = value;
        // The time is put in front by the pattern, the closing brace comes from the object.
        logger.log(level, "{}", dumped(line).substr(1));
        return;
    }
    std::string text(message);
    for (const auto& [key, value] : fields)
        text += " " + std::string(key) + "=" + quoted(value);
    logger.log(level, "{}", text);
}

}  // namespace

void start_log(std::string_view level, std::string_view format) {
    auto logger = spdlog::stderr_logger_mt("bgmd");
    spdlog::set_default_logger(logger);
    as_json = format == "json";
    spdlog::set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)" : "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v",
                        spdlog::pattern_time_type::utc);
    spdlog::set_level(spdlog::level::from_str(std::string(level)));
}

void log_debug(std::string_view message, LogFields fields) {
    write(spdlog::level::debug, message, fields);
}
void log_info(std::string_view message, LogFields fields) {
    write(spdlog::level::info, message, fields);
}
void log_warn(std::string_view message, LogFields fields) {
    write(spdlog::level::warn, message, fields);
}
void log_error(std::string_view message, LogFields fields) {
    write(spdlog::level::err, message, fields);
}

}  // namespace bgm
