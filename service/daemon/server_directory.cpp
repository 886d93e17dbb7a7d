#include "service/daemon/server_directory.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hub {

namespace {

bool is_authorization(const std::string& name) {
  constexpr std::string_view wanted = "authorization";
  return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

bool brings_authorization(const server_config& x) {
  return std::any_of(x.headers.begin(), x.headers.end(), [](auto& header) { return is_authorization(header.first); });
}

bool is_reached_alike(const server_config& a, const server_config& b) {
  return a.fingerprint == b.fingerprint && a.oauth == b.oauth;
}

} // namespace

server_directory::server_directory(const std::vector<server_config>& servers)
  : table_(std::make_shared<const table>()) {
  set(servers);
}

void server_directory::set(const std::vector<server_config>& servers) {
  auto next = std::make_shared<table>();
  for (auto& x : servers) {
    auto added = std::make_shared<entry>();
    added->config = x;
    if (x.transport != transport_kind::stdio && !brings_authorization(x)) {
      auto before = find(x.name);
      added->cell = before && before->cell && is_reached_alike(before->config, x) ? before->cell
                                                                                  : std::make_shared<bearer_cell>();
    }
    next->emplace(x.name, std::move(added));
  }
  table_.store(std::move(next));
}

std::shared_ptr<const server_directory::entry> server_directory::find(const std::string& server) const {
  auto now = table_.load();
  auto i = now->find(server);
  return i == now->end() ? nullptr : i->second;
}

} // namespace hub
