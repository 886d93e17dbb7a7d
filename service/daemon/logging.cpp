#include "service/daemon/logging.hpp"

#include "actors/call/call_log.hpp"
#include "messages/printable_line.hpp"
#include "messages/redaction.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/time_text.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// Each takes some 400 bytes, used or not.
constexpr size_t queue_lines = 512;
constexpr size_t file_bytes = 4 << 20;
constexpr size_t old_files = 3;

std::string said_by(const spdlog::details::log_msg& message) {
  return process_redaction().apply({message.payload.data(), message.payload.size()});
}

std::optional<call_mark> mark_of(const spdlog::details::log_msg& message) {
  return read_call_mark({message.logger_name.data(), message.logger_name.size()});
}

/// What a line says, `%*`: names and words of clients and servers are in it, and must neither begin a line of their
/// own nor steer the terminal that shows them.
class printable_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    auto line = printable_line(said_by(message));
    if (auto mark = mark_of(message)) {
      auto add = [&line](std::string_view name, std::string_view text) {
        if (!text.empty())
          line.append(" [").append(name).append(" ").append(printable_line(text)).append("]");
      };
      add("request", mark->request);
      add("trace", mark->trace);
    }
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<printable_message>();
  }
};

class json_lines : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string line = R"({"ts":")";
    append_time(line, message.time);
    auto level = spdlog::level::to_string_view(message.level);
    line.append(R"(","level":")").append(level.data(), level.size()).append(R"(","logger":"hub","msg":)");
    rpc::append_quoted(line, printable_line(said_by(message)));
    if (auto mark = mark_of(message)) {
      if (!mark->request.empty()) {
        line += R"(,"request_id":)";
        // An id is a text or a number; as a text it can be searched for.
        rpc::append_quoted(line, rpc::unquote(mark->request).value_or(std::string{mark->request}));
      }
      if (!mark->trace.empty())
        line.append(R"(,"trace_id":")").append(mark->trace).append("\"");
    }
    line += "}\n";
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<formatter> clone() const override {
    return std::make_unique<json_lines>();
  }
};

/// The format of lines that go to a terminal, or elsewhere.
std::unique_ptr<spdlog::formatter> format_for(log_format wanted, bool is_terminal, const char* pattern) {
  auto as_text = wanted == log_format::text || (wanted == log_format::automatic && is_terminal);
  return as_text ? text_line_format(pattern) : json_line_format();
}

} // namespace

log_format log_format_of(std::string_view text) noexcept {
  return text == "json" ? log_format::json : text == "text" ? log_format::text : log_format::automatic;
}

std::unique_ptr<spdlog::formatter> json_line_format() {
  return std::make_unique<json_lines>();
}

std::unique_ptr<spdlog::formatter> text_line_format(std::string pattern) {
  auto result = std::make_unique<spdlog::pattern_formatter>();
  result->add_flag<printable_message>('*').set_pattern(std::move(pattern));
  return result;
}

void start_logging(const std::filesystem::path& folder, const std::string& level, log_format format, bool to_console) {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_formatter(format_for(format, ::isatty(STDERR_FILENO) == 1, "%H:%M:%S %^%l%$ %*"));
  std::vector<spdlog::sink_ptr> sinks;
  std::string broken;
  try {
    std::filesystem::create_directories(folder);
    auto old = ::umask(0077);
    auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      (folder / "hub.log").string(), file_bytes, old_files);
    ::umask(old);
    file->set_formatter(format_for(format, false, "%Y-%m-%dT%H:%M:%S.%e%z %l %*"));
    sinks.push_back(std::move(file));
  } catch (const std::exception& x) {
    broken = x.what();
  }
  // A log that has no file is better in the way than lost.
  if (to_console || sinks.empty())
    sinks.insert(sinks.begin(), console);
  spdlog::init_thread_pool(queue_lines, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
    "hub", sinks.begin(), sinks.end(), spdlog::thread_pool(),
    spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  if (!broken.empty())
    spdlog::warn("the log goes to stderr only: {}", broken);
}

void stop_logging() {
  spdlog::shutdown();
}

} // namespace hub
