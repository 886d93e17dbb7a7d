#include "service/daemon/logging.hpp"

#include "messages/redaction.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>

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

/// Masks the values of secrets in what a pattern makes of a line.
class masking_formatter final : public spdlog::formatter {
public:
  explicit masking_formatter(std::string pattern) : pattern_(std::move(pattern)), inner_(pattern_) {
    // nop
  }

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    auto text = process_redaction().apply({message.payload.data(), message.payload.size()});
    auto masked = message;
    masked.payload = text;
    inner_.format(masked, to);
    message.color_range_start = masked.color_range_start;
    message.color_range_end = masked.color_range_end;
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<masking_formatter>(pattern_);
  }

private:
  std::string pattern_;
  spdlog::pattern_formatter inner_;
};

} // namespace

void start_logging(const std::filesystem::path& folder, const std::string& level, bool to_console) {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_formatter(std::make_unique<masking_formatter>("%H:%M:%S %^%l%$ %v"));
  std::vector<spdlog::sink_ptr> sinks;
  std::string broken;
  try {
    std::filesystem::create_directories(folder);
    auto old = ::umask(0077);
    auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      (folder / "hub.log").string(), file_bytes, old_files);
    ::umask(old);
    file->set_formatter(std::make_unique<masking_formatter>("%Y-%m-%dT%H:%M:%S.%e%z %l %v"));
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
