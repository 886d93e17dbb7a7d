#pragma once

#include "messages/call_record.hpp"
#include "messages/client.hpp"
#include "messages/json_text.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hub {

// What plugins hear and say. One that is compiled in is an actor with the protocol below; a
// program in the plugins folder has such an actor before it (`actors/plugin/plugin_process`).

/// What a plugin may want to hear of.
enum class plugin_hook : uint8_t {
  hub_started,
  hub_stopping,
  session_started,
  session_ended,
  before_call, ///< The only one that is waited for.
  after_call,
  server_connected,
  server_disconnected,
  tools_changed
};

inline constexpr size_t plugin_hook_count = 9;

/// `hub_started` and so on.
std::string_view to_string(plugin_hook x) noexcept;

/// The hook of this name.
std::optional<plugin_hook> plugin_hook_of(std::string_view name) noexcept;

/// A set of hooks.
class plugin_hooks {
public:
  constexpr plugin_hooks() = default;

  constexpr plugin_hooks(std::initializer_list<plugin_hook> hooks) {
    for (auto x : hooks)
      add(x);
  }

  static constexpr plugin_hooks all() {
    plugin_hooks result;
    result.bits_ = (1u << plugin_hook_count) - 1;
    return result;
  }

  constexpr void add(plugin_hook x) noexcept {
    bits_ |= 1u << static_cast<unsigned>(x);
  }

  constexpr bool has(plugin_hook x) const noexcept {
    return (bits_ >> static_cast<unsigned>(x) & 1u) != 0;
  }

  constexpr bool operator==(const plugin_hooks&) const = default;

private:
  uint32_t bits_ = 0;
};

/// Something that happened in the hub, apart from calls.
struct plugin_event {
  /// The doors are open.
  struct hub_started {};

  /// New calls are refused; sessions and servers end next.
  struct hub_stopping {};

  /// A client of the handshake era has opened a session.
  struct session_started {
    /// The mark by which `call_origin` knows the session, too.
    std::string session;

    std::shared_ptr<const client_context> client;

    /// The address of its door behind `/mcp/`.
    std::string door;

    /// It goes on with a session of the hub before this one.
    bool resumed = false;
  };

  struct session_ended {
    std::string session;
    std::shared_ptr<const client_context> client;
    std::string door;

    /// Goes on after "because": `its client ended it`.
    std::string cause;

    std::chrono::milliseconds age{0};

    /// Calls that have ended, and those that failed, tools' own errors included.
    uint64_t calls = 0;
    uint64_t failed = 0;
  };

  /// A run of a server takes calls.
  struct server_connected {
    std::string server;

    /// Of the child; 0 if there is none.
    int64_t pid = 0;

    /// Whether it speaks the stateless era.
    bool stateless = false;

    /// Whether a session has the run for itself.
    bool isolated = false;
  };

  /// A run that took calls takes none any more.
  struct server_disconnected {
    std::string server;

    /// A sentence without its subject, such as `exited with 1`.
    std::string cause;

    /// False if nobody asked for it: a crash.
    bool asked_for = false;

    bool isolated = false;
  };

  /// A server offers other tools than it did.
  struct tools_changed {
    std::string server;

    /// Names as the server gives them.
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string> changed;

    /// How many it offers now.
    size_t tools = 0;
  };

  using kind = std::variant<hub_started, hub_stopping, session_started, session_ended, server_connected,
                            server_disconnected, tools_changed>;

  std::chrono::system_clock::time_point at;
  kind what;

  plugin_hook hook() const noexcept;
};

using plugin_event_ptr = std::shared_ptr<const plugin_event>;

/// Tells what happened.
struct plugin_news {
  plugin_event_ptr event;
};

/// A call that is about to be made.
struct intended_call {
  /// Unlike that of any other call while the hub runs.
  uint64_t number = 0;

  std::string server;
  std::string method;

  /// With the server's own names in it.
  json_text params;

  std::shared_ptr<const client_context> client;
  std::shared_ptr<const call_origin> origin;
};

/// Asks whether a call may be made.
struct before_call {
  std::shared_ptr<const intended_call> call;
};

/// The answer.
struct call_verdict {
  enum class kind : uint8_t {
    pass,
    deny,
    none ///< There is none, since the plugin does not answer; the call is made.
  };

  kind what = kind::pass;

  /// Why it is denied, for whoever calls; a sentence.
  std::string reason = {};
};

/// Ends a plugin: it says what it has to say, and quits. It is killed if it does not.
struct stop_plugin {};

/// A plugin, as the hub knows it. It takes its news off its `plugin_gauge`.
using plugin_actor = protocol<
  caf::reacts_to<plugin_news>,
  // `after_call`.
  caf::reacts_to<calls_ended>,
  caf::replies_to<before_call>::with<call_verdict>,
  caf::reacts_to<stop_plugin>>::handle;

/// What waits for a plugin, and what became of it. Written by those who send and by the
/// plugin; what bounds its mailbox. What counts in it is calls that have ended, and news.
struct plugin_gauge : observer_gauge {
  /// The most calls that wait for its verdict; further ones do not.
  static constexpr size_t asked_limit = 256;

  /// What one of the news counts for, in bytes.
  static constexpr size_t news_bytes = 512;

  /// Calls whose verdicts are waited for.
  std::atomic<size_t> asked{0};

  /// What became of the calls it was, or would have been, asked about.
  std::atomic<uint64_t> passed{0};
  std::atomic<uint64_t> denied{0};
  std::atomic<uint64_t> unanswered{0};

  /// News and calls that it was told.
  std::atomic<uint64_t> told{0};

  /// Makes room for a question, or counts it as unanswered and returns false.
  bool ask() noexcept {
    if (asked.load(std::memory_order_relaxed) >= asked_limit) {
      ++unanswered;
      return false;
    }
    ++asked;
    return true;
  }
};

/// A plugin that wants to be asked before calls.
struct call_guard {
  std::string name;
  plugin_actor plugin;

  /// Not null.
  std::shared_ptr<plugin_gauge> gauge;

  /// How long its verdict is waited for.
  std::chrono::milliseconds time_limit{0};

  /// Whether a call is denied that it gives no verdict on; otherwise it is made.
  bool denies_without_verdict = false;

  /// Why it cannot be asked, a sentence without its subject; empty if it can. `plugin` is null then.
  std::string missing = {};
};

/// All of them; null if there is none.
using call_guards = std::shared_ptr<const std::vector<call_guard>>;

/// Tells the call path who is to be asked from now on.
struct guards_changed {
  call_guards guards;
};

using guarded_actor = protocol<
  caf::reacts_to<guards_changed>>::handle;

// -- what plugins tell the host ---------------------------------------------------------

/// A run of a plugin has shaken hands.
struct plugin_ready {
  std::string name;
  uint64_t run = 0;

  std::string version;
  plugin_hooks hooks;

  /// A JSON schema, or empty.
  json_text settings_schema = {};

  /// How long its verdicts may be waited for, if it says that; the configuration may say less.
  std::optional<std::chrono::milliseconds> time_limit = {};

  int64_t pid = 0;
};

/// What a plugin wants to be shown of it, in place of what it said before.
struct plugin_told {
  std::string name;

  /// A few words, such as `connected`.
  std::string state;

  /// A JSON object, or empty.
  json_text facts = {};
};

/// A run of a plugin is about to end; nothing follows it.
struct plugin_stopped {
  std::string name;
  uint64_t run = 0;

  /// A sentence without its subject: `exited with 1`.
  std::string cause;
  std::string fix;
  std::vector<std::string> last_stderr = {};

  /// It cannot run before something is fixed.
  bool hopeless = false;
};

/// Who starts and ends plugins, as these know it.
using plugin_owner = protocol<
  caf::reacts_to<plugin_ready>,
  caf::reacts_to<plugin_told>,
  caf::reacts_to<plugin_stopped>>::handle;

// -- the way to the plugins, for whoever has something to tell ---------------------------------

/// Hears what happens, and passes it on.
using plugin_news_actor = protocol<
  caf::reacts_to<plugin_news>>::handle;

/// What waits for plugins and what became of it, by their names.
using plugin_gauges = std::vector<std::pair<std::string, std::shared_ptr<const plugin_gauge>>>;

/// The way to the plugins.
struct plugin_port {
  plugin_news_actor to;

  /// Of the plugins that are switched on, at most `gauges_max`; null before the host knows them.
  std::atomic<std::shared_ptr<const plugin_gauges>> gauges{};
  static constexpr size_t gauges_max = 128;

  /// Whether any plugin is switched on.
  std::atomic<bool> wanted{false};
};

using plugin_port_ptr = std::shared_ptr<const plugin_port>;

/// Whether anybody is to hear of anything.
inline bool is_wanted(const plugin_port_ptr& port) noexcept {
  return port && port->wanted.load(std::memory_order_relaxed);
}

/// Tells the plugins what happened; nobody waits for it. `port` may be null.
void tell_plugins(const plugin_port_ptr& port, plugin_event::kind what);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::plugin_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::before_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::call_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::stop_plugin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::guards_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::plugin_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::plugin_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::plugin_stopped)
