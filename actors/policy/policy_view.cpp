#include "actors/policy/policy_view.hpp"

#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

namespace {

/// `all` without what the client may not use.
catalogue_ptr visible_part(const catalogue_ptr& all, const std::string& server, const client_policy& policy) {
  auto denied = [&](const json_text& tool) {
    auto name = rpc::unquote(rpc::member(tool.view(), "name")).value_or("");
    return policy.decide(server, name).act == permission::deny;
  };
  auto result = std::make_shared<server_catalogue>(*all);
  auto left_out = std::erase_if(result->tools, denied);
  if (policy.decide(server).act == permission::deny) {
    left_out += result->resources.size() + result->templates.size() + result->prompts.size();
    result->resources.clear();
    result->templates.clear();
    result->prompts.clear();
  }
  return left_out == 0 ? all : catalogue_ptr{std::move(result)};
}

} // namespace

std::shared_ptr<catalog_snapshot> make_view(const catalog_snapshot& base, client_policy_ptr policy) {
  auto servers = base.servers();
  for (auto& x : servers) {
    if (!x.member || !x.enabled)
      continue;
    if (!policy->shows(x.name)) {
      x.member = x.enabled = false;
      x.denied = true;
      x.catalogue = nullptr;
    } else if (x.catalogue) {
      x.catalogue = visible_part(x.catalogue, x.name, *policy);
    }
  }
  return std::make_shared<catalog_snapshot>(std::move(servers), std::move(policy));
}

} // namespace hub
