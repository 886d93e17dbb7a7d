#pragma once

#include "actors/session/federated_door.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace hub {

/// The three tools by which a client reaches all others, those of the hub's locks, and the one that
/// reads on in a result that was cut. That one is in no list: the result tells of it.
enum class meta_tool : uint8_t { search_tools, call_tool, list_servers, lock, unlock, read_result };

/// Knows the three with the prefix `hub__` and without, the others with the prefix only.
std::optional<meta_tool> meta_tool_of(std::string_view name, const federation_settings& settings);

/// The value of `tools/list`. The description of the search names the servers.
/// @param locks Whether there are the tools of the locks.
/// @param tools Tools that follow under their federated names.
std::string meta_tool_list(const catalog_snapshot& snapshot, bool locks, std::span<const tool_ref> tools = {});

/// `hub__search_tools`: needs the search index.
/// @param memory Null if there is nothing but the index.
route search_tools(const catalog_snapshot& snapshot, const federation_settings& settings,
                   std::string_view arguments, search_memory* memory);

/// `hub__list_servers`.
route list_servers(const catalog_snapshot& snapshot, const hub_status* states);

/// Where a tool is called from: what goes wrong is told accordingly.
enum class call_way : uint8_t {
  meta_tool, ///< `hub__call_tool`: as a result that the model can read.
  direct     ///< By its federated name: as the error that it is.
};

/// Calls a tool by its federated name. `params` are those of `tools/call`; `tool`
/// and `arguments` what is to be called.
route call_tool(const catalog_snapshot& snapshot, const json_text& params, std::string_view tool,
                std::string_view arguments, call_way way);

/// What `hub__call_tool` is asked to do, as models write it: `arguments` may be
/// an object, the text of one, or missing with its members beside `tool`.
struct wanted_call {
  std::string tool;
  std::string arguments;
};

/// What is wrong with the arguments of `hub__call_tool`, and what would be right.
struct bad_call {
  std::string message;
};

/// Reads the arguments of `hub__call_tool`.
std::variant<wanted_call, bad_call> read_wanted_call(std::string_view arguments);

} // namespace hub
