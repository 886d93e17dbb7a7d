#include "actors/catalog/snapshot.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace hub {

namespace {

constexpr std::string_view uri_scheme = "hub:";

/// Keeps names alive for tables that look at them while they are made.
class name_pool {
public:
  std::string_view keep(std::string text) {
    return texts_.emplace_back(std::move(text));
  }

private:
  std::deque<std::string> texts_;
};

std::string text_member(std::string_view object, std::string_view key) {
  return rpc::unquote(rpc::member(object, key)).value_or("");
}

/// What a template has before its first variable.
std::string_view literal_start(std::string_view uri_template) {
  return uri_template.substr(0, uri_template.find('{'));
}

/// How much of `uri` a server accounts for: all of a listed one, the literal
/// start of a template, or nothing.
size_t match_of(const server_catalogue& x, std::string_view uri) {
  for (auto& resource : x.resources)
    if (text_member(resource.view(), "uri") == uri)
      return std::string_view::npos;
  size_t best = 0;
  for (auto& entry : x.templates) {
    auto text = text_member(entry.view(), "uriTemplate");
    auto start = literal_start(text);
    if (!start.empty() && uri.starts_with(start))
      best = std::max(best, start.size());
  }
  return best;
}

} // namespace

catalog_snapshot::catalog_snapshot(std::vector<known_server> servers,
                                   std::shared_ptr<const client_policy> policy)
  : servers_(std::move(servers)), policy_(std::move(policy)) {
  name_pool pool;
  std::vector<std::string> names;
  std::vector<listed_tool> tools;
  std::vector<listed_tool> prompts;
  for (uint32_t i = 0; i < servers_.size(); ++i) {
    names.push_back(servers_[i].name);
    if (!servers_[i].enabled || !servers_[i].catalogue)
      continue;
    auto& catalogue = *servers_[i].catalogue;
    for (uint32_t j = 0; j < catalogue.tools.size(); ++j) {
      tools_.push_back({i, j});
      auto text = catalogue.tools[j].view();
      tools.push_back({i, pool.keep(text_member(text, "name"))});
      if (text.find("x-mcp-header") == std::string_view::npos)
        continue;
      auto headers = rpc::read_header_parameters(rpc::member(text, "inputSchema"));
      // Clients do not use a tool whose schema breaks the rules.
      if (!headers.fault && !headers.list.empty())
        headers_.try_emplace({servers_[i].name, std::string{tools.back().name}}, std::move(headers));
    }
    for (auto& prompt : catalogue.prompts)
      prompts.push_back({i, pool.keep(text_member(prompt.view(), "name"))});
  }
  tool_names_.emplace(names, tools);
  prompt_names_.emplace(names, prompts);
  for (uint32_t i = 0; i < servers_.size(); ++i)
    servers_[i].id = tool_names_->server_id(i);
}

std::optional<uint32_t> catalog_snapshot::find_server(std::string_view name) const {
  auto place = [this](auto i) {
    return i != servers_.end() ? std::optional{static_cast<uint32_t>(i - servers_.begin())}
                               : std::nullopt;
  };
  auto by = [&](auto projection) {
    return place(std::ranges::find(servers_, name, projection));
  };
  auto result = by(&known_server::name);
  return result ? result : by(&known_server::id);
}

std::string catalog_snapshot::exposed_uri(uint32_t server, std::string_view uri) const {
  return std::string{uri_scheme} + servers_[server].id + '/' + std::string{uri};
}

std::optional<origin> catalog_snapshot::resolve_uri(std::string_view uri) const {
  if (uri.starts_with(uri_scheme)) {
    auto rest = uri.substr(uri_scheme.size());
    auto slash = rest.find('/');
    auto id = rest.substr(0, slash);
    auto i = std::ranges::find(servers_, id, &known_server::id);
    if (slash != std::string_view::npos && i != servers_.end() && (i->enabled || i->denied))
      return origin{static_cast<uint32_t>(i - servers_.begin()), std::string{rest.substr(slash + 1)}};
  }
  size_t best = 0;
  size_t rivals = 0;
  std::optional<origin> result;
  for (uint32_t i = 0; i < servers_.size(); ++i) {
    if (!servers_[i].enabled || !servers_[i].catalogue)
      continue;
    auto match = match_of(*servers_[i].catalogue, uri);
    if (match > best) {
      best = match;
      rivals = 0;
      result = origin{i, std::string{uri}};
    } else if (match == best && match != 0) {
      ++rivals;
    }
  }
  return rivals == 0 ? result : std::nullopt;
}

const rpc::header_parameters* catalog_snapshot::headers_of(std::string_view server,
                                                           std::string_view tool) const {
  if (headers_.empty())
    return nullptr;
  auto i = headers_.find({std::string{server}, std::string{tool}});
  return i != headers_.end() ? &i->second : nullptr;
}

bool catalog_snapshot::is_gated(std::string_view server) const {
  auto i = std::ranges::find(servers_, server, &known_server::name);
  return i != servers_.end() && i->gate;
}

bool catalog_snapshot::may_call(std::string_view server, std::string_view tool) const {
  auto i = std::ranges::find(servers_, server, &known_server::name);
  return i == servers_.end() || !i->gate || i->gate->lets_through(tool);
}

snapshot_ptr catalog_snapshot::group(std::string_view name) const {
  auto i = std::ranges::find(groups_, name, &named_group::name);
  return i != groups_.end() ? i->snapshot : nullptr;
}

std::vector<std::string> catalog_snapshot::group_names() const {
  std::vector<std::string> result;
  for (auto& x : groups_)
    result.push_back(x.name);
  return result;
}

void catalog_snapshot::make_groups(const std::vector<server_group>& groups,
                                   const catalog_snapshot* before) {
  groups_.clear();
  for (auto& x : groups) {
    auto part = servers_;
    for (auto& server : part)
      if (std::ranges::find(x.servers, server.name) == x.servers.end()) {
        server.member = server.enabled = false;
        server.catalogue = nullptr;
      }
    std::shared_ptr<catalog_snapshot> known;
    if (before)
      for (auto& y : before->groups_)
        if (y.name == x.name
            && std::ranges::equal(y.snapshot->servers_, part, [](auto& a, auto& b) {
                 return a.catalogue == b.catalogue && !a.gate == !b.gate;
               }))
          known = y.snapshot;
    groups_.push_back(
      {x.name, known ? known : std::make_shared<catalog_snapshot>(std::move(part))});
  }
}

snapshot_ptr part_of(const snapshot_ptr& all, std::string_view group) {
  return group.empty() ? all : all->group(group);
}

void catalog_snapshot::build_index() {
  for (auto& x : groups_)
    if (!x.snapshot->index()) {
      // A published one must not change any more.
      auto searchable = std::make_shared<catalog_snapshot>(x.snapshot->servers_);
      searchable->build_index();
      x.snapshot = std::move(searchable);
    }
  name_pool pool;
  std::vector<server_document> servers;
  for (auto& x : servers_) {
    auto title = x.catalogue ? text_member(x.catalogue->server_info.view(), "title") : "";
    // Who searches a group shall not be told of other servers.
    servers.push_back({x.member ? std::string_view{x.name} : "", pool.keep(std::move(title))});
  }
  std::vector<tool_document> tools;
  tools.reserve(tools_.size());
  for (auto& ref : tools_) {
    auto text = tool(ref).view();
    tool_document document;
    document.server = ref.server;
    document.name = pool.keep(text_member(text, "name"));
    document.exposed_name = pool.keep(tool_names_->exposed_name(ref.server, document.name));
    document.title = pool.keep(text_member(text, "title"));
    document.description = pool.keep(text_member(text, "description"));
    rpc::for_each_member(rpc::member(rpc::member(text, "inputSchema"), "properties"),
                         [&](const rpc::json_member& x) {
                           document.parameter_names.push_back(x.key);
                           return true;
                         });
    tools.push_back(std::move(document));
  }
  index_.emplace(servers, tools);
}

} // namespace hub
