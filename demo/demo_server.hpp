#pragma once

#include "demo/notebook.hpp"
#include "demo/tool.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <rapidjson/document.h>
#include <string>
#include <string_view>
#include <vector>

namespace hub::demo {

/// An MCP server of the handshake era, versions 2024-11-05 to 2025-11-25. It
/// has no pipe and no clock: whoever drives it hands in lines and says what time
/// it is. Calls are answered at once, except for countdowns, which run side by
/// side.
class demo_server {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `send` gets each message, one JSON object without a newline.
  explicit demo_server(std::function<void(std::string_view)> send);

  /// Takes one message of the client.
  void receive(std::string_view line, time_point now);

  /// Moves the countdowns on whose time has come.
  void tick(time_point now);

  /// When `tick` has something to do next; nothing if no countdown runs.
  std::optional<time_point> next_tick() const;

private:
  /// A call of the countdown tool that is not answered yet.
  struct running_countdown {
    /// Id and progress token as the client wrote them; the token may be empty.
    std::string id;
    std::string token;

    countdown_order order;
    int done = 0;
    time_point next;
  };

  /// What a request is answered with: the JSON text of its result, or nothing
  /// if the answer comes later.
  using answer = std::optional<std::string>;

  answer dispatch(std::string_view method, const std::string& id, const rapidjson::Value& params, time_point now);
  answer call_tool(const std::string& id, const rapidjson::Value& params, time_point now);
  std::string list_tools() const;
  void notified(std::string_view method, const rapidjson::Value& params);
  void set_log_level(const rapidjson::Value& params);

  /// Tells the client, if it wants to hear of this level.
  void log(std::string_view level, std::string_view text);

  void send_result(std::string_view id, std::string_view result);
  void send_error(std::string_view id, int code, std::string_view message);

  std::function<void(std::string_view)> send_;
  notebook notes_;
  std::vector<tool> tools_;
  std::vector<running_countdown> countdowns_;

  /// Index into the levels of MCP, from debug to emergency.
  size_t log_level_;
};

} // namespace hub::demo
