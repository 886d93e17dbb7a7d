// What an exchange says to its client, and what becomes of it when the client goes.

#include "messages/protocol_versions.hpp"
#include "server/answer.hpp"
#include "server/mcp_exchange.hpp"

#include <utility>

namespace hub {

mcp_exchange::~mcp_exchange() {
  if (stream_)
    stream_->detach(*this, home_.now());
}

// -- streams ------------------------------------------------------------------------

void mcp_exchange::open_stream() {
  if (auto before = session_->get_stream.lock(); before && !before->viewed())
    // A client that lost its stream and does not ask for it begins a new one.
    session_->streams.forget(before);
  if (session_->stream_open)
    return refuse({409, rpc_code::bad_session,
                   "Conflict: the session has its stream open; one is all it may have", {}, {}});
  goal_ = goal::stream;
  home_.way_in().open_stream(*session_, id_);
  response_.begin_stream();
  make_resumable();
  session_->get_stream = stream_;
}

void mcp_exchange::resume() {
  auto stream = session_->streams.find(position_->stream);
  if (!stream && position_->of_session)
    // What it missed is forgotten; what is to come is not.
    return open_stream();
  if (!stream)
    return refuse({400, rpc_code::bad_session,
                   "Bad Request: the stream of this Last-Event-ID is forgotten, and with it the "
                   "answer; send the request again",
                   {},
                   {}});
  leave();
  stream_ = std::move(stream);
  response_.begin_stream();
  heard_ = home_.now();
  stream_->attach(*this, position_->seen);
}

void mcp_exchange::make_resumable() {
  if (stream_ || era_ != era::handshake || goal_ == goal::initialize || id_ == 0 || !session_
      || !response_.may_stream())
    return;
  stream_ = home_.open_stream(session_, id_, goal_ == goal::stream);
  if (!stream_)
    return;
  stream_->on_forgotten = [self = weak_from_this()] {
    if (auto x = self.lock())
      x->stream_forgotten();
  };
  // Parsers of older clients choke on an event without data.
  if (session_->client->protocol_version == newest_handshake_version)
    stream_->attach_primed(*this);
  else
    stream_->attach(*this, 0);
}

void mcp_exchange::stream_forgotten() {
  auto id = id_;
  leave();
  if (goal_ != goal::stream || id == 0)
    return;
  session_->stream_open = false;
  home_.way_in().close(*session_, id, false);
}

void mcp_exchange::show_priming(std::string_view id) {
  heard_ = home_.now();
  response_.send_priming(id, home_.settings().retry_delay);
}

bool mcp_exchange::show(std::string_view id, const text_parts& message) {
  if (!response_.send_event(message, id)) {
    ++home_.counters().events_dropped;
    return false;
  }
  heard_ = home_.now();
  return true;
}

bool mcp_exchange::show_last(std::string_view id, const text_parts& message) {
  // The connection may drop the exchange with its answer.
  auto self = shared_from_this();
  if (message.empty())
    response_.send_nothing();
  else
    response_.send_answer(200, message, id);
  return !doubtful_;
}

void mcp_exchange::let_go() {
  auto self = shared_from_this();
  response_.send_nothing();
}

// -- answers ------------------------------------------------------------------------

bool mcp_exchange::on_event(const text_parts& message) {
  if (goal_ == goal::initialize) {
    ++home_.counters().events_dropped;
    return false;
  }
  make_resumable();
  return stream_ ? stream_->say(message) : show({}, message);
}

void mcp_exchange::on_answer(size_t part, rpc_answer answer) {
  switch (goal_) {
    case goal::stream:
      session_->stream_open = false;
      return finish(200, {});
    case goal::ask_all:
      return answer_batch(part, answer);
    case goal::initialize:
      answer_initialize(answer);
      break;
    default:
      break;
  }
  auto rendered = render({era_, question_.method, question_.id}, answer);
  finish(rendered.status, rendered.message);
}

void mcp_exchange::finish(int status, const text_parts& message) {
  leave();
  if (stream_) {
    stream_->end(message, home_.now());
    session_->streams.trim();
    if (message.empty())
      session_->streams.forget(stream_);
  } else if (message.empty()) {
    response_.send_nothing();
  } else {
    response_.send_answer(status, message);
  }
}

void mcp_exchange::answer_initialize(const rpc_answer& answer) {
  if (answer.kind == answer_kind::result)
    return response_.set_session(session_->id);
  home_.way_in().end(session_->id, door_, [](const session_ended*) {
    // The client gets the error; that the session is gone too is no news to it.
  });
}

void mcp_exchange::answer_batch(size_t part, const rpc_answer& answer) {
  auto& asked = questions_[part];
  auto rendered = render({era_, asked.method, asked.id}, answer);
  answers_.push_back(std::move(rendered.message));
  if (answers_.size() < questions_.size())
    return;
  std::string text;
  for (auto& x : answers_) {
    if (x.empty())
      continue;
    text += text.empty() ? "[" : ",";
    x.for_each([&text](std::string_view piece) { text += piece; });
  }
  finish(200, text.empty() ? text_parts{} : text_parts{json_text{text + "]"}});
}

// -- the life of the connection -----------------------------------------------------

bool mcp_exchange::wants_answer_still() {
  if (era_ == era::stateless || goal_ == goal::stream || goal_ == goal::resume)
    return false;
  doubtful_ = true;
  // Not a cancellation in this era: the call goes on, and so may the other half
  // of the connection.
  if (id_ != 0 && session_)
    home_.way_in().close(*session_, id_, false);
  return true;
}

void mcp_exchange::client_left() {
  response_.detach();
  if (stream_)
    // It goes on without a reader, for a client that comes back.
    return stream_->detach(*this, home_.now());
  auto id = id_;
  leave();
  if (id == 0 || !session_)
    return;
  auto& way_in = home_.way_in();
  if (goal_ == goal::stream)
    session_->stream_open = false;
  if (goal_ == goal::initialize)
    // Nobody will ever know the id of this session.
    return way_in.end(session_->id, door_, [](const session_ended*) {
      // Whether it existed is of no interest any more.
    });
  way_in.close(*session_, id, era_ == era::stateless);
}

bool mcp_exchange::may_be_primed() const noexcept {
  return !stream_ && session_ && id_ != 0 && era_ == era::handshake && response_.may_stream()
         && session_->client->protocol_version == newest_handshake_version;
}

bool mcp_exchange::moment_passed() {
  if (goal_ != goal::ask || !may_be_primed())
    return false;
  // The first one may come at once.
  if (home_.moments() - asked_ < 2)
    return true;
  make_resumable();
  return false;
}

void mcp_exchange::sweep() {
  auto waits = id_ != 0 || goal_ == goal::resume;
  if (!waits || goal_ == goal::initialize || !response_.may_stream())
    return;
  if (home_.now() == heard_)
    return;
  // One that may be gone is found out by being spoken to.
  auto speak_now = doubtful_ && !response_.undecided();
  if (!speak_now && home_.now() - heard_ < home_.in_sweeps(home_.settings().stream_silence))
    return;
  heard_ = home_.now();
  response_.send_comment();
}

} // namespace hub
