#pragma once

#include "messages/json_text.hpp"
#include "server/http_request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

/// Takes the bytes of answers: the connection.
class response_sink {
public:
  virtual ~response_sink() = default;

  /// Sends three texts, one behind the other. `tail` must be a literal; the
  /// others are shared or copied if they cannot be sent at once.
  virtual void write(std::string_view head, const text_parts& body, std::string_view tail) = 0;

  /// The same for a part of an answer that goes on: it may wait for the end of the burst,
  /// so that what follows in it leaves with it.
  virtual void write_part(std::string_view head, const text_parts& body, std::string_view tail) = 0;

  /// Bytes that the client has not taken yet.
  virtual size_t unsent() const noexcept = 0;

  /// The answer is complete. May end the exchange that calls it.
  virtual void finish(bool close) = 0;
};

/// The answer to one HTTP request: a JSON text, or an event stream if something
/// has to be said before the answer. It remains undecided as long as it can.
class response {
public:
  /// The most bytes of events that wait for a slow reader. Over it events are
  /// dropped; answers never are.
  static constexpr size_t unsent_limit = 1024 * 1024;

  /// @param sink Outlives this, or is given up by `detach`.
  response(response_sink& sink, const http_request& request, std::string_view cors_origin);

  response(const response&) = delete;
  response& operator=(const response&) = delete;

  /// The client is gone: what follows is dropped.
  void detach() noexcept {
    sink_ = nullptr;
  }

  /// Whether nothing was sent so far.
  bool undecided() const noexcept {
    return phase_ == phase::undecided;
  }

  bool ended() const noexcept {
    return phase_ == phase::ended || sink_ == nullptr;
  }

  /// Whether the client takes an event stream.
  bool may_stream() const noexcept {
    return streams_;
  }

  /// From now on the answer must be one JSON text, if the client takes JSON.
  void prefer_json() noexcept {
    streams_ = streams_ && !json_;
  }

  /// The id of the new session, for the head.
  void set_session(std::string id) {
    session_id_ = std::move(id);
  }

  /// Answers with a JSON text and its status.
  /// @param more More headers, each with its line end.
  void send_json(int status, const text_parts& body, std::string_view more = {}) {
    send(status, "application/json", body, more);
  }

  /// Answers with a text of another type.
  void send(int status, std::string_view content_type, const text_parts& body, std::string_view more = {});

  /// Answers with a page for a browser, which may load nothing else and is kept
  /// nowhere.
  void send_page(int status, const text_parts& body);

  /// Answers with a status and no body.
  void send_empty(int status, std::string_view more = {});

  /// Begins an event stream if the client takes one; tells whether there is one.
  bool begin_stream();

  /// Sends an event before the answer. Returns false if it was dropped.
  /// @param id Names the event for `Last-Event-ID`; empty for none.
  bool send_event(const text_parts& message, std::string_view id = {});

  /// Sends an event that is not dropped, however slow the reader is.
  void send_always(const text_parts& message);

  /// Sends an event of a kind of its own, which is not a message. `data` has no
  /// line end.
  void send_named_event(std::string_view name, std::string_view data);

  /// Begins the stream and says how to go on if it breaks: an event with an id and
  /// no data, and how long to wait (2025-11-25, "Sending Messages to the Server").
  void send_priming(std::string_view id, std::chrono::milliseconds retry);

  /// Sends a comment, so that everybody on the way sees that the stream is alive.
  void send_comment();

  /// Gives the answer: as the last event of a stream, or else as JSON or as the
  /// only event, whatever the client takes.
  /// @param id Names the event for `Last-Event-ID`; empty for none.
  void send_answer(int status, const text_parts& message, std::string_view id = {});

  /// Ends without an answer: the stream, or 202 for a client that takes none.
  void send_nothing();

private:
  enum class phase : uint8_t { undecided, stream, ended };

  void write_event(const text_parts& message, std::string_view id, std::string_view chunk_end);
  void write_chunk(std::string_view text);
  void end();

  response_sink* sink_;
  phase phase_ = phase::undecided;
  bool json_;
  bool streams_;
  bool keep_alive_;
  bool without_body_;
  std::string cors_origin_;
  std::string session_id_;
};

} // namespace hub
