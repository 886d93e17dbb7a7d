#pragma once

#include "actors/plugin/plugin_entry.hpp"
#include "messages/plugin.hpp"
#include "messages/report.hpp"
#include "messages/reply.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace hub {

/// A run of a plugin that is to be begun.
struct plugin_order {
  const plugin_description& plugin;

  /// Goes into what it tells its owner.
  uint64_t run = 0;

  plugin_owner owner;

  /// Not null.
  std::shared_ptr<plugin_gauge> gauge;
};

/// Makes the actor of a run. It must not block, and the actor must not tell anything before
/// its first turn.
using plugin_maker = std::function<plugin_actor(caf::actor_system&, const plugin_order&)>;

struct plugin_host_settings {
  /// Of the calls that end; `wanted` says whether any plugin hears of them. Not null.
  std::shared_ptr<observer_gauge> gauge;

  /// Not null.
  std::shared_ptr<plugin_port> port;

  /// Plugins that are compiled in, by their names.
  std::map<std::string, plugin_maker> compiled_in{};

  /// Makes those that are programs.
  plugin_maker make_program;

  /// How long one may take to shake hands.
  std::chrono::milliseconds start_limit{10'000};

  /// How long one may take to end before it is killed. Longer than what a transport gives a
  /// program.
  std::chrono::milliseconds stop_limit{6'000};

  /// Decides the lengths of pauses.
  uint32_t seed = 1;
};

/// The plugins that count from now on. Those that are as before go on.
struct configure_plugins {
  std::vector<plugin_description> plugins;

  /// Where programs are looked for, for people.
  std::string folder;
};

/// Tells the host whose calls plugins may deny: the call path, which the host has to be known
/// to first.
struct meet_guarded {
  guarded_actor calls;
};

/// Ends all plugins. The answer comes when no program is left.
struct stop_plugins {};

struct plugins_stopped {};

/// Sent by the host to itself: something is due. One that was overtaken has an old number.
struct host_tick {
  uint64_t number = 0;
};

/// Owns the plugins: it starts, restarts and ends them, tells each what it wants to hear, as
/// long as there is room in its mailbox, and tells the call path who is to be asked before
/// calls. It is owned by the daemon and driven by events; nobody waits for it. If it dies, the
/// plugins are killed and calls go on unasked.
using plugin_host_actor = protocol<
  caf::replies_to<stop_plugins>::with<plugins_stopped>,
  caf::reacts_to<configure_plugins>,
  caf::reacts_to<meet_guarded>,
  caf::reacts_to<host_tick>>::also<plugin_news_actor>::also<plugin_owner>::also<call_observer_actor>::also<report_actor>::handle;

struct plugin_host_state {
  plugin_host_state() = default;
  plugin_host_state(const plugin_host_state&) = delete;
  plugin_host_state& operator=(const plugin_host_state&) = delete;

  /// Kills what runs.
  ~plugin_host_state();

  plugin_host_settings settings;
  std::string folder;

  /// By name.
  std::map<std::string, plugin_entry> plugins;

  /// What is told to plugins that come later.
  plugin_event_ptr started;

  /// Null until it is known.
  guarded_actor calls;

  /// Whom the call path asks.
  call_guards guards;

  uint64_t runs = 0;
  std::minstd_rand random;

  /// When the tick with the number `ticks` comes.
  std::optional<lifecycle::time_point> armed;
  uint64_t ticks = 0;

  bool stopping = false;
  std::vector<reply<plugins_stopped>> stoppers;

  static constexpr const char* name = "plugin-host";
};

plugin_host_actor::behavior_type plugin_host(plugin_host_actor::stateful_pointer<plugin_host_state> self,
                                             plugin_host_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::configure_plugins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::meet_guarded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::stop_plugins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::plugins_stopped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::host_tick)
