#include "service/config/otlp_entry.hpp"

#include "service/config/server_entry.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr std::string_view traces_path = "/v1/traces";
constexpr auto endpoint_fix = "write it like http://127.0.0.1:4318";

/// Where traces go at a collector (OTLP 1.x, "OTLP/HTTP Request"): a base gets the path of traces.
std::string traces_url(std::string base) {
  while (base.ends_with('/'))
    base.pop_back();
  return base.ends_with(traces_path) ? base : base.append(traces_path);
}

bool is_header(std::string_view name, std::string_view value) {
  auto is_token = [](unsigned char c) { return c > 0x20 && c < 0x7f && std::string_view{"()<>@,;:\\\"/[]?={}"}.find(static_cast<char>(c)) == std::string_view::npos; };
  return !name.empty() && std::ranges::all_of(name, is_token)
         && std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// `text` without `%41`.
std::string decoded(std::string_view text) {
  std::string result;
  auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    auto high = i + 2 < text.size() && text[i] == '%' ? digit(text[i + 1]) : -1;
    auto low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low < 0) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

/// `name=value,name=value`, as in W3C Baggage.
bool read_headers(std::string_view text, std::vector<std::pair<std::string, std::string>>& to) {
  while (!text.empty()) {
    auto end = text.find(',');
    auto item = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (item.empty())
      continue;
    auto equals = item.find('=');
    if (equals == std::string_view::npos)
      return false;
    auto name = std::string{trimmed(item.substr(0, equals))};
    auto value = decoded(trimmed(item.substr(equals + 1)));
    if (!is_header(name, value))
      return false;
    to.emplace_back(std::move(name), std::move(value));
  }
  return true;
}

} // namespace

void read_otlp(const config_value& value, value_reader& reader, hub_config::otlp_config& x) {
  if (value.is(kind::boolean) && !value.boolean)
    return;
  if (!value.is(kind::object))
    return reader.wrong_type(value, "otlp", "an object or false", R"(write it like {"endpoint": "http://127.0.0.1:4318"})");
  reader.check_unique(value, "otlp");
  for (auto& [key, at, item] : value.members) {
    auto label = "otlp." + key;
    if (key == "endpoint") {
      auto url = reader.string(item, label).value_or("");
      if (is_http_url(url))
        x.url = traces_url(std::move(url));
      else
        reader.fail(item.begin, "otlp.endpoint is no address of a collector", endpoint_fix);
    } else if (key == "headers") {
      x.headers = reader.string_pairs(item, label);
      for (auto& [name, text] : x.headers)
        if (!is_header(name, text))
          reader.fail(item.begin, "otlp.headers: \"" + name + "\" cannot be a header", "use letters, digits and - in its name");
    } else if (key == "sample") {
      x.sample = reader.number(item, label, 0, 1).value_or(1);
    } else if (key == "service") {
      x.service = reader.string(item, label).value_or(x.service);
    } else {
      reader.fail(at, "otlp: \"" + key + "\" is no part of it", "use endpoint, headers, sample and service");
    }
  }
  if (x.url.empty())
    reader.warn(value.begin, "otlp names no endpoint, so no traces are sent", "add \"endpoint\"");
}

void apply_otlp_environment(hub_config& config, const variable_map& environment, std::vector<config_error>& errors) {
  auto given = [&](const char* name) {
    auto* value = find_variable(environment, name);
    return value && !value->empty() ? value : nullptr;
  };
  auto says = [&](const char* name, const char* word) {
    auto* value = given(name);
    return value && *value == word;
  };
  auto& x = config.otlp;
  if (says("OTEL_SDK_DISABLED", "true") || says("OTEL_TRACES_EXPORTER", "none")) {
    x.url.clear();
    return;
  }
  for (auto [name, whole] : {std::pair{"OTEL_EXPORTER_OTLP_ENDPOINT", false}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", true}}) {
    auto* url = given(name);
    if (!url)
      continue;
    if (!is_http_url(*url))
      errors.push_back({name, "\"" + *url + "\" is no address of a collector", endpoint_fix});
    else
      x.url = whole ? *url : traces_url(*url);
  }
  for (auto* name : {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"})
    if (auto* protocol = given(name); protocol && *protocol == "grpc" && !x.url.empty())
      config.warnings.push_back({name, "traces are sent over HTTP, not by gRPC",
                                 "name a port of the collector that takes http/protobuf, usually 4318"});
  for (auto* name : {"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"})
    if (auto* headers = given(name); headers && !read_headers(*headers, x.headers))
      // The text may be a secret.
      errors.push_back({name, "is no list of headers", "write it like name=value,name=value"});
  if (auto* service = given("OTEL_SERVICE_NAME"))
    x.service = *service;
}

} // namespace hub
