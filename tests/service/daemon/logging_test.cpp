#include "service/daemon/logging.hpp"

#include "actors/call/call_log.hpp"
#include "messages/redaction.hpp"
#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("logging");

namespace {

/// What the log writes, in one format.
struct log_text {
  std::ostringstream text;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();

  explicit log_text(std::unique_ptr<spdlog::formatter> format) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    sink->set_formatter(std::move(format));
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("hub", sink));
  }

  ~log_text() {
    spdlog::set_default_logger(before);
  }

  std::string take() {
    auto result = text.str();
    text.str({});
    return result;
  }
};

trace_id some_trace() {
  return read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")->trace;
}

} // namespace

TEST_CASE("a line is one JSON object with what a log store looks for") {
  log_text log{json_line_format()};
  spdlog::warn("server {} said \"no\"\nand more", "git");
  auto line = log.take();
  REQUIRE(line.ends_with("}\n"));
  line.pop_back();
  CHECK_FALSE(rpc::check_json(line));
  CHECK(line.find('\n') == std::string::npos);
  CHECK(rpc::member(line, "level") == "\"warning\"");
  CHECK(rpc::member(line, "logger") == "\"hub\"");
  CHECK(rpc::unquote(rpc::member(line, "msg")) == "server git said \"no\" and more");
  CHECK(rpc::member(line, "ts").size() == 26);
  CHECK(rpc::member(line, "request_id").empty());
}

TEST_CASE("a line about a call tells its ids in both forms") {
  {
    log_text log{json_line_format()};
    call_log("\"a:b\"", some_trace())->warn("it is slow");
    auto line = log.take();
    CHECK(rpc::member(line, "request_id") == "\"a:b\"");
    CHECK(rpc::member(line, "trace_id") == "\"0af7651916cd43dd8448eb211c80319c\"");
    call_log("7", {})->warn("it is slow");
    line = log.take();
    CHECK(rpc::member(line, "request_id") == "\"7\"");
    CHECK(rpc::member(line, "trace_id").empty());
  }
  log_text log{text_line_format("%l %*")};
  call_log("7", some_trace())->warn("it is slow");
  CHECK(log.take() == "warning it is slow [request 7] [trace 0af7651916cd43dd8448eb211c80319c]\n");
  spdlog::warn("it is slow");
  CHECK(log.take() == "warning it is slow\n");
}

TEST_CASE("what comes from outside can neither pass for ids nor steer a terminal") {
  log_text log{json_line_format()};
  call_log("\"x\",\"msg\":\"forged\x1b[2J\"", {})->warn("{}", R"(said "trace_id":"forged")");
  auto line = log.take();
  line.pop_back();
  CHECK_FALSE(rpc::check_json(line));
  CHECK(rpc::member(line, "trace_id").empty());
  CHECK(rpc::unquote(rpc::member(line, "msg")) == R"(said "trace_id":"forged")");
  CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("values of secrets are masked in both forms") {
  process_redaction().add("s3cr3t-of-the-log");
  {
    log_text log{json_line_format()};
    spdlog::warn("the key is s3cr3t-of-the-log");
    CHECK(log.take().find("s3cr3t") == std::string::npos);
  }
  log_text log{text_line_format("%*")};
  spdlog::warn("the key is s3cr3t-of-the-log");
  CHECK(log.take() == "the key is ***\n");
}
