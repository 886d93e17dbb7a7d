#include "server/client_contexts.hpp"

#include "messages/rpc/json_scan.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace hub {

namespace {

std::string text_of(std::string_view object, std::string_view key) {
  return rpc::unquote(rpc::member(object, key)).value_or("");
}

} // namespace

client_contexts::client_contexts(std::shared_ptr<const permission_cell> permissions) : cell_(std::move(permissions)) {
  if (cell_) {
    version_ = cell_->version();
    permissions_ = cell_->load();
  }
}

void client_contexts::refresh() {
  if (!cell_ || cell_->version() == version_)
    return;
  version_ = cell_->version();
  permissions_ = cell_->load();
  latest_ = {};
}

client_contexts::pointer client_contexts::make(era era, std::string_view version, std::string_view info,
                                               std::string_view capabilities, const caller& sender) const {
  auto result = std::make_shared<client_context>();
  result->era = era;
  result->protocol_version = version;
  result->name = text_of(info, "name");
  result->version = text_of(info, "version");
  result->info = json_text{std::string{info}};
  result->capabilities = json_text{std::string{capabilities}};
  result->who = sender.who;
  result->project = sender.project;
  if (permissions_)
    result->policy = permissions_->policy_of(
      {result->name, sender.who ? std::string_view{sender.who->role} : "", sender.project});
  return result;
}

client_contexts::pointer client_contexts::of(const stateless_claim& claim, const caller& sender) {
  refresh();
  if (claim.info.size() + claim.capabilities.size() > largest_kept)
    return make(era::stateless, claim.version, claim.info, claim.capabilities, sender);
  std::hash<std::string_view> hash;
  auto& slot = latest_[(hash(claim.info) ^ (hash(claim.capabilities) << 1)) % kept];
  if (!slot || slot->protocol_version != claim.version || slot->info.view() != claim.info
      || slot->capabilities.view() != claim.capabilities || slot->who != sender.who || slot->project != sender.project)
    slot = make(era::stateless, claim.version, claim.info, claim.capabilities, sender);
  return slot;
}

client_contexts::pointer client_contexts::of_initialize(const json_text& params, const caller& sender) {
  refresh();
  auto wanted = text_of(params.view(), "protocolVersion");
  return make(era::handshake, negotiate(wanted), rpc::member(params.view(), "clientInfo"),
              rpc::member(params.view(), "capabilities"), sender);
}

} // namespace hub
