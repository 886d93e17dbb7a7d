#include "service/daemon/logging.hpp"

#include "messages/printable_line.hpp"
#include "messages/redaction.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// Each takes some 400 bytes, used or not.
constexpr size_t queue_lines = 512;
constexpr size_t file_bytes = 4 << 20;
constexpr size_t old_files = 3;

/// What a line says, `%*`: names and words of clients and servers are in it, and must neither begin a line of their
/// own nor steer the terminal that shows them. Values of secrets are masked.
class printable_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    auto line = printable_line(process_redaction().apply({message.payload.data(), message.payload.size()}));
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<printable_message>();
  }
};

std::unique_ptr<spdlog::formatter> line_format(std::string pattern) {
  auto result = std::make_unique<spdlog::pattern_formatter>();
  result->add_flag<printable_message>('*').set_pattern(std::move(pattern));
  return result;
}

} // namespace

void start_logging(const std::filesystem::path& folder, const std::string& level, bool to_console) {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_formatter(line_format("%H:%M:%S %^%l%$ %*"));
  std::vector<spdlog::sink_ptr> sinks;
  std::string broken;
  try {
    std::filesystem::create_directories(folder);
    auto old = ::umask(0077);
    auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      (folder / "hub.log").string(), file_bytes, old_files);
    ::umask(old);
    file->set_formatter(line_format("%Y-%m-%dT%H:%M:%S.%e%z %l %*"));
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
