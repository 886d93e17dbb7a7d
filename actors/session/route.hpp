#pragma once

#include "actors/catalog/snapshot.hpp"
#include "messages/call.hpp"
#include "messages/catalogue.hpp"
#include "messages/client.hpp"
#include "messages/large_result.hpp"
#include "messages/lock.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/codes.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace hub {

/// A request goes to a server.
struct forward {
  /// The configured name.
  std::string server;

  std::string method;

  /// With the server's own names in it.
  json_text params;

  /// The client called a tool through the federated door, so that what goes
  /// wrong is told as a tool's result, which the model can read.
  bool tell_as_tool_result = false;

  std::chrono::milliseconds time_limit{0};

  /// Each session has a run of the server for itself.
  bool per_session = false;

  /// The permission rule that lets it through; null if none is about it.
  const permission_rule* rule = nullptr;

  /// What the cache may do with it; null for nothing.
  cache_rule_ptr cache_rule = nullptr;

  /// What it costs; null for nothing.
  price_ptr price = nullptr;

  /// Where tools stand that do the same; null for nowhere.
  cascades_ptr cascades = nullptr;
};

/// A request of a client for a server.
forward forward_to(const known_server& server, std::string method, json_text params, bool tell_as_tool_result = false);

/// A request needs something that is not there yet.
enum class missing : uint8_t {
  search_index,     ///< Ask the catalog for it and try again.
  catalogue,        ///< Have the door's server started and wait for its lists.
  server_states     ///< Ask the supervisor how the servers are.
};

/// A request is for the keeper of the locks. Who asks is not filled in.
struct lock_wish {
  std::variant<take_lock, release_lock> what;
};

/// A request wants to tell what the memory holds.
enum class memory_wish : uint8_t {
  introduction, ///< At the end of the instructions, if it is there soon.
  resource,
  mesh_resource,
  prompt
};

/// A search wants to know which tools mean about this.
struct meaning_wish {
  std::string request;
};

/// What is to be done with a request. A `read_result` is for the keeper of large results.
using route = std::variant<rpc_answer, forward, missing, lock_wish, memory_wish, meaning_wish, read_result>;

/// A result that we wrote ourselves.
rpc_answer result_of(std::string json);

/// An error that we found ourselves.
rpc_answer error_of(int code, std::string_view message, std::string_view data = {});

/// A tool's result that says in words what went wrong.
rpc_answer tool_error(std::string_view text);

/// A call or request that permission rules refuse.
/// @param tool The name that the server gives it; empty for what belongs to the server as a whole.
/// @param as_tool_result Whether the model is to read it.
rpc_answer denied(const permission_decision& why, std::string_view server, std::string_view tool,
                  bool as_tool_result);

using rpc_code::internal_error;
using rpc_code::invalid_params;
using rpc_code::method_not_found;

/// Up to 2025-11-25; the door turns it into -32602 for the stateless era.
using rpc_code::resource_not_found;

/// The members `"protocolVersion":…,"capabilities":…,` and so on of an answer to
/// `initialize` or `server/discover`.
struct introduction {
  std::string capabilities;
  std::string server_info;

  /// A JSON string, or empty.
  std::string instructions;
};

/// Answers `initialize` (to 2025-11-25) in the version that the client speaks,
/// or `server/discover` (2026-07-28).
rpc_answer introduce(const client_request& request, const introduction& x);

/// `{"tools":[…]}` and its like, of objects that need no change.
rpc_answer list_of(std::string_view member, const std::vector<json_text>& items);

} // namespace hub
