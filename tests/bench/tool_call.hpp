#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::bench {

/// Which tool of the echo server is called, and by which way.
struct call_shape {
  std::string tool = "echo"; ///< As the server behind the URL names it: `echo`, or `echo__echo` at the federated one.
  bool through_meta_tool = false; ///< Calls `hub__call_tool`, which is to call `tool`.
  size_t bytes = 0;               ///< The size of the text that `blob` answers with; 0 for the other tools.
  long ms = 0;                    ///< How long `wait` and `stall` take.
  bool stateless = false;         ///< The request is of 2026-07-28, as opposed to one in a session.
  int progress = 0;               ///< How many notifications of progress are asked for and have to come.
};

/// One call with an argument that no other call has, and the judge of its answer.
class tool_call {
public:
  tool_call(const call_shape& shape, uint64_t id, uint64_t session);

  /// The JSON-RPC request.
  [[nodiscard]] const std::string& request() const noexcept {
    return request_;
  }

  /// Says what is wrong with an answer, or nothing: it must have this call's id and carry its unique text, at both ends
  /// of a blob.
  [[nodiscard]] std::string_view fault_of(std::string_view answer) const;

private:
  uint64_t id_;
  size_t bytes_;
  int progress_;
  std::string marker_;
  std::string token_;
  std::string request_;
};

/// The `initialize` request that opens a session, with id 0.
inline constexpr std::string_view initialize_request
    = R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
      R"("clientInfo":{"name":"bench-load","version":"1.0.0"}}})";

inline constexpr std::string_view initialized_notification
    = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

inline constexpr std::string_view list_tools_request = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";

} // namespace hub::bench
