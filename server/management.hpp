#pragma once

#include "server/exchange.hpp"
#include "server/routes.hpp"
#include "server/status_text.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// One request to the management API. What it tells comes from the actors; when
/// they do not answer in time, the client is told so with 504.
class management_exchange final : public exchange,
                                  public std::enable_shared_from_this<management_exchange> {
public:
  management_exchange(front& home, response_sink& sink, const http_request& request,
                      std::string_view cors_origin, route where);

  void start(http_request& request) override;
  bool wants_answer_still() override;
  void client_left() override;
  void sweep() override;

private:
  void answer(int status, std::string text);

  /// Answers with `text(*x)`, or says that the hub is shutting down.
  template <class T, class F>
  told<T> answer_with(F text);

  void ask_status();
  void tell_status();
  void ask_servers();
  void tell_servers();
  void tell_changes(const tool_changes_listed& changes);
  void tell_server(const hub_status& status);
  void clear_cache(const hub_status& status);
  void tell_tools(const tools_listed& tools);

  /// Has the hub end, to begin anew or not.
  void end_hub(const std::function<void()>& end, std::string_view state);

  void begin_login();
  void await_login();

  front& home_;
  response response_;
  route where_;
  bool is_post_;

  /// When it began, in sweeps.
  uint32_t since_;

  /// What `/api/status` and `/api/servers` are put together from.
  std::optional<hub_status> status_;
  std::optional<sessions_listed> sessions_;
  std::optional<call_counts> calls_;
  std::optional<tool_changes_listed> reviews_;
  std::optional<locks_listed> locks_;

  /// The JSON array.
  std::optional<std::string> plugins_;

  /// The member `traffic`: what the calls of each server, and of each tool, have come to.
  std::optional<std::string> traffic_;
};

} // namespace hub
