#pragma once

#include "messages/backend.hpp"
#include "messages/catalogue.hpp"

#include <caf/actor_addr.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Whether a server offers tasks in the form of its version.
bool declares_tasks(const server_catalogue& server);

/// Whether tasks cross between a server and a client: those of 2025-11-25 ("Tasks")
/// within that version, the extension `io.modelcontextprotocol/tasks` within
/// 2026-07-28. The two are not alike, so neither crosses eras.
bool carries_tasks(const server_catalogue& server, const client_context& client);

/// Whether the answer to this `tools/call`, for which tasks are carried, may be a task
/// in place of the result.
bool may_become_task(const backend_request& x);

/// What a server declares to be able to do, less the tasks that this client cannot have.
json_text visible_capabilities(const server_catalogue& server, const client_context& client);

/// The `params` of a request without what asks for a task.
json_text without_tasks(const json_text& params);

/// Which client has which task of a run of a server, so that nobody comes at the task
/// of another. Of too many the oldest is forgotten, and then belongs to nobody.
class task_owners {
public:
  explicit task_owners(size_t capacity = 1024) : capacity_(capacity) {
    // nop
  }

  /// A call was answered with `result`, which may be a task. `wire_id` and `token` are
  /// the progress token that the server has and the one that the client gave.
  void take(const json_text& result, const session_actor& session, const client_context* client, int64_t wire_id,
            const json_text& token);

  /// The error for a request about tasks that are not its client's; nothing if it may go on.
  std::optional<json_text> refuse(const backend_request& x) const;

  /// The result of `tasks/list` with the tasks of this client alone.
  json_text own_part(const json_text& result, const session_actor& session, const client_context* client) const;

  /// The session that has a task (JSON); null if none has it.
  session_actor session_of(std::string_view task) const;

  struct reported {
    session_actor session;
    json_text token;
  };

  /// Whom the progress of a call concerns that has become a task.
  std::optional<reported> progress_of(int64_t wire_id) const;

private:
  struct entry {
    std::string task;

    /// Of a session of the handshake era; else null, and what the client says of
    /// itself counts.
    caf::actor_addr session;
    json_text info;

    int64_t wire_id = 0;
    json_text token;
  };

  const entry* find(std::string_view task) const;
  const entry* find(std::string_view task, const session_actor& session, const client_context* client) const;

  size_t capacity_;
  std::deque<entry> entries_;
};

} // namespace hub
