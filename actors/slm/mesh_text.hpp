#pragma once

#include "actors/slm/mesh_table.hpp"
#include "messages/slm.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Peers and messages as JSON, for `slm-hub mesh` and as a resource.
std::string mesh_json(const mesh_table& table, const slm_state& daemon, const std::string& why);

/// A message that somebody wants to have sent.
struct mesh_wish {
  std::string to;
  std::string text;
};

/// Reads `to=...&text=...`; nothing if it cannot be sent.
std::optional<mesh_wish> read_mesh_send(std::string_view query);

} // namespace hub
