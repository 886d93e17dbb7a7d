#include "actors/slm/slm_place.hpp"

#include "actors/transport/http/http_url.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>

namespace hub {

namespace {

constexpr int usual_port = 8765;
constexpr size_t file_bytes = 64 * 1024;

std::string read_file(const std::string& folder, const char* name) {
  if (folder.empty())
    return {};
  std::ifstream in{folder + "/" + name, std::ios::binary};
  std::string text(file_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

std::string_view trimmed(std::string_view text) {
  auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string local_url(int port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

} // namespace

slm_place_settings slm_place_from(const std::function<std::string(std::string_view)>& variable) {
  slm_place_settings x;
  x.variable_url = variable("SLM_DAEMON_URL");
  x.variable_port = variable("SLM_DAEMON_PORT");
  x.install_token = variable("SLM_INSTALL_TOKEN");
  x.api_key = variable("SLM_API_KEY");
  for (auto name : {"SLM_DATA_DIR", "SL_MEMORY_PATH", "SLM_HOME"})
    if (x.folder.empty())
      x.folder = variable(name);
  if (auto home = variable("HOME"); x.folder.empty() && !home.empty())
    x.folder = home + "/.superlocalmemory";
  return x;
}

std::optional<std::string> slm_base_url(std::string_view text) {
  auto url = parse_http_url(text);
  if (!url || !url->user_info.empty() || url->target != "/")
    return std::nullopt;
  if (url->host == "localhost")
    url->host = "127.0.0.1";
  return url->origin();
}

int slm_port_of(std::string_view text) noexcept {
  text = trimmed(text);
  if (!text.empty() && text.front() == '{')
    text = rpc::member(text, "port");
  int port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port < 65536 ? port : 0;
}

slm_place find_slm(const slm_place_settings& settings) {
  slm_place result;
  auto& named = settings.url.empty() ? settings.variable_url : settings.url;
  if (!named.empty()) {
    auto url = slm_base_url(named);
    if (!url) {
      result.error = "the URL of the memory daemon is not of the form http://host:port";
      return result;
    }
    result.url = *url;
    result.on_this_machine = is_loopback(parse_http_url(*url)->host);
  } else {
    auto port = slm_port_of(settings.variable_port);
    for (auto name : {"daemon.json", "daemon.port"})
      if (port == 0)
        port = slm_port_of(read_file(settings.folder, name));
    result.url = local_url(port == 0 ? usual_port : port);
  }
  if (result.on_this_machine) {
    auto token = std::string{trimmed(read_file(settings.folder, ".install_token"))};
    auto is_hex = std::ranges::all_of(token, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (token.size() >= 16 && token.size() <= 256 && is_hex)
      result.file_token = std::move(token);
  }
  return result;
}

} // namespace hub
