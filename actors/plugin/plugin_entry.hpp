#pragma once

#include "actors/supervisor/lifecycle.hpp"
#include "messages/plugin.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// How long a verdict is waited for, unless the plugin or the configuration says another time.
/// Long enough for a look into a file, short enough not to be taken for a hub that hangs.
inline constexpr std::chrono::milliseconds default_verdict_limit{500};

/// A plugin as the configuration and the plugins folder have it.
struct plugin_description {
  std::string name;
  bool enabled = true;

  /// The path of its program; empty if it is compiled in.
  std::string program;

  /// Another for each change of the file of its program.
  std::string program_stamp;

  /// Why it cannot run, and what to do about that; empty if it can.
  std::string problem;
  std::string fix;

  /// A JSON object without line feeds; empty for none.
  json_text settings;

  /// Variables for its program, unresolved.
  std::vector<std::pair<std::string, std::string>> env;

  /// How long its verdicts are waited for; nothing leaves that to it.
  std::optional<std::chrono::milliseconds> time_limit;

  /// Whether a call is denied that it was to be asked about and gave no verdict on.
  bool denies_without_verdict = false;

  /// The file that its program's stderr goes to; empty if it is compiled in.
  std::string log;

  bool can_run() const noexcept {
    return enabled && problem.empty();
  }

  /// Whether a run of the other goes on as one of this.
  bool same_run(const plugin_description& other) const;
};

/// How long the verdicts of a plugin are waited for.
/// @param told What it says itself.
std::chrono::milliseconds verdict_limit(const plugin_description& x, std::optional<std::chrono::milliseconds> told);

/// A plugin as its host has it.
struct plugin_entry {
  plugin_description about;
  lifecycle life;

  /// Of the present run.
  uint64_t run = 0;
  plugin_actor actor{};
  int64_t pid = 0;

  /// When it is late: it has not shaken hands, or does not end.
  std::optional<lifecycle::time_point> deadline{};

  /// It is not configured any more, and is forgotten when it has ended.
  bool removed = false;

  // -- what it said, in this run of it or the one before -----------------------------------

  std::string version{};
  plugin_hooks hooks{};
  json_text settings_schema{};
  std::optional<std::chrono::milliseconds> time_limit{};
  std::string state{};
  json_text facts{};

  /// Not null.
  std::shared_ptr<plugin_gauge> gauge = std::make_shared<plugin_gauge>();

  bool ready() const noexcept {
    return life.state() == server_state::ready;
  }

  /// Whether it is asked before calls, as far as is known: one that has never shaken hands may want that.
  bool may_guard() const noexcept {
    return version.empty() || hooks.has(plugin_hook::before_call);
  }

  /// Why it is not ready, a sentence without its subject.
  std::string why_not_ready() const;
};

/// All of them as JSON, for `slm-hub plugins`.
std::string plugins_json(const std::map<std::string, plugin_entry>& plugins, const std::string& folder,
                         lifecycle::time_point now);

} // namespace hub
