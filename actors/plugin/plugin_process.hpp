#pragma once

#include "actors/plugin/plugin_entry.hpp"
#include "actors/plugin/plugin_protocol.hpp"
#include "messages/plugin.hpp"
#include "messages/reply.hpp"
#include "messages/transport.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace hub {

/// Starts the program of a plugin for the given owner, or says why it cannot. What waits for
/// its stdin is counted in the last one, which is not null.
using plugin_opener = std::function<std::variant<transport_actor, plugin_stopped>(
  caf::actor_system&, const transport_owner&, std::shared_ptr<std::atomic<size_t>>)>;

/// What a run of a plugin that is a program needs to know.
struct plugin_process_settings {
  plugin_description plugin;
  uint64_t run = 0;
  plugin_owner owner;
  std::shared_ptr<plugin_gauge> gauge;
  plugin_opener open;
};

/// Sent by the actor to itself: looks for verdicts that are late.
struct process_tick {};

using plugin_process_actor = protocol<
  caf::reacts_to<process_tick>>::also<transport_owner>::also<plugin_actor>::handle;

/// One run of a plugin that is a program: owns its transport and the verdicts that are owed,
/// is owned by the plugin host. It says to the program what `plugin_protocol` makes of what
/// happens. When the program ends it tells its owner why, and quits; when it is killed, the
/// program goes with it and `reply` answers for it.
struct plugin_process_state {
  plugin_process_state() = default;

  plugin_process_settings settings;
  std::optional<plugin_protocol> protocol;
  transport_actor transport;

  /// Bytes that wait for the program's stdin.
  std::shared_ptr<std::atomic<size_t>> unwritten = std::make_shared<std::atomic<size_t>>(0);

  std::map<int64_t, reply<call_verdict>> owed;
  std::chrono::milliseconds time_limit = default_verdict_limit;
  int64_t pid = 0;

  /// Why it is ended; nothing as long as it is not, or somebody wanted it.
  std::optional<plugin_stopped> failed;
  bool closing = false;
  bool ticking = false;

  static constexpr const char* name = "plugin";
};

plugin_process_actor::behavior_type
plugin_process(plugin_process_actor::stateful_pointer<plugin_process_state> self, plugin_process_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::process_tick)
