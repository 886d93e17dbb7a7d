#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::cli {

/// For questions that the hub answers from memory.
inline constexpr std::chrono::milliseconds default_time_limit{5000};

/// One request to the hub.
struct hub_request {
  std::string method = "GET";

  /// Path and query, percent-encoded.
  std::string target;

  std::vector<std::pair<std::string, std::string>> headers;

  /// JSON, or empty for none.
  std::string body;

  /// How long it may take in all; zero is as long as it likes.
  std::chrono::milliseconds time_limit = default_time_limit;
};

/// What the hub answered. The body is empty if it came as events.
struct hub_answer {
  unsigned status = 0;
  std::string body;
};

/// Asks the running hub over its Unix socket. Each question is a connection of
/// its own, made and answered before the call returns.
class hub_client {
public:
  /// `socket` is the path of `hub.sock`.
  explicit hub_client(std::filesystem::path socket);

  /// Sends a request and waits for the whole answer. The data of each
  /// server-sent event goes to `on_event` as it comes. Throws `hub_away` if
  /// no hub answers, and `command_error` if it takes longer than the limit, or if the answer breaks
  /// off; an answer of any status is returned.
  hub_answer send(const hub_request& request, const std::function<void(std::string_view)>& on_event = {});

  /// Asks the management interface and returns the JSON that it answers.
  /// Throws `command_error` with the hub's own words if it refuses.
  std::string ask(std::string method, std::string target,
                  std::chrono::milliseconds time_limit = default_time_limit);

  const std::filesystem::path& socket() const noexcept {
    return socket_;
  }

private:
  std::filesystem::path socket_;
};

/// `path`, about one server unless `server` is empty.
std::string path_about(std::string path, std::string_view server);

/// Throws `command_error` with the cause and the fix that the body names.
[[noreturn]] void refuse(const hub_answer& answer);

} // namespace hub::cli
