#include "actors/catalog/catalog.hpp"

#include "actors/policy/policy_view.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace hub {

namespace {

using pointer = wired_catalog_actor::stateful_pointer<catalog_state>;

/// How long news are collected before a snapshot is made of them: a start of
/// many servers is one change and not many.
constexpr std::chrono::milliseconds settle_time{20};

/// `news` with those lists of `known` that the server did not tell this time.
catalogue_ptr keep_untold(const catalogue_ptr& news, const server_catalogue& known) {
  auto& untold = news->untold;
  if (!untold.tools && !untold.resources && !untold.templates && !untold.prompts)
    return news;
  auto result = std::make_shared<server_catalogue>(*news);
  if (untold.tools)
    result->tools = known.tools;
  if (untold.resources)
    result->resources = known.resources;
  if (untold.templates)
    result->templates = known.templates;
  if (untold.prompts)
    result->prompts = known.prompts;
  return result;
}

/// Has the plugins told what tools a server offers that it did not before.
/// @param before Null if nothing was known.
void tell_changes(pointer self, const server_catalogue* before, const server_catalogue& after) {
  auto& plugins = self->state.plugins;
  if (!is_wanted(plugins))
    return;
  auto name_of = [](const json_text& tool) { return rpc::unquote(rpc::member(tool.view(), "name")).value_or(""); };
  std::map<std::string, std::string_view> known;
  if (before)
    for (auto& tool : before->tools)
      known.emplace(name_of(tool), tool.view());
  plugin_event::tools_changed news;
  for (auto& tool : after.tools) {
    auto name = name_of(tool);
    auto i = known.find(name);
    if (i == known.end()) {
      news.added.push_back(std::move(name));
      continue;
    }
    if (i->second != tool.view())
      news.changed.push_back(std::move(name));
    known.erase(i);
  }
  for (auto& [name, text] : known)
    news.removed.push_back(name);
  if (news.added.empty() && news.removed.empty() && news.changed.empty())
    return;
  news.server = after.server;
  news.tools = after.tools.size();
  tell_plugins(plugins, std::move(news));
}

/// Publishes first, so that lists are current at once, and builds the index
/// for searches afterwards.
void publish(pointer self) {
  auto& st = self->state;
  st.stale = false;
  auto news = std::make_shared<catalog_snapshot>(st.servers);
  news->make_groups(st.groups, st.snapshot.get());
  st.snapshot = std::move(news);
  st.views.clear();
  for (auto& reader : st.readers)
    self->send(reader, catalog_published{st.snapshot});
  self->send(self, build_search_index{});
}

void build_index(pointer self) {
  auto& st = self->state;
  if (!st.snapshot->index()) {
    // The published one must not change any more.
    auto searchable = std::make_shared<catalog_snapshot>(st.snapshot->servers());
    searchable->make_groups(st.groups, st.snapshot.get());
    searchable->build_index();
    st.snapshot = std::move(searchable);
    st.views.clear();
    for (auto& reader : st.readers)
      self->send(reader, catalog_published{st.snapshot});
  }
  for (auto& x : std::exchange(st.searchers, {}))
    x.deliver(catalog_published{st.snapshot});
}

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// Hands on what the review has found: pins to the disk, the rest to the log.
void tell_news(pointer self) {
  auto& st = self->state;
  for (auto& x : st.review.take_changed_pins())
    if (st.pin_store)
      self->send(st.pin_store, std::move(x));
  for (auto& x : st.review.take_news())
    spdlog::warn("{}", x);
}

void show_all(pointer self) {
  auto& st = self->state;
  st.review.servers_changed();
  for (auto& server : st.servers) {
    st.review.show(server, seconds_since_1970());
    server.make_cache_rules();
  }
  tell_news(self);
}

/// What a client sees, made once for all who see the same.
snapshot_ptr view_of(pointer self, const get_view& x) {
  auto& st = self->state;
  auto base = part_of(st.snapshot, x.group);
  if (!base || !x.policy)
    return base;
  auto i = std::ranges::find_if(st.views, [&](const catalog_state::view& known) {
    return known.group == x.group && known.policy->key() == x.policy->key();
  });
  if (i != st.views.end() && (!x.searchable || i->seen->index()))
    return i->seen;
  auto seen = make_view(*base, x.policy);
  if (x.searchable)
    seen->build_index();
  if (i != st.views.end())
    st.views.erase(i);
  else if (st.views.size() >= catalog_state::views_limit)
    st.views.erase(st.views.begin());
  st.views.push_back({x.group, x.policy, seen});
  return seen;
}

} // namespace

wired_catalog_actor::behavior_type catalog(pointer self, std::vector<known_server> servers,
                                     std::vector<server_group> groups, store_actor store, pin_book pins,
                                     pin_store_actor pin_store, plugin_port_ptr plugins) {
  self->state.plugins = std::move(plugins);
  self->state.servers = std::move(servers);
  self->state.review = tool_review{std::move(pins)};
  self->state.pin_store = std::move(pin_store);
  self->state.groups = std::move(groups);
  self->state.store = std::move(store);
  self->set_down_handler([self](const caf::down_msg& x) {
    std::erase_if(self->state.readers,
                  [&x](const catalog_reader& reader) { return reader.address() == x.source; });
  });
  show_all(self);
  publish(self);
  return {
    [self](const catalogue_learned& x) {
      auto& st = self->state;
      auto i = std::ranges::find(st.servers, x.catalogue->server, &known_server::name);
      if (i == st.servers.end() || i->fingerprint != x.catalogue->fingerprint)
        return;
      auto before = std::exchange(i->told, i->told ? keep_untold(x.catalogue, *i->told) : x.catalogue);
      tell_changes(self, before.get(), *i->told);
      self->send(st.store, catalogue_learned{i->told});
      st.review.show(*i, seconds_since_1970());
      i->make_cache_rules();
      tell_news(self);
      // What is held must not be called in the meantime.
      if (i->tool_changes == change_policy::hold)
        publish(self);
      else if (!std::exchange(st.stale, true))
        self->delayed_send(self, settle_time, publish_catalog{});
    },
    [self](const subscribe_catalog& x) {
      self->monitor(x.reader);
      self->state.readers.push_back(x.reader);
      self->send(x.reader, catalog_published{self->state.snapshot});
    },
    [self](const configure_catalog& x) {
      auto& st = self->state;
      auto servers = *x.servers;
      for (auto& server : servers) {
        auto i = std::ranges::find(st.servers, server.name, &known_server::name);
        if (i != st.servers.end() && i->fingerprint == server.fingerprint)
          server.told = i->told;
      }
      st.servers = std::move(servers);
      st.groups = x.groups;
      show_all(self);
      publish(self);
      return catalog_published{st.snapshot};
    },
    [self](const list_tool_changes& x) { return self->state.review.list(self->state.servers, x.server); },
    [self](const approve_tools& x) {
      auto& st = self->state;
      auto result = st.review.approve(st.servers, x, seconds_since_1970());
      if (result.ok) {
        show_all(self);
        publish(self);
      }
      return result;
    },
    [self](get_searchable) -> caf::result<catalog_published> {
      auto& st = self->state;
      if (st.snapshot->index())
        return catalog_published{st.snapshot};
      auto promise = self->make_response_promise<catalog_published>();
      st.searchers.emplace_back(promise);
      return promise;
    },
    [self](const get_view& x) { return catalog_published{view_of(self, x)}; },
    [self](publish_catalog) { publish(self); },
    [self](build_search_index) { build_index(self); },
  };
}

} // namespace hub
