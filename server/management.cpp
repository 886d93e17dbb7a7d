#include "server/management.hpp"

#include <utility>

namespace hub {

namespace {

constexpr int restart_takes_longer = 12;

} // namespace

management_exchange::management_exchange(front& home, response_sink& sink,
                                         const http_request& request,
                                         std::string_view cors_origin, route where)
  : home_(home), response_(sink, request, cors_origin), where_(std::move(where)),
    since_(home.now()) {
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
      return way_in.get_hub_status(answer_with<hub_status>(
        [](self_type& self, auto& x) { self.answer(200, servers_text(x)); }));
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
    case place::api_stop:
      return stop();
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
  way_in.get_counts(answer_with<call_counts>([](self_type& self, auto& x) {
    self.calls_ = x;
    self.tell_status();
  }));
}

void management_exchange::tell_status() {
  if (status_ && sessions_ && calls_)
    answer(200, status_text(home_.facts(), *status_, *sessions_, *calls_));
}

void management_exchange::tell_server(const hub_status& status) {
  auto text = server_text(status, where_.server);
  if (text.empty())
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  answer(200, std::move(text));
}

void management_exchange::tell_tools(const tools_listed& tools) {
  if (!tools.server_exists)
    return answer(404, error_text("There is no server " + where_.server,
                                  "slm-hub servers lists the servers of this hub"));
  answer(200, tools_text(tools));
}

void management_exchange::stop() {
  auto& on_stop = home_.settings().on_stop;
  if (!on_stop)
    return answer(503, error_text("This hub cannot be stopped from here",
                                  "Send SIGTERM to its process"));
  // First the call: the answer ends this exchange.
  on_stop();
  answer(202, R"({"state":"stopping"})");
}

void management_exchange::answer(int status, std::string text) {
  response_.send_json(status, text_parts{json_text{std::move(text)}});
}

bool management_exchange::wants_answer_still() {
  return true;
}

void management_exchange::client_left() {
  response_.detach();
}

void management_exchange::sweep() {
  auto limit = home_.in_sweeps(home_.settings().management_limit);
  if (where_.place == place::api_restart)
    limit *= restart_takes_longer;
  if (home_.now() - since_ >= limit)
    answer(504, error_text("The hub's actors did not answer in time",
                           "Try again; if it stays so, restart the hub and report the log"));
}

} // namespace hub
