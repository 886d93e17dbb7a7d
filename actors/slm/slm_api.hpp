#pragma once

#include "actors/slm/slm_release.hpp"
#include "messages/memory.hpp"
#include "messages/slm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The HTTP interface of the SuperLocalMemory daemon: its requests, and what its answers
// mean, over all releases from 3.4 on. No socket in it.
namespace hub {

/// What an HTTP answer means. `pause` and `left` are the headers `Retry-After` and
/// `X-RateLimit-Remaining`, or empty.
slm_answer read_slm_answer(int status, std::string body, std::string_view pause, std::string_view left);

/// Who answers `/health`.
struct slm_identity {
  slm_release release;
  std::string version;

  /// Another one after each start; empty before 3.7.
  std::string instance;
  std::string profile;
};

slm_request ask_slm_health();

/// Nothing if it is some other program that answers.
std::optional<slm_identity> read_slm_health(std::string_view body);

/// What `/status` tells.
struct slm_facts {
  std::string mode;
  int64_t facts = 0;
};

slm_request ask_slm_status();
slm_facts read_slm_status(std::string_view body);

/// The key for local programs; from 3.7 on.
slm_request ask_slm_token();

/// 16 to 256 hexadecimal digits, or empty.
std::string read_slm_token(std::string_view body);

/// What one tool has done in one session, once or several times with the same outcome.
struct slm_tool_event {
  /// `server__tool`.
  std::string tool;

  bool failed = false;

  /// At most 500 characters are kept.
  std::string input{};
  std::string output{};

  std::string session;
  std::string project;
};

slm_request tell_slm_tool_event(const slm_tool_event& x);

/// A session has ended; `session` is not empty, since the daemon would then end another's.
slm_request close_slm_session(const std::string& session);

/// Searches the memory without changing it (`/recall`, not `/api/v3/recall/trace`).
slm_request ask_slm_recall(std::string_view query, const std::string& session, size_t limit);

/// Something that the memory holds. Text of strangers.
struct slm_memory {
  std::string id;
  std::string text;
  std::string age;
};

/// What was found; none if the daemon itself says that nothing fits.
std::vector<slm_memory> read_slm_recall(std::string_view body, size_t limit);

/// Which tools were used and when, as the daemon remembers; tools that no server has are left
/// out. The oldest first, which is not how the daemon tells them.
slm_request ask_slm_tool_events(size_t limit);
std::vector<seen_use> read_slm_tool_events(std::string_view body, size_t limit);

/// A JSON object from its members, each a name and a JSON value.
class slm_object {
public:
  slm_object& text(std::string_view name, std::string_view value);
  slm_object& number(std::string_view name, int64_t value);

  /// `value` is JSON.
  slm_object& json(std::string_view name, std::string_view value);

  std::string take();

private:
  std::string text_;
};

/// At most `limit` bytes of `text`, which are whole characters.
std::string_view cut_text(std::string_view text, size_t limit) noexcept;

} // namespace hub
