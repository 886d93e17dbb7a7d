#pragma once

#include "actors/catalog/snapshot.hpp"
#include "messages/policy.hpp"

#include <memory>

namespace hub {

/// What a client sees of `base`: without the tools that its rules deny, without the
/// resources and prompts of servers that are denied as a whole, and without servers of
/// which nothing is left. The names of the rest are as before.
std::shared_ptr<catalog_snapshot> make_view(const catalog_snapshot& base, client_policy_ptr policy);

} // namespace hub
