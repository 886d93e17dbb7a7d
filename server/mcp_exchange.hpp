#pragma once

#include "server/era.hpp"
#include "server/exchange.hpp"
#include "server/gate.hpp"
#include "server/refusal.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// One request to an MCP endpoint: from its bytes to the session, and from the
/// session's answer to the client. The gate knows it by its id from the time when
/// it asks somebody until it is answered or the client leaves.
class mcp_exchange final : public exchange,
                           public visitor,
                           public stream_viewer,
                           public std::enable_shared_from_this<mcp_exchange> {
public:
  mcp_exchange(front& home, response_sink& sink, const http_request& request,
               std::string_view cors_origin, door where, caller sender);

  void start(http_request& request) override;
  bool wants_answer_still() override;
  void client_left() override;
  void sweep() override;
  bool moment_passed() override;

  void on_session(session_answer answer) override;
  void on_answer(size_t part, rpc_answer answer) override;
  bool on_event(const text_parts& message) override;

  void show_priming(std::string_view id) override;
  bool show(std::string_view id, const text_parts& message) override;
  bool show_last(std::string_view id, const text_parts& message) override;
  void let_go() override;

  ~mcp_exchange() override;

private:
  /// What is to be done with the session once it is found.
  enum class goal : uint8_t { nothing, tell, ask, ask_all, initialize, initialize_again, stream, resume };

  /// A request as its answer needs it.
  struct question {
    std::string method;
    std::string id;
  };

  void start_post(http_request& request);
  void start_stateless(const http_request& request, mcp_post& post);

  /// Keeps the `Mcp-Param-*` headers for whoever knows the schema of the tool.
  std::optional<refusal> read_param_headers(const http_request& request, const json_text& id);

  void start_handshake(http_request& request, mcp_post& post);
  void start_stream(const http_request& request);
  void start_end(const http_request& request);

  /// Whether an answer that takes long shall outlive the connection: for clients whose
  /// version begins streams with an event that has nothing but its id.
  bool may_be_primed() const noexcept;

  /// Enters the gate; false if that was refused, and the client told.
  bool enter();

  /// Leaves the gate: nothing comes from there any more.
  void leave();

  /// Finds the session that the request names, to do `next` with it.
  void find_session(const http_request& request, goal next);

  /// Sends the messages of a batch to the session.
  void ask_all();

  /// Opens the GET stream of the session.
  void open_stream();

  /// Goes on with a stream that has lost its client.
  void resume();

  /// Has the messages of this exchange kept for a client that loses its connection,
  /// if it is one that can come back.
  void make_resumable();

  /// Gives the last message to whoever reads it.
  void finish(int status, const text_parts& message);

  /// Nobody came back to the stream.
  void stream_forgotten();

  void refuse(const refusal& why);
  void refuse_session(const session_answer& answer);

  /// Refuses because the hub is about to end or has too much to do.
  void refuse_for_now(std::string message);

  void answer_batch(size_t part, const rpc_answer& answer);
  void answer_initialize(const rpc_answer& answer);

  front& home_;
  response response_;
  door door_;
  caller sender_;
  goal goal_ = goal::nothing;
  hub::era era_ = hub::era::handshake;
  exchange_id id_ = 0;
  std::shared_ptr<known_session> session_;

  /// What is shown here, or was: the messages of this exchange or, with
  /// `goal::resume`, those of another. Null if it cannot be resumed.
  std::shared_ptr<resumable_stream> stream_;

  /// Where a client wants to go on.
  std::optional<stream_position> position_;

  /// What waits for the session to be found.
  rpc::envelope message_;
  std::vector<rpc::envelope> batch_;
  std::shared_ptr<const client_context> client_;
  log_level logs_ = log_level::off;
  std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> param_headers_;
  trace_context_ptr trace_;
  std::chrono::steady_clock::time_point received_;

  /// The request, or the requests of a batch.
  question question_;
  std::vector<question> questions_;

  /// Rendered answers of a batch.
  std::vector<text_parts> answers_;

  /// The client has closed its half of the connection, or all of it.
  bool doubtful_ = false;

  /// When the client last heard something.
  uint32_t heard_;

  /// The moment at which the request went on to the session.
  uint32_t asked_ = 0;
};

} // namespace hub
