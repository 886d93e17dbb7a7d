#include "actors/auth/grant_holder.hpp"

#include "actors/auth/json_document.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <limits>

namespace hub {

namespace {

constexpr auto login_with = "slm-hub login ";

authorization_given refusal_of(const flow_failure& x) {
  authorization_given result;
  result.cause = x.cause;
  result.fix = x.fix;
  return result;
}

} // namespace

grant_holder::grant_holder(caf::actor_config& config, grants_settings settings)
  : grants_actor::base(config), settings_(std::move(settings)) {
  // nop
}

grant_holder::behavior_type grant_holder::make_behavior() {
  return {
    [this](const begin_login& x) { return begin(x); },
    [this](const await_login& x) { return await(x); },
    [this](const end_login& x) { return end(x); },
    [this](const log_out& x) { return forget(x); },
    [this](const watch_grants& x) { watcher_ = x.watcher; },
    [this](grants_tick) { tick(); },
    [this](need_authorization& x) { return need(x); },
    [this](const login_wanted& x) {
      // Somebody may have logged in meanwhile.
      if (auto* held = find(x.server); held && held->grant.header().empty())
        tell({x.server, false, x.cause, x.fix});
    },
  };
}

void grant_holder::on_exit() {
  held_.clear();
  if (web_)
    caf::anon_send_exit(web_, caf::exit_reason::user_shutdown);
  if (vault_)
    caf::anon_send_exit(vault_, caf::exit_reason::user_shutdown);
  web_ = nullptr;
  vault_ = nullptr;
  watcher_ = nullptr;
  settings_ = {};
}

held_grant* grant_holder::find(const std::string& server) {
  auto cell = settings_.cell_of(server);
  if (!cell)
    return nullptr;
  auto& held = held_[server];
  // Another cell means that the server is reached differently by now: what was known
  // is of no use. What is under way with it is let end first.
  auto at_rest = !held.busy && (!held.login || held.login->result);
  if (held.cell != cell && at_rest) {
    held = held_grant{};
    held.server = server;
    held.cell = std::move(cell);
  }
  return &held;
}

caf::result<authorization_given> grant_holder::need(need_authorization& x) {
  auto promise = make_response_promise<authorization_given>();
  held_grant::waiter asker{std::move(x), reply<authorization_given>{promise}};
  auto* held = find(asker.question.server);
  if (!held) {
    // Its entry brings an Authorization of its own, or it is no HTTP server.
    asker.asker.deliver({asker.question.status == 0, {}, {}, {}, false});
  } else if (held->waiters.size() >= settings_.waiters_max) {
    asker.asker.deliver({false,
                         {},
                         "has " + std::to_string(settings_.waiters_max) + " requests waiting for its token",
                         "Wait, or send fewer at a time.",
                         false});
  } else if (held->loaded && !held->busy) {
    decide(*held, std::move(asker));
  } else {
    held->waiters.push_back(std::move(asker));
    load(*held);
  }
  return promise;
}

void grant_holder::load(held_grant& x) {
  if (x.loaded || x.busy)
    return;
  x.busy = true;
  auto done = [this, &x](const grant_loaded& found) {
    if (found.grant)
      x.grant.got(*found.grant);
    x.loaded = true;
    publish(x);
    for (auto& f : std::exchange(x.when_loaded, {}))
      f();
    settle(x);
  };
  request(vault(), caf::infinite, load_grant{x.server, url_of(x)})
    .then([done](const grant_loaded& found) { done(found); }, [done](const caf::error&) { done({}); });
}

void grant_holder::decide(held_grant& x, held_grant::waiter asker) {
  auto resolved = settings_.resolve(x.server);
  auto* settings = std::get_if<oauth_settings>(&resolved);
  if (!settings)
    return asker.asker.deliver(refusal_of(std::get<flow_failure>(resolved)));
  auto& question = asker.question;
  using verdict = server_grant::verdict;
  switch (x.grant.need(question, settings->without_user, settings_.now())) {
    case verdict::give:
      return asker.asker.deliver({true, x.grant.header(), {}, {}, false});
    case verdict::refuse:
      return asker.asker.deliver({false,
                                   {},
                                   "refused the request with status " + std::to_string(question.status),
                                   "The account of the login may not do this.",
                                   false});
    case verdict::login:
      x.grant.lost();
      keep(x);
      return asker.asker.deliver(want_login(x, settings->without_user ? "did not take the token that it was given"
                                                                        : "wants a login"));
    case verdict::step_up: {
      auto scope = told_by_server(x.grant.challenge()->scope);
      auto cause = "wants more rights for this" + (scope.empty() ? "" : ": " + scope);
      return asker.asker.deliver({false, {}, cause, "Agree to them with: " + (login_with + x.server), false});
    }
    case verdict::refresh:
      x.waiters.push_back(std::move(asker));
      return refresh(x);
    case verdict::obtain:
      x.waiters.push_back(std::move(asker));
      return obtain(x);
  }
}

void grant_holder::refresh(held_grant& x) {
  x.busy = true;
  auto resolved = settings_.resolve(x.server);
  if (auto* wrong = std::get_if<flow_failure>(&resolved))
    return settle(x, refusal_of(*wrong));
  auto next = refresh_request(x.grant.known(), std::get<oauth_settings>(resolved), settings_.now());
  if (!next)
    return settle(x, {false, {}, "has a private key under \"oauth\" that cannot sign",
                      "Give a key in PEM without a passphrase.", false});
  fetch(x, std::move(*next), [this, &x](const web_answer& answer) { refreshed(x, answer); });
}

void grant_holder::refreshed(held_grant& x, const web_answer& answer) {
  auto next = x.grant.known();
  auto why = read_tokens(answer, settings_.now(), next);
  if (!why) {
    x.grant.got(std::move(next));
    keep(x);
    spdlog::debug("the token of server {} was refreshed", x.server);
    return settle(x);
  }
  spdlog::warn("the token of server {} could not be refreshed: {}", x.server, why->cause);
  if (answer.status != 400 && answer.status != 401 && answer.status != 403) {
    // Its authorization server is down; what there is may do for a while.
    if (x.grant.known().has_ended(settings_.now()))
      return settle(x, {false, {}, "has a login that could not be renewed: " + why->cause, "Try again later.", false});
    x.busy = false;
    for (auto& waiter : std::exchange(x.waiters, {})) {
      auto fresh = waiter.question.status == 0;
      waiter.asker.deliver({fresh, fresh ? x.grant.header() : "", fresh ? "" : "refused its token: " + why->cause,
                            fresh ? "" : "Try again later.", false});
    }
    return;
  }
  x.grant.lost();
  keep(x);
  auto resolved = settings_.resolve(x.server);
  auto* settings = std::get_if<oauth_settings>(&resolved);
  if (settings && settings->without_user)
    return obtain(x);
  settle(x, want_login(x, "wants a new login, the old one has ended"));
}

void grant_holder::obtain(held_grant& x) {
  x.busy = true;
  auto resolved = settings_.resolve(x.server);
  if (auto* wrong = std::get_if<flow_failure>(&resolved))
    return settle(x, refusal_of(*wrong));
  flow_start start;
  start.server = x.server;
  start.settings = std::get<oauth_settings>(std::move(resolved));
  start.challenge = x.grant.challenge();
  start.known = x.grant.known();
  x.own_flow = std::make_unique<authorization_flow>(std::move(start));
  obtained(x, x.own_flow->begin());
}

void grant_holder::obtained(held_grant& x, flow_step step) {
  if (auto* next = std::get_if<web_request>(&step))
    return fetch(x, std::move(*next), [this, &x](const web_answer& answer) {
      obtained(x, x.own_flow->answered(answer, settings_.now()));
    });
  x.own_flow.reset();
  if (auto* given = std::get_if<grant_given>(&step)) {
    x.grant.got(std::move(given->grant));
    keep(x);
    return settle(x);
  }
  auto* failed = std::get_if<flow_failure>(&step);
  settle(x, {false, {}, "gives no token: " + (failed ? failed->cause : "it wants a user"), failed ? failed->fix : "",
             false});
}

void grant_holder::settle(held_grant& x) {
  x.busy = false;
  for (auto& waiter : std::exchange(x.waiters, {})) {
    // One of them may need what makes the others wait again.
    if (x.busy)
      x.waiters.push_back(std::move(waiter));
    else
      decide(x, std::move(waiter));
  }
}

void grant_holder::settle(held_grant& x, const authorization_given& refusal) {
  x.busy = false;
  for (auto& waiter : std::exchange(x.waiters, {}))
    waiter.asker.deliver(refusal);
}

authorization_given grant_holder::want_login(held_grant& x, const std::string& why) {
  authorization_given result;
  result.wants_login = true;
  result.cause = why;
  result.fix = "Log in with: " + (login_with + x.server);
  if (auto resolved = settings_.resolve(x.server); auto* settings = std::get_if<oauth_settings>(&resolved))
    if (settings->without_user)
      result.fix = "Check the client under \"oauth\" in its entry.";
  return result;
}

void grant_holder::keep(held_grant& x) {
  publish(x);
  auto& known = x.grant.known();
  if (known.access_token.empty() && known.refresh_token.empty() && known.client.id.empty())
    // Nothing is known, such as after a logout.
    send(vault(), drop_grant{x.server});
  else
    send(vault(), keep_grant{x.server, url_of(x), known});
}

void grant_holder::publish(held_grant& x) {
  auto current = std::make_shared<current_bearer>();
  current->header = x.grant.header();
  // Without a token there is nothing to ask for until a request is refused.
  current->ask_from = !current->header.empty() ? x.grant.known().stale_from()
                      : x.grant.can_refresh()  ? 0
                                               : std::numeric_limits<int64_t>::max();
  x.cell->store(std::move(current));
}

const web_actor& grant_holder::web() {
  if (!web_)
    web_ = settings_.open_web(system());
  return web_;
}

const vault_actor& grant_holder::vault() {
  if (!vault_)
    vault_ = settings_.open_vault(system());
  return vault_;
}

std::string grant_holder::url_of(const held_grant& x) {
  auto resolved = settings_.resolve(x.server);
  auto* settings = std::get_if<oauth_settings>(&resolved);
  return settings ? settings->url : "";
}

void grant_holder::fetch(const held_grant& x, web_request request, std::function<void(const web_answer&)> then) {
  this->request(web(), caf::infinite, fetch_document{x.server, std::move(request)})
    .then([then](const web_answer& answer) { then(answer); },
          [then](const caf::error&) { then({0, {}, {}, "the hub is shutting down"}); });
}

void grant_holder::tell(const authorization_changed& x) {
  if (watcher_)
    send(watcher_, x);
}

grants_actor spawn_grants(caf::actor_system& system, grants_settings settings) {
  return system.spawn<grant_holder>(std::move(settings));
}

} // namespace hub
