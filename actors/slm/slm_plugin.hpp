#pragma once

#include "actors/slm/memory_plugin_settings.hpp"
#include "actors/slm/recalls.hpp"
#include "actors/slm/tool_reports.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace hub {

/// Sent by the plugin to itself: something is due.
struct slm_tick {};

using slm_plugin_actor = protocol<
  caf::reacts_to<slm_tick>>::also<slm_watcher_actor>::also<recall_actor>::also<plugin_actor>::handle;

/// Tells the memory daemon what tools do, one request after the other, and recalls for clients
/// that begin. It has a thread of its own, since it reads the arguments of each call. The host
/// of the plugins owns it. If it dies, what waited to be told is lost.
struct slm_plugin_state {
  slm_plugin_state() = default;
  slm_plugin_state(const slm_plugin_state&) = delete;
  slm_plugin_state& operator=(const slm_plugin_state&) = delete;
  ~slm_plugin_state();

  memory_plugin_settings settings;
  std::unique_ptr<tool_reports> reports;
  recalls memories;
  slm_state daemon;

  /// The life of the daemon that the log tells of.
  uint64_t logged_life = 0;

  /// What was held back, and is sent before all else.
  std::optional<slm_request> held;

  /// Nothing is sent before it.
  tool_reports::time quiet_until{};
  bool sending = false;
  bool ticking = false;
  bool recalls_wanted = true;

  /// What the daemon has seen of the use of tools is not asked for before.
  tool_reports::time behaviour_at{};

  /// It ends when all is told, at the latest then.
  std::optional<tool_reports::time> ends_at;

  uint64_t told = 0;
  uint64_t refused = 0;

  /// Why the last one was refused.
  std::string why;

  static constexpr const char* name = "slm-plugin";
};

slm_plugin_actor::behavior_type slm_plugin(slm_plugin_actor::stateful_pointer<slm_plugin_state> self,
                                           memory_plugin_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_tick)
