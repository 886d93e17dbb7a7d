#pragma once

#include "actors/auth/bearer_cell.hpp"
#include "actors/transport/authorizer.hpp"
#include "messages/authorization.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace hub {

class shard;

/// Gives the requests of one server the token that the hub holds for it. As long as
/// that is good, nobody is asked.
class bearer_authorizer final : public authorizer {
public:
  /// @param home The shard that it lives on.
  bearer_authorizer(caf::actor_system& system, shard& home, std::string server, std::shared_ptr<bearer_cell> cell,
                    grant_holder_actor grants);

  const fetch_headers* ready() override;
  void obtain(auth_challenge why, std::function<void(auth_verdict)> done) override;

private:
  caf::actor_system& system_;
  shard& home_;
  std::string server_;
  std::shared_ptr<bearer_cell> cell_;
  grant_holder_actor grants_;

  /// What `headers_` was made of.
  std::shared_ptr<const current_bearer> current_;
  fetch_headers headers_;

  /// Gone when this is, so that nobody is called late.
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace hub
