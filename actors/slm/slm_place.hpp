#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What the environment and the configuration say about the daemon.
struct slm_place_settings {
  /// `http://host:port` of the configuration; empty for none.
  std::string url;

  /// `SLM_DAEMON_URL`, `SLM_DAEMON_PORT`.
  std::string variable_url;
  std::string variable_port;

  /// Where the daemon keeps its files.
  std::string folder;

  /// `SLM_INSTALL_TOKEN`: a key that is shown in place of the daemon's own.
  std::string install_token;

  /// `SLM_API_KEY`, for daemons that are not on this machine.
  std::string api_key;
};

/// Reads the settings that come from variables. `variable` answers with the value of one, or
/// with an empty text.
slm_place_settings slm_place_from(const std::function<std::string(std::string_view)>& variable);

/// Where the daemon is.
struct slm_place {
  /// Without a slash at the end. Names loopback as `127.0.0.1`: the daemon does not listen on
  /// `::1`.
  std::string url;

  bool on_this_machine = true;

  /// Of the files of the daemon; empty if there is none.
  std::string file_token;

  /// What is wrong with the settings; empty if nothing is.
  std::string error;
};

/// Finds the daemon: what the configuration says, the variables, the files that the daemon
/// leaves, port 8765. Reads files, and so not for a shard.
slm_place find_slm(const slm_place_settings& settings);

/// The URL as it is used: `http` or `https` with an authority and nothing behind it; nothing
/// if `text` is none.
std::optional<std::string> slm_base_url(std::string_view text);

/// The port in `daemon.json` or `daemon.port`; 0 if there is none.
int slm_port_of(std::string_view text) noexcept;

} // namespace hub
