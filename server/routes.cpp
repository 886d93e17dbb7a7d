#include "server/routes.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace hub {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// Takes `prefix` off the front of `text` if it is there.
bool take(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// A place that belongs to the server whose encoded name is `name`.
route of_server(place where, std::string_view name) {
  route result{where, {}, {}};
  if (name.empty() || !percent_decode(name, result.server))
    return {};
  return result;
}

/// The value of the item of a query that starts with `key`, as it is written;
/// empty if there is none.
std::string_view find_item(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto item = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (take(item, key))
      return item;
  }
  return {};
}

/// Takes from a query how many tools its client wants to see.
void read_wanted_tools(std::string_view query, route& to) {
  constexpr std::string_view key = "tools=";
  if (!query.starts_with(key) && query.find("&tools=") == std::string_view::npos)
    return;
  auto text = find_item(query, key);
  uint16_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  to.wrong_tools = text.empty() || end != text.data() + text.size()
                   || (error != std::errc{} && error != std::errc::result_out_of_range);
  if (!to.wrong_tools)
    to.tools = error == std::errc{} ? std::min(number, most_tools) : most_tools;
}

/// What is behind `/mcp/`. Words are told from names before names are decoded.
route find_door(std::string_view path, std::string_view query) {
  route result{place::mcp};
  read_wanted_tools(query, result);
  constexpr std::string_view stream = "/sse";
  if (path.size() > stream.size() && path.ends_with(stream)) {
    result.place = place::sse;
    result.session = find_item(query, "sessionId=");
    path.remove_suffix(stream.size());
  }
  auto rest = path;
  if (take(rest, "g/") && !rest.empty()) {
    auto slash = rest.find('/');
    if (!percent_decode(rest.substr(0, slash), result.group) || result.group.empty())
      return {};
    path = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    if (path.empty())
      return slash == std::string_view::npos ? result : route{};
  }
  if (path.empty() || !percent_decode(path, result.server))
    return {};
  return result;
}

route find_api(std::string_view path, std::string_view query) {
  if (path == "health")
    return {place::api_health};
  if (path == "status")
    return {place::api_status};
  if (path == "servers")
    return {place::api_servers};
  for (std::string_view name : {"calls", "cost", "embeddings", "learn", "mesh", "plugins", "traces"})
    if (path == name)
      return {place::api_report, std::string{name}, {}, {}, std::string{query}};
  if (path == "learn/reset" || path == "mesh/send")
    return {place::api_act, std::string{path}, {}, {}, std::string{query}};
  if (path == "tokens/reload")
    return {place::api_access};
  if (path == "stop")
    return {place::api_stop};
  if (path == "restart")
    return {place::api_begin};
  if (path == "reload")
    return {place::api_reload};
  if (path == "cache")
    return {place::api_cache};
  if (path == "tools" || path == "changes" || path == "cache/clear") {
    route result{path == "tools" ? place::api_tools : path == "changes" ? place::api_changes : place::api_cache_clear};
    return percent_decode(find_item(query, "server="), result.server) ? result : route{};
  }
  if (!take(path, "servers/"))
    return {};
  for (std::string_view verb : {"/restart", "/reconnect"})
    if (path.size() > verb.size() && path.ends_with(verb))
      return of_server(place::api_restart, path.substr(0, path.size() - verb.size()));
  if (std::string_view verb = "/login"; path.size() > verb.size() && path.ends_with(verb)) {
    auto result = of_server(place::api_login, path.substr(0, path.size() - verb.size()));
    result.query = query;
    return result;
  }
  if (std::string_view verb = "/approve"; path.size() > verb.size() && path.ends_with(verb)) {
    auto result = of_server(place::api_approve, path.substr(0, path.size() - verb.size()));
    return percent_decode(find_item(query, "tool="), result.query) ? result : route{};
  }
  if (std::string_view verb = "/logout"; path.size() > verb.size() && path.ends_with(verb))
    return of_server(place::api_logout, path.substr(0, path.size() - verb.size()));
  return of_server(place::api_server, path);
}

/// Where the path of a target begins.
size_t path_start(std::string_view target) noexcept {
  if (target.starts_with('/'))
    return 0;
  for (std::string_view scheme : {"http://", "https://"})
    if (same_but_case(target.substr(0, scheme.size()), scheme)) {
      auto end = target.find_first_of("/?", scheme.size());
      return end == std::string_view::npos ? target.size() : end;
    }
  return 0;
}

} // namespace

bool percent_decode(std::string_view text, std::string& result) {
  result.clear();
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3)
      return false;
    auto high = hex_digit(text[i + 1]);
    auto low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0)
      return false;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::string_view authority_of(std::string_view target) noexcept {
  auto end = path_start(target);
  if (end == 0)
    return {};
  auto start = target.find("//") + 2;
  return target.substr(start, end - start);
}

std::string_view path_of(std::string_view target) noexcept {
  auto path = target.substr(path_start(target));
  return path.substr(0, path.find('?'));
}

route find_route(std::string_view target) {
  auto path = target.substr(path_start(target));
  auto question = path.find('?');
  auto query = question == std::string_view::npos ? "" : path.substr(question + 1);
  path = path.substr(0, question);
  if (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  if (take(path, "/mcp/"))
    return find_door(path, query);
  if (path == "/mcp" || path == "/sse") {
    route result{path == "/mcp" ? place::mcp : place::sse};
    if (result.place == place::sse)
      result.session = find_item(query, "sessionId=");
    read_wanted_tools(query, result);
    return result;
  }
  if (path == "/health" || path == "/healthz" || path == "/health/live")
    return {place::live};
  if (path == "/health/ready")
    return {place::ready};
  if (path == "/metrics")
    return {place::metrics, "metrics"};
  if (path == login_end_path)
    return {place::login_end, {}, {}, {}, std::string{query}};
  if (take(path, "/api/"))
    return find_api(path, query);
  return {};
}

bool takes(place where, http_method method) noexcept {
  if (method == http_method::options)
    return true;
  switch (where) {
    case place::mcp:
      return method == http_method::get || method == http_method::post
             || method == http_method::erase;
    case place::sse:
      return method == http_method::get || method == http_method::post;
    case place::api_act:
    case place::api_restart:
    case place::api_stop:
    case place::api_begin:
    case place::api_access:
    case place::api_reload:
    case place::api_logout:
    case place::api_approve:
    case place::api_cache_clear:
      return method == http_method::post;
    case place::api_login:
      return method == http_method::post || method == http_method::get;
    case place::login_end:
      // A browser that only looks ahead must not use up the code.
      return method == http_method::get;
    case place::nowhere:
      return true;
    default:
      return method == http_method::get || method == http_method::head;
  }
}

std::string_view allowed_methods(place where) noexcept {
  switch (where) {
    case place::mcp:
      return "GET, POST, DELETE, OPTIONS";
    case place::sse:
      return "GET, POST, OPTIONS";
    case place::api_act:
    case place::api_restart:
    case place::api_stop:
    case place::api_begin:
    case place::api_access:
    case place::api_reload:
    case place::api_logout:
    case place::api_approve:
    case place::api_cache_clear:
      return "POST, OPTIONS";
    case place::api_login:
      return "GET, POST, OPTIONS";
    case place::login_end:
      return "GET, OPTIONS";
    default:
      return "GET, HEAD, OPTIONS";
  }
}

} // namespace hub
