#include "actors/auth/vault.hpp"

#include "actors/auth/pkce.hpp"
#include "actors/auth/token_vault.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace hub {

namespace {

struct vault_state {
  std::optional<token_vault> files;
};

/// Servers have any names; files do not.
std::string file_of(const std::string& server) {
  return s256_challenge(server);
}

std::string context_of(const std::string& server, const std::string& url) {
  return server + "\n" + url;
}

void log_failure(const std::string& server, const std::optional<vault_error>& wrong) {
  if (wrong)
    spdlog::error("the login at server {} is not kept for the next start: {} {}", server, wrong->cause, wrong->fix);
}

grant_loaded load(token_vault& files, const load_grant& x) {
  auto found = files.load(file_of(x.server), context_of(x.server, x.url));
  if (auto* wrong = std::get_if<vault_error>(&found)) {
    spdlog::error("the login at server {} was not read: {}. {}", x.server, wrong->cause, wrong->fix);
    return {std::nullopt, wrong->cause, wrong->fix};
  }
  auto& text = std::get<0>(found);
  return {text ? read_credentials(*text) : std::nullopt, {}, {}};
}

vault_actor::behavior_type vault(vault_actor::stateful_pointer<vault_state> self, std::filesystem::path folder) {
  self->state.files.emplace(std::move(folder));
  return {
    [self](const load_grant& x) { return load(*self->state.files, x); },
    [self](const keep_grant& x) {
      log_failure(x.server,
                  self->state.files->keep(file_of(x.server), context_of(x.server, x.url), to_document(x.grant)));
    },
    [self](const drop_grant& x) { log_failure(x.server, self->state.files->forget(file_of(x.server))); },
  };
}

} // namespace

vault_actor spawn_vault(caf::actor_system& system, std::filesystem::path folder) {
  return system.spawn<caf::detached>(vault, std::move(folder));
}

} // namespace hub
