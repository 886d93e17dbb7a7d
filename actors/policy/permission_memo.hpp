#pragma once

#include "messages/policy.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// What was decided for one client, remembered by server and tool.
class permission_memo {
public:
  /// The most decisions that are remembered; over it all are forgotten.
  static constexpr size_t capacity = 1024;

  /// Nothing is allocated for what was asked before.
  /// @param tool Empty for what belongs to the server as a whole.
  /// @param is_new Set if it was not asked before, so that it is told once.
  permission_decision decide(const client_policy& policy, std::string_view server, std::string_view tool,
                             bool& is_new);

private:
  struct question {
    std::string server;
    std::string tool;
  };

  struct question_view {
    std::string_view server;
    std::string_view tool;
  };

  struct hash {
    using is_transparent = void;

    size_t operator()(const question_view& x) const noexcept {
      std::hash<std::string_view> of;
      return of(x.server) * 31 + of(x.tool);
    }

    size_t operator()(const question& x) const noexcept {
      return (*this)(question_view{x.server, x.tool});
    }
  };

  struct equal {
    using is_transparent = void;

    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return a.server == b.server && a.tool == b.tool;
    }
  };

  std::unordered_map<question, permission_decision, hash, equal> known_;
};

/// The tool that the params of a `tools/call` name. `text` is where the name is put if
/// it has escapes. Nothing if it is no string, or if there is a second member that some
/// server might take for it, whatever the case of its letters: the rules must judge the tool
/// that is called.
std::optional<std::string_view> called_tool(std::string_view params, std::string& text);

} // namespace hub
