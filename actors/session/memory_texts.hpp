#pragma once

#include "messages/answer.hpp"
#include "messages/json_text.hpp"

#include <string>
#include <string_view>

namespace hub {

// What the federated door shows of the memory and the mesh.

inline constexpr std::string_view memory_uri = "hub://memory/session-context";
inline constexpr std::string_view mesh_uri = "hub://mesh/messages";
inline constexpr std::string_view memory_prompt_name = "hub__memory";

json_text memory_resource_entry();
json_text mesh_resource_entry();
json_text memory_prompt_entry();

/// The content of a resource of plain text or JSON.
rpc_answer resource_text(std::string_view uri, std::string_view type, std::string_view text);

/// The content of the prompt.
rpc_answer memory_prompt(std::string_view text);

} // namespace hub
