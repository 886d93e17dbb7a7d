#pragma once

#include "server/era.hpp"
#include "server/exchange.hpp"
#include "server/gate.hpp"
#include "server/refusal.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace hub {

/// The stream of a client of HTTP+SSE (2024-11-05, "HTTP with SSE"): its first event
/// says where to POST, and everything else comes over it. The stream is the session:
/// when it goes, so does the session with its calls.
class sse_exchange final : public exchange,
                           public visitor,
                           public std::enable_shared_from_this<sse_exchange> {
public:
  /// The most requests of a stream without an answer.
  static constexpr size_t requests_limit = 1024;

  sse_exchange(front& home, response_sink& sink, const http_request& request,
               std::string_view cors_origin, door where, caller sender);

  ~sse_exchange() override;

  void start(http_request& request) override;
  bool wants_answer_still() override;
  void client_left() override;
  void sweep() override;

  void on_session(session_answer answer) override;
  void on_answer(size_t part, rpc_answer answer) override;
  bool on_event(const text_parts& message) override;

  /// Takes a message that was posted; why not, if it is refused.
  std::optional<refusal> take(const door& where, rpc::envelope message, trace_context_ptr trace);

private:
  /// A request that has no answer yet.
  struct question {
    std::string method;
    std::string id;
  };

  std::optional<refusal> initialize(rpc::envelope message);
  void ask(rpc::envelope message, trace_context_ptr trace);
  void refuse(const refusal& why);

  /// Ends the session and whatever it does.
  void end_session();

  void forget();

  front& home_;
  response response_;
  door door_;
  caller sender_;
  std::string path_;

  /// What the client posts with; empty before the stream has begun.
  std::string name_;

  exchange_id id_ = 0;
  std::shared_ptr<known_session> session_;
  std::shared_ptr<const client_context> client_;

  /// `initialize`, until there is a session for it.
  std::optional<rpc::envelope> opening_;

  /// By part; part 0 is the stream itself.
  std::map<size_t, question> questions_;
  size_t last_part_ = 0;

  /// When the client last heard something.
  uint32_t heard_;
};

/// A POST to such a stream. It is answered by its status; the rest is said over the
/// stream, which may belong to another shard.
class sse_post final : public exchange, public std::enable_shared_from_this<sse_post> {
public:
  /// @param stream The `sessionId` of the path.
  sse_post(front& home, response_sink& sink, const http_request& request,
           std::string_view cors_origin, door where, std::string stream);

  void start(http_request& request) override;
  bool wants_answer_still() override;
  void client_left() override;
  void sweep() override;

private:
  void tell(const std::optional<refusal>& why);

  front& home_;
  response response_;
  door door_;
  std::string stream_;
};

} // namespace hub
