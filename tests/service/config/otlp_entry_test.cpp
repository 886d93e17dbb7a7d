#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("otlp_entry");

namespace {

hub_config read(const std::string& text, const variable_map& environment = {}) {
  auto parsed = parse_config(text, "config.json");
  REQUIRE(parsed);
  auto applied = apply_environment(std::move(*parsed), environment);
  REQUIRE(applied);
  return std::move(*applied);
}

std::string refusal(const std::string& text) {
  auto parsed = parse_config(text, "config.json");
  return parsed ? "" : to_string(parsed.errors());
}

} // namespace

TEST_CASE("without a collector nothing is sent") {
  CHECK(read("{}").otlp.url.empty());
  CHECK(read(R"({"otlp": false})").otlp.url.empty());
  CHECK(read("{}").telemetry);
  CHECK_FALSE(read(R"({"telemetry": false})").telemetry);
}

TEST_CASE("the address of a collector gets the path of traces if it has none") {
  auto url = [](const std::string& endpoint) { return read(R"({"otlp": {"endpoint": ")" + endpoint + "\"}}").otlp.url; };
  CHECK(url("http://127.0.0.1:4318") == "http://127.0.0.1:4318/v1/traces");
  CHECK(url("https://collector/otlp/") == "https://collector/otlp/v1/traces");
  CHECK(url("https://collector/v1/traces") == "https://collector/v1/traces");
}

TEST_CASE("headers are sent and shown masked") {
  auto config = read(R"({"otlp": {"endpoint": "https://c", "headers": {"X-Key": "s3cr3t"}, "sample": 0.5, "service": "mine"}})");
  CHECK(config.otlp.headers == std::vector<std::pair<std::string, std::string>>{{"X-Key", "s3cr3t"}});
  CHECK(config.otlp.sample == .5);
  CHECK(config.otlp.service == "mine");
  auto shown = render_config_for_display(config);
  CHECK(shown.find("X-Key") != std::string::npos);
  CHECK(shown.find("s3cr3t") == std::string::npos);
}

TEST_CASE("the variables of OpenTelemetry win over the file") {
  const std::string file = R"({"otlp": {"endpoint": "https://file", "service": "file"}})";
  auto config = read(file, {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://env:4318/"},
                            {"OTEL_EXPORTER_OTLP_HEADERS", " x-key = a%20b , y=2"},
                            {"OTEL_SERVICE_NAME", "env"}});
  CHECK(config.otlp.url == "http://env:4318/v1/traces");
  CHECK(config.otlp.headers == std::vector<std::pair<std::string, std::string>>{{"x-key", "a b"}, {"y", "2"}});
  CHECK(config.otlp.service == "env");
  CHECK(read(file, {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://env/as-it-is"}}).otlp.url == "http://env/as-it-is");
  CHECK(read(file, {{"OTEL_SDK_DISABLED", "true"}}).otlp.url.empty());
  CHECK(read(file, {{"OTEL_TRACES_EXPORTER", "none"}}).otlp.url.empty());
  CHECK(read(file, {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}).warnings.size() == 1);
}

TEST_CASE("what cannot be is refused, without the words of a secret") {
  CHECK(refusal(R"({"otlp": {"endpoint": "collector:4318"}})").find("otlp.endpoint") != std::string::npos);
  CHECK(refusal(R"({"otlp": {"endpoint": "http://c", "sample": 2}})").find("otlp.sample") != std::string::npos);
  CHECK(refusal(R"({"otlp": {"endpoint": "http://c", "header": {}}})").find("header") != std::string::npos);
  CHECK(refusal(R"({"otlp": {"endpoint": "http://c", "headers": {"a b": "c"}}})").find("cannot be a header") != std::string::npos);
  CHECK(refusal(R"({"otlp": true})").find("otlp") != std::string::npos);
  CHECK(refusal(R"({"log_format": "xml"})").find("log_format") != std::string::npos);
  auto parsed = parse_config("{}", "config.json");
  auto applied = apply_environment(std::move(*parsed), {{"OTEL_EXPORTER_OTLP_HEADERS", "s3cr3t"}});
  REQUIRE_FALSE(applied);
  CHECK(to_string(applied.errors()).find("s3cr3t") == std::string::npos);
}
