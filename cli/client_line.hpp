#pragma once

#include "messages/rpc/header_parameters.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::cli {

/// What a client of stdio wrote as one line.
struct client_line {
  enum class kind {
    request,
    other, ///< A notification, an answer, or a batch.
    broken ///< Not JSON-RPC; `text` is the answer to it.
  };

  kind what = kind::other;
  std::string text;

  /// As it was written; empty for none.
  std::string id;

  std::string method;

  /// A message of 2026-07-28, which carries all that there is to know.
  bool stateless = false;

  /// For a stateless message: what HTTP wants repeated in headers.
  std::vector<std::pair<std::string, std::string>> headers;

  /// Whether it may be sent again when nobody knows whether it arrived.
  bool repeatable = false;

  /// For `notifications/cancelled`: the id of the request, as it was written.
  std::string taken_back;
};

/// Reads what clients write, and remembers of lists of tools which arguments go into
/// headers (MCP 2026-07-28, "Custom Headers from Tool Parameters"): clients of stdio
/// know nothing of that.
class line_translator {
public:
  /// The most tools that are remembered.
  static constexpr size_t tools_limit = 10'000;

  client_line read(std::string text) const;

  /// Looks at the answer to `tools/list`.
  void note_tools(std::string_view answer);

private:
  std::map<std::string, rpc::header_parameters> tools_;
};

} // namespace hub::cli
