#include "actors/auth/grant_holder.hpp"

#include "actors/auth/form_text.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace hub {

namespace {

constexpr std::chrono::seconds tick_length{1};

login_status status_of(login_status::kind what, std::string server, std::string message, std::string fix = {}) {
  login_status result;
  result.what = what;
  result.server = std::move(server);
  result.message = std::move(message);
  result.fix = std::move(fix);
  return result;
}

login_status unknown_login(const std::string& server) {
  return status_of(login_status::kind::failed, server, "This login is over, or was never begun",
                   "Begin it with: slm-hub login " + (server.empty() ? "SERVER" : server));
}

} // namespace

caf::result<login_begun> grant_holder::begin(const begin_login& x) {
  auto resolved = settings_.resolve(x.server);
  if (auto* wrong = std::get_if<flow_failure>(&resolved))
    return login_begun{false, {}, 0, "Server " + x.server + " " + wrong->cause, wrong->fix};
  auto* held = find(x.server);
  auto& settings = std::get<oauth_settings>(resolved);
  if (!held || settings.without_user)
    return login_begun{false, {}, 0, "Server " + x.server + " needs no login of a user",
                       "Its tokens come from its entry in the configuration."};
  if (held->login && !held->login->result)
    finish(*held, status_of(login_status::kind::failed, x.server, "Another login at server " + x.server + " was begun"));
  auto promise = make_response_promise<login_begun>();
  auto& login = held->login.emplace();
  login.id = ++logins_;
  login.begun = reply<login_begun>{promise};
  login.deadline = now() + settings_.login_limit;
  keep_ticking();
  auto go = [this, held, id = login.id, redirect = x.redirect_uri, settings] {
    if (!held->login || held->login->id != id || held->login->result)
      return;
    flow_start start;
    start.server = held->server;
    start.settings = settings;
    start.redirect_uri = redirect;
    start.challenge = held->grant.challenge();
    start.known = held->grant.known();
    held->login->flow = std::make_unique<authorization_flow>(std::move(start));
    advance(*held, id, held->login->flow->begin());
  };
  if (held->loaded) {
    go();
  } else {
    held->when_loaded.push_back(go);
    load(*held);
  }
  return promise;
}

void grant_holder::advance(held_grant& x, uint64_t id, flow_step step) {
  auto& login = *x.login;
  if (auto* next = std::get_if<web_request>(&step))
    return fetch(x, std::move(*next), [this, &x, id](const web_answer& answer) {
      // It may have been given up meanwhile.
      if (x.login && x.login->id == id && !x.login->result)
        advance(x, id, x.login->flow->answered(answer, settings_.now()));
    });
  if (auto* errand = std::get_if<user_errand>(&step)) {
    login.awaits_user = true;
    login.begun.deliver({true, errand->address, id, {}, {}});
    return;
  }
  if (auto* failed = std::get_if<flow_failure>(&step))
    return finish(x, status_of(login_status::kind::failed, x.server,
                               "The login at server " + x.server + " failed: " + failed->cause, failed->fix));
  x.grant.got(std::get<grant_given>(std::move(step)).grant);
  keep(x);
  tell({x.server, true, {}, {}});
  finish(x, status_of(login_status::kind::done, x.server, "The hub is logged in at server " + x.server));
}

void grant_holder::finish(held_grant& x, login_status result) {
  auto& login = *x.login;
  if (result.what == login_status::kind::done)
    spdlog::info("the user logged in at server {}", x.server);
  else
    spdlog::warn("{}", result.message);
  login.begun.deliver({false, {}, login.id, result.message, result.fix});
  login.returned.deliver(result);
  for (auto& [until, watcher] : std::exchange(login.watchers, {}))
    watcher.deliver(result);
  login.awaits_user = false;
  login.flow.reset();
  login.result = std::move(result);
  // Whoever asks late still hears how it ended.
  login.deadline = now() + settings_.login_limit;
}

caf::result<login_status> grant_holder::await(const await_login& x) {
  auto* held = find(x.server);
  if (!held || !held->login || held->login->id != x.login)
    return unknown_login(x.server);
  auto& login = *held->login;
  if (login.result)
    return *login.result;
  if (login.watchers.size() >= settings_.watchers_max)
    return status_of(login_status::kind::waiting, x.server, "The login goes on");
  auto promise = make_response_promise<login_status>();
  login.watchers.emplace_back(now() + settings_.watch_limit, reply<login_status>{promise});
  return promise;
}

caf::result<login_status> grant_holder::end(const end_login& x) {
  auto fields = read_form(x.query);
  auto state = fields ? field_of(*fields, "state") : "";
  for (auto& [server, held] : held_) {
    auto* login = held.login ? &*held.login : nullptr;
    if (!login || !login->flow || state.empty() || login->flow->state() != state)
      continue;
    if (!login->awaits_user)
      return status_of(login_status::kind::waiting, server, "The login at server " + server + " goes on");
    login->awaits_user = false;
    auto promise = make_response_promise<login_status>();
    login->returned = reply<login_status>{promise};
    advance(held, login->id, login->flow->returned(*fields, settings_.now()));
    return promise;
  }
  return unknown_login({});
}

caf::result<logged_out> grant_holder::forget(const log_out& x) {
  auto resolved = settings_.resolve(x.server);
  if (auto* wrong = std::get_if<flow_failure>(&resolved))
    return logged_out{false, "Server " + x.server + " " + wrong->cause, wrong->fix};
  auto* held = find(x.server);
  if (!held)
    return logged_out{false, "The hub has no login at server " + x.server, "Its token stands in the configuration."};
  auto promise = make_response_promise<logged_out>();
  auto asker = std::make_shared<reply<logged_out>>(promise);
  auto go = [this, held, asker, settings = std::get<oauth_settings>(std::move(resolved))] {
    auto known = held->grant.known();
    auto server = held->server;
    held->grant.forget();
    publish(*held);
    send(vault(), drop_grant{server});
    if (known.access_token.empty() && known.refresh_token.empty())
      return asker->deliver({true, "The hub had no login at server " + server, {}});
    tell({server, false, "wants a login", "Log in with: slm-hub login " + server});
    spdlog::info("the user logged out at server {}", server);
    auto revocation = revocation_request(known, settings, settings_.now());
    if (!revocation)
      return asker->deliver({true, "The login at server " + server + " is forgotten; its authorization server knows no way to "
                                   "take it back, so it ends by itself", {}});
    fetch(*held, std::move(*revocation), [asker, server](const web_answer& answer) {
      auto cause = answer.status == 0 ? answer.cause : "status " + std::to_string(answer.status);
      asker->deliver({true, answer.good() ? "The login at server " + server + " is taken back and forgotten"
                                          : "The login at server " + server + " is forgotten, but could not be taken back: "
                                              + cause, {}});
    });
  };
  if (held->loaded) {
    go();
  } else {
    held->when_loaded.push_back(go);
    load(*held);
  }
  return promise;
}

void grant_holder::tick() {
  ticking_ = false;
  auto time = now();
  for (auto& [server, held] : held_) {
    if (!held.login)
      continue;
    auto& login = *held.login;
    if (time >= login.deadline) {
      if (!login.result)
        finish(held, status_of(login_status::kind::failed, server,
                               "The login at server " + server + " was not finished in time",
                               "Begin it again with: slm-hub login " + server));
      else
        held.login.reset();
      continue;
    }
    for (auto& [until, watcher] : login.watchers)
      if (time >= until)
        watcher.deliver(status_of(login_status::kind::waiting, server, "The login goes on"));
    std::erase_if(login.watchers, [](auto& x) { return !x.second.pending(); });
  }
  keep_ticking();
}

void grant_holder::keep_ticking() {
  auto wanted = std::any_of(held_.begin(), held_.end(), [](auto& x) { return x.second.login.has_value(); });
  if (!wanted || ticking_)
    return;
  ticking_ = true;
  delayed_send(this, tick_length, grants_tick{});
}

} // namespace hub
