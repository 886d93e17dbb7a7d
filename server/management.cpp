#include "server/management.hpp"

#include "messages/redaction.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "server/cache_text.hpp"
#include "server/review_text.hpp"

#include <charconv>
#include <utility>

namespace hub {

namespace {

/// What waits for a server, an authorization server or a user.
constexpr int waiting_takes_longer = 12;

bool waits(place where) noexcept {
  return where == place::api_restart || where == place::api_login || where == place::api_logout;
}

/// The address that a browser comes back to: of the hub itself, at its TCP door.
std::string redirect_uri(std::string_view endpoint) {
  auto path = endpoint.find('/', endpoint.find("://") + 3);
  return std::string{endpoint.substr(0, path)} + std::string{login_end_path};
}

std::string with_member(std::string_view key, std::string_view value, std::string object) {
  return std::string{rpc::edit_members(json_text{std::move(object)}, {{key, value}}).view()};
}

} // namespace

management_exchange::management_exchange(front& home, response_sink& sink,
                                         const http_request& request,
                                         std::string_view cors_origin, route where)
  : home_(home), response_(sink, request, cors_origin), where_(std::move(where)),
    is_post_(request.method == http_method::post), since_(home.now()) {
  // nop
}

template <class T, class F>
told<T> management_exchange::answer_with(F text) {
  return [self = shared_from_this(), text](const T* x) {
    if (x == nullptr)
      self->answer(503, error_text("The hub is shutting down", "Start it with: slm-hub start"));
    else
      text(*self, *x);
  };
}

void management_exchange::start(http_request&) {
  using self_type = management_exchange;
  auto& way_in = home_.way_in();
  switch (where_.place) {
    case place::api_health:
      return way_in.get_hub_status(answer_with<hub_status>([](self_type& self, auto& x) {
        self.answer(200, health_text(self.home_.facts(), x));
      }));
    case place::api_servers:
      return ask_servers();
    case place::api_cache:
      return way_in.get_cache(
        answer_with<cache_figures_told>([](self_type& self, auto& x) { self.answer(200, cache_text(x)); }));
    case place::api_cache_clear:
      return way_in.get_hub_status(
        answer_with<hub_status>([](self_type& self, auto& x) { self.clear_cache(x); }));
    case place::api_changes:
      return way_in.get_tool_changes(
        where_.server,
        answer_with<tool_changes_listed>([](self_type& self, auto& x) { self.tell_changes(x); }));
    case place::api_approve:
      return way_in.approve(where_.server, where_.query,
                            answer_with<tools_approved>([](self_type& self, auto& x) {
                              self.answer(x.ok ? 200 : 409, approval_text(x));
                            }));
    case place::api_server:
      return way_in.get_hub_status(
        answer_with<hub_status>([](self_type& self, auto& x) { self.tell_server(x); }));
    case place::api_tools:
      return way_in.get_tools(
        where_.server,
        answer_with<tools_listed>([](self_type& self, auto& x) { self.tell_tools(x); }));
    case place::api_restart:
      return way_in.restart(where_.server,
                            answer_with<server_restarted>([](self_type& self, auto& x) {
                              self.answer(x.ok ? 200 : 409, restart_text(x));
                            }));
    case place::api_access:
      return way_in.reload_access(answer_with<access_reloaded>(
        [](self_type& self, auto& x) { self.answer(x.ok ? 200 : 409, access_text(x)); }));
    case place::metrics:
    case place::api_report:
    case place::api_act:
      return way_in.get_report({where_.server, where_.query, is_post_},
                               [self = shared_from_this()](const report* x) {
                                 if (x == nullptr)
                                   return self->answer(503, error_text("This hub keeps no such figures",
                                                                       "Start it anew; see its log if it stays so"));
                                 self->response_.send(x->status, x->content_type, text_parts{json_text{x->text}});
                               });
    case place::api_stop:
      return end_hub(home_.settings().on_stop, "stopping");
    case place::api_begin:
      return end_hub(home_.settings().on_restart, "restarting");
    case place::api_reload:
      return way_in.reload(answer_with<configuration_reloaded>(
        [](self_type& self, auto& x) { self.answer(x.ok ? 200 : 409, reload_text(x)); }));
    case place::api_login:
      return is_post_ ? begin_login() : await_login();
    case place::api_logout:
      return way_in.log_out(where_.server, answer_with<logged_out>([](self_type& self, auto& x) {
                              self.answer(x.ok ? 200 : 409, logout_text(x));
                            }));
    default:
      return ask_status();
  }
}

void management_exchange::ask_status() {
  using self_type = management_exchange;
  auto& way_in = home_.way_in();
  way_in.get_hub_status(answer_with<hub_status>([](self_type& self, auto& x) {
    self.status_ = x;
    self.tell_status();
  }));
  way_in.get_sessions(answer_with<sessions_listed>([](self_type& self, auto& x) {
    self.sessions_ = x;
    self.tell_status();
  }));
  way_in.get_locks(answer_with<locks_listed>([](self_type& self, auto& x) {
    self.locks_ = x;
    self.tell_status();
  }));
  way_in.get_report({"plugins", "", false}, [self = shared_from_this()](const report* x) {
    self->plugins_ = x == nullptr ? "[]" : std::string{rpc::member(x->text, "plugins")};
    self->tell_status();
  });
  way_in.get_report({"calls", "", false}, [self = shared_from_this()](const report* x) {
    self->traffic_ = "{}";
    if (x != nullptr)
      self->traffic_ = R"({"servers":)" + std::string{rpc::member(x->text, "servers")} + R"(,"tools":)"
                       + std::string{rpc::member(x->text, "calls")} + "}";
    self->tell_status();
  });
  way_in.get_counts(answer_with<call_counts>([](self_type& self, auto& x) {
    self.calls_ = x;
    self.tell_status();
  }));
  way_in.get_tool_changes("", answer_with<tool_changes_listed>([](self_type& self, auto& x) {
    self.reviews_ = x;
    self.tell_status();
  }));
}

void management_exchange::ask_servers() {
  using self_type = management_exchange;
  auto& way_in = home_.way_in();
  way_in.get_hub_status(answer_with<hub_status>([](self_type& self, auto& x) {
    self.status_ = x;
    self.tell_servers();
  }));
  way_in.get_tool_changes("", answer_with<tool_changes_listed>([](self_type& self, auto& x) {
    self.reviews_ = x;
    self.tell_servers();
  }));
}

void management_exchange::tell_servers() {
  if (status_ && reviews_)
    answer(200, with_review_counts(servers_text(*status_), *reviews_));
}

void management_exchange::tell_changes(const tool_changes_listed& changes) {
  if (!changes.server_exists)
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  answer(200, changes_text(changes));
}

void management_exchange::tell_status() {
  if (status_ && sessions_ && calls_ && reviews_ && locks_ && plugins_ && traffic_) {
    auto text = with_review_counts(status_text(home_.facts(), *status_, *sessions_, *calls_, *locks_), *reviews_);
    answer(200, with_member("traffic", *traffic_, with_member("plugins", *plugins_, std::move(text))));
  }
}

void management_exchange::tell_server(const hub_status& status) {
  auto text = server_text(status, where_.server);
  if (text.empty())
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  answer(200, std::move(text));
}

void management_exchange::clear_cache(const hub_status& status) {
  if (!where_.server.empty() && server_text(status, where_.server).empty())
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  home_.way_in().clear_cache(where_.server, answer_with<results_dropped>([](management_exchange& self, auto& x) {
                               self.answer(200, dropped_text(x));
                             }));
}

void management_exchange::tell_tools(const tools_listed& tools) {
  if (!tools.server_exists)
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  answer(200, tools_text(tools));
}

void management_exchange::end_hub(const std::function<void()>& end, std::string_view state) {
  if (!end)
    return answer(503, error_text("This hub cannot be stopped from here",
                                  "Send SIGTERM to its process"));
  // First the call: the answer ends this exchange.
  end();
  answer(202, R"({"state":")" + std::string{state} + "\"}");
}

void management_exchange::begin_login() {
  if (home_.facts().endpoint.empty())
    return answer(503, error_text("The hub listens on no port that a browser could come back to",
                                  "Start it with a port"));
  home_.way_in().begin_login(where_.server, redirect_uri(home_.facts().endpoint),
                             answer_with<login_begun>([](management_exchange& self, auto& x) {
                               self.answer(x.ok ? 200 : 409, login_text(x));
                             }));
}

void management_exchange::await_login() {
  uint64_t login = 0;
  std::string_view number = where_.query;
  if (!number.starts_with("login="))
    return answer(400, error_text("The query names no login", "Add ?login= with the number of the POST's answer"));
  number.remove_prefix(6);
  std::from_chars(number.data(), number.data() + number.size(), login);
  home_.way_in().await_login(where_.server, login,
                             answer_with<login_status>([](management_exchange& self, auto& x) {
                               self.answer(200, login_text(x));
                             }));
}

void management_exchange::answer(int status, std::string text) {
  response_.send_json(status, text_parts{json_text{process_redaction().apply(text)}});
}

bool management_exchange::wants_answer_still() {
  return true;
}

void management_exchange::client_left() {
  response_.detach();
}

void management_exchange::sweep() {
  auto limit = home_.in_sweeps(home_.settings().management_limit);
  if (waits(where_.place))
    limit *= waiting_takes_longer;
  if (home_.now() - since_ >= limit)
    answer(504, error_text("The hub's actors did not answer in time",
                           "Try again; if it stays so, restart the hub and report the log"));
}

} // namespace hub
