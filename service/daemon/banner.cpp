#include "service/daemon/banner.hpp"

#include "messages/percent_text.hpp"
#include "service/config/client_setup.hpp"

#include <algorithm>
#include <string_view>

namespace hub {

namespace {

bool is_broken(const server_status& x) {
  return x.state == server_state::failed || x.state == server_state::backing_off;
}

std::string count_of(size_t n, const char* what) {
  return std::to_string(n) + " " + what;
}

} // namespace

std::string server_summary(const hub_status& status) {
  auto all = status.servers;
  std::erase_if(all, [](const server_status& x) { return x.session != 0; });
  auto count = [&all](auto what) { return static_cast<size_t>(std::ranges::count_if(all, what)); };
  auto known = count([](auto& x) { return x.tools >= 0; });
  auto ready = count([](auto& x) { return x.state == server_state::ready; });
  auto disabled = count([](auto& x) { return x.state == server_state::disabled; });
  auto broken = count(is_broken);
  auto unknown = count([](auto& x) {
    return x.tools < 0 && x.state != server_state::disabled && !is_broken(x);
  });
  size_t tools = 0;
  for (auto& x : all)
    tools += x.tools > 0 ? static_cast<size_t>(x.tools) : 0;
  auto text = count_of(all.size(), "configured, ") + count_of(known, "known (")
              + count_of(tools, "tools), ") + count_of(ready, "running");
  if (unknown != 0)
    text += ", " + count_of(unknown, "to be learnt");
  if (disabled != 0)
    text += ", " + count_of(disabled, "disabled");
  if (broken != 0)
    text += ", " + count_of(broken, "failed");
  text += '\n';
  for (auto& x : all) {
    if (!is_broken(x))
      continue;
    text += "  failed: " + x.name + " " + x.last_error + "\n";
    if (!x.last_stderr.empty())
      text += "    it said: " + x.last_stderr.back() + "\n";
    if (!x.fix.empty())
      text += "    fix: " + x.fix + "\n";
  }
  return text;
}

bool is_settling(const hub_status& status) {
  return status.starts_running != 0 || status.starts_queued != 0;
}

std::string ready_banner(const std::string& endpoint, const std::string& config_file,
                         const std::vector<server_group>& groups, const hub_status& status,
                         bool token_required, const std::string& fingerprint, const std::string& own_certificate,
                         const std::string& memory) {
  std::string addresses;
  for (auto& x : groups)
    addresses += (addresses.empty() ? "  groups    " : "            ") + endpoint + "/g/"
                 + percent_encode(x.name) + "  (" + count_of(x.servers.size(), "servers)\n");
  return "slm-hub " HUB_VERSION " is ready\n"
         "  endpoint  " + endpoint + "\n"
         + addresses
         + (fingerprint.empty() ? "" : "  tls       SHA-256 " + fingerprint + "\n")
         + (own_certificate.empty() ? "" : "            clients have to trust " + own_certificate
                                             + " (Claude Code, Codex, Gemini: NODE_EXTRA_CA_CERTS)\n") +
         "  config    " + config_file + "\n"
         + (memory.empty() ? "" : "  memory    " + memory + "\n") +
         "  servers   " + server_summary(status) + "\n"
         + client_setup_text(endpoint, token_required) + "\n"
         "See how it is: slm-hub status    Find a tool: slm-hub search WORDS    End it: Ctrl-C\n";
}

} // namespace hub
