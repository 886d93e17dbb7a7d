#include "messages/plugin.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace hub {

namespace {

/// In the order of `plugin_hook`.
constexpr std::array<std::string_view, plugin_hook_count> hook_names{
  "hub_started", "hub_stopping",     "session_started",     "session_ended", "before_call",
  "after_call",  "server_connected", "server_disconnected", "tools_changed"};

/// The hooks of the alternatives of `plugin_event::kind`, in their order.
constexpr plugin_hook hooks_of_events[] = {
  plugin_hook::hub_started,      plugin_hook::hub_stopping,        plugin_hook::session_started, plugin_hook::session_ended,
  plugin_hook::server_connected, plugin_hook::server_disconnected, plugin_hook::tools_changed};

static_assert(std::variant_size_v<plugin_event::kind> == std::size(hooks_of_events));

} // namespace

std::string_view to_string(plugin_hook x) noexcept {
  return hook_names[static_cast<size_t>(x)];
}

std::optional<plugin_hook> plugin_hook_of(std::string_view name) noexcept {
  auto i = std::ranges::find(hook_names, name);
  if (i == hook_names.end())
    return std::nullopt;
  return static_cast<plugin_hook>(i - hook_names.begin());
}

plugin_hook plugin_event::hook() const noexcept {
  return hooks_of_events[what.index()];
}

void tell_plugins(const plugin_port_ptr& port, plugin_event::kind what) {
  if (is_wanted(port))
    caf::anon_send(port->to, plugin_news{std::make_shared<const plugin_event>(
                               plugin_event{std::chrono::system_clock::now(), std::move(what)})});
}

} // namespace hub
