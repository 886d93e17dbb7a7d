#pragma once

#include "actors/auth/authorization_flow.hpp"
#include "actors/auth/grants.hpp"
#include "actors/auth/server_grant.hpp"
#include "messages/reply.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// One login of the user at one server.
struct pending_login {
  using time_point = std::chrono::steady_clock::time_point;

  uint64_t id = 0;
  std::unique_ptr<authorization_flow> flow;
  reply<login_begun> begun;

  /// True while the user is out with a browser.
  bool awaits_user = false;

  /// When it is given up, and when its end is forgotten.
  time_point deadline;

  /// Who waits for the end, and until when.
  std::vector<std::pair<time_point, reply<login_status>>> watchers;

  /// The browser.
  reply<login_status> returned;

  /// How it ended, once it has.
  std::optional<login_status> result;
};

/// What the holder knows of one server.
struct held_grant {
  struct waiter {
    need_authorization question;
    reply<authorization_given> asker;
  };

  std::string server;
  std::shared_ptr<bearer_cell> cell;
  server_grant grant;
  bool loaded = false;

  /// True while a token is loaded, refreshed or got; all others wait.
  bool busy = false;

  std::vector<waiter> waiters;

  /// To be done when the grant is loaded.
  std::vector<std::function<void()>> when_loaded;

  std::unique_ptr<authorization_flow> own_flow;
  std::optional<pending_login> login;
};

/// The actor behind `spawn_grants`. What to do is decided by `server_grant` and
/// `authorization_flow`; here they meet the network, the disk and those who wait.
class grant_holder final : public grants_actor::base {
public:
  grant_holder(caf::actor_config& config, grants_settings settings);

  const char* name() const override {
    return "grants";
  }

  behavior_type make_behavior() override;

  void on_exit() override;

private:
  using time_point = pending_login::time_point;

  time_point now() {
    return time_point{clock().now().time_since_epoch()};
  }

  held_grant* find(const std::string& server);

  // -- tokens ----------------------------------------------------------------------

  caf::result<authorization_given> need(need_authorization& x);
  void load(held_grant& x);
  void decide(held_grant& x, held_grant::waiter asker);
  void refresh(held_grant& x);
  void refreshed(held_grant& x, const web_answer& answer);
  void obtain(held_grant& x);
  void obtained(held_grant& x, flow_step step);

  /// Ends what the others waited for, and decides on them anew.
  void settle(held_grant& x);

  /// Ends it in vain.
  void settle(held_grant& x, const authorization_given& refusal);

  void keep(held_grant& x);
  void publish(held_grant& x);
  authorization_given login_wanted(held_grant& x, const std::string& why);

  // -- logins ----------------------------------------------------------------------

  caf::result<login_begun> begin(const begin_login& x);
  caf::result<login_status> await(const await_login& x);
  caf::result<login_status> end(const end_login& x);
  caf::result<logged_out> forget(const log_out& x);
  void advance(held_grant& x, uint64_t login, flow_step step);
  void finish(held_grant& x, login_status result);
  void tick();
  void keep_ticking();

  // -- neighbours ------------------------------------------------------------------

  const web_actor& web();
  const vault_actor& vault();
  std::string url_of(const held_grant& x);

  /// Sends a request; `then` gets the answer in any case.
  void fetch(const held_grant& x, web_request request, std::function<void(const web_answer&)> then);

  void tell(const authorization_changed& x);

  grants_settings settings_;
  std::map<std::string, held_grant> held_;
  web_actor web_;
  vault_actor vault_;
  grant_watcher_actor watcher_;
  uint64_t logins_ = 0;
  bool ticking_ = false;
};

} // namespace hub
