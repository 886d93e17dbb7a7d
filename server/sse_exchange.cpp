#include "server/sse_exchange.hpp"

#include "server/answer.hpp"
#include "server/routes.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace hub {

namespace {

refusal not_found() {
  return {404, rpc_code::unknown_session,
          "Session not found: its event stream is closed; open a new one with GET", {}, {}};
}

} // namespace

// -- the stream ---------------------------------------------------------------------

sse_exchange::sse_exchange(front& home, response_sink& sink, const http_request& request,
                           std::string_view cors_origin, door where, caller sender)
  : home_(home), response_(sink, request, cors_origin), door_(std::move(where)), sender_(std::move(sender)),
    heard_(home.now()) {
  // nop
}

sse_exchange::~sse_exchange() {
  forget();
}

void sse_exchange::start(http_request& request) {
  if (!response_.may_stream())
    return refuse({406, rpc_code::bad_session,
                   "Not Acceptable: GET opens an event stream; accept text/event-stream", {}, {}});
  if (home_.draining())
    return refuse({503, rpc_code::internal_error, "The hub is shutting down", {}, {}});
  path_ = path_of(request.target);
  id_ = home_.way_in().enter(shared_from_this());
  if (id_ == 0)
    return refuse({503, rpc_code::internal_error, "The hub has too many requests in flight", {}, {}});
  // Only to learn whether the door leads anywhere: the session comes with `initialize`.
  home_.way_in().find_stateless(door_, nullptr, id_);
}

void sse_exchange::on_session(session_answer answer) {
  if (answer.outcome != session_outcome::found || !answer.session) {
    auto for_now = answer.outcome == session_outcome::too_many_sessions
                   || answer.outcome == session_outcome::shutting_down;
    refusal why{for_now ? 503 : 404, rpc_code::internal_error, std::move(answer.message), {}, {}};
    if (!opening_)
      return refuse(why);
    why.id = opening_->id;
    opening_.reset();
    response_.send_always(to_message(why));
    return;
  }
  if (!opening_) {
    name_ = home_.streams().add(weak_from_this());
    response_.send_named_event("endpoint", path_ + "?sessionId=" + name_);
    return;
  }
  session_ = std::move(answer.session);
  auto message = std::move(*opening_);
  opening_.reset();
  ask(std::move(message), nullptr);
}

std::optional<refusal> sse_exchange::take(const door& where, rpc::envelope message, trace_context_ptr trace) {
  if (where != door_ || id_ == 0)
    return not_found();
  auto is_request = message.kind == rpc::message_kind::request;
  if (is_request && message.method == "initialize")
    return initialize(std::move(message));
  if (!session_)
    return refusal{400, rpc_code::bad_session,
                   "Bad Request: this stream is not initialized; send initialize first", {},
                   message.id};
  if (is_request)
    ask(std::move(message), std::move(trace));
  else
    home_.way_in().tell(*session_, std::move(message));
  return std::nullopt;
}

std::optional<refusal> sse_exchange::initialize(rpc::envelope message) {
  if (session_ || opening_)
    return refusal{400, rpc_code::invalid_request,
                   "Invalid Request: this stream is initialized already; open another one", {},
                   message.id};
  if (auto why = check_initialize(message))
    return why;
  client_ = home_.contexts().of_initialize(message.params, sender_);
  opening_ = std::move(message);
  home_.way_in().open(door_, client_, false, id_);
  return std::nullopt;
}

void sse_exchange::ask(rpc::envelope message, trace_context_ptr trace) {
  if (questions_.size() >= requests_limit) {
    response_.send_always(to_message({503, rpc_code::internal_error,
                                      "Too many requests of this stream are in flight; wait for "
                                      "their answers",
                                      {},
                                      message.id}));
    return;
  }
  auto part = ++last_part_;
  questions_[part] = {message.method, std::string{message.id.view()}};
  home_.way_in().ask(*session_, {id_, part, std::move(message), client_, log_level::off, nullptr, std::move(trace),
                                 std::chrono::steady_clock::now(), sender_.tools});
}

void sse_exchange::on_answer(size_t part, rpc_answer answer) {
  if (part == 0) {
    // The session has ended, and with it the stream.
    auto self = shared_from_this();
    session_ = nullptr;
    forget();
    for (auto& [number, unanswered] : std::exchange(questions_, {}))
      response_.send_always(to_message({200, rpc_code::internal_error,
                                        "The session ended before it could answer; open a new "
                                        "stream and send the request again",
                                        {},
                                        json_text{unanswered.id}}));
    return response_.send_nothing();
  }
  auto i = questions_.find(part);
  if (i == questions_.end())
    return;
  auto asked = std::move(i->second);
  questions_.erase(i);
  auto rendered = render({era::handshake, asked.method, asked.id}, answer);
  if (!rendered.message.empty())
    response_.send_always(rendered.message);
  heard_ = home_.now();
  if (asked.method != "initialize")
    return;
  if (answer.kind == answer_kind::result)
    // From now on it hears what belongs to no request, too.
    home_.way_in().open_stream(*session_, id_);
  else
    end_session();
}

bool sse_exchange::on_event(const text_parts& message) {
  if (!response_.send_event(message)) {
    ++home_.counters().events_dropped;
    return false;
  }
  heard_ = home_.now();
  return true;
}

void sse_exchange::refuse(const refusal& why) {
  auto self = shared_from_this();
  forget();
  response_.send_json(why.status, to_message(why));
}

void sse_exchange::end_session() {
  if (auto session = std::exchange(session_, nullptr))
    home_.way_in().end(session->id, door_, [](const session_ended*) {
      // Its stream is gone; nobody is left to be told.
    });
}

void sse_exchange::forget() {
  if (!name_.empty())
    home_.streams().remove(std::exchange(name_, {}));
  if (auto id = std::exchange(id_, 0))
    home_.way_in().leave(id);
}

bool sse_exchange::wants_answer_still() {
  return false;
}

void sse_exchange::client_left() {
  auto self = shared_from_this();
  response_.detach();
  end_session();
  forget();
}

void sse_exchange::sweep() {
  if (name_.empty() || home_.now() - heard_ < home_.in_sweeps(home_.settings().stream_silence))
    return;
  heard_ = home_.now();
  response_.send_comment();
}

// -- posts --------------------------------------------------------------------------

sse_post::sse_post(front& home, response_sink& sink, const http_request& request,
                   std::string_view cors_origin, door where, std::string stream)
  : home_(home), response_(sink, request, cors_origin), door_(std::move(where)),
    stream_(std::move(stream)) {
  // nop
}

void sse_post::start(http_request& request) {
  if (stream_.empty())
    return tell(refusal{405, rpc_code::bad_session,
                        "Method Not Allowed: POST to the address that the first event of the "
                        "stream names; GET opens a stream",
                        {},
                        {}});
  auto read = read_post(request);
  if (auto why = std::get_if<refusal>(&read))
    return tell(*why);
  auto& post = std::get<mcp_post>(read);
  if (post.era == era::stateless || !post.batch.empty())
    return tell(refusal{400, rpc_code::invalid_request,
                        "Invalid Request: a stream of 2024-11-05 takes single messages of "
                        "versions with initialize",
                        {},
                        post.message.id});
  if (home_.draining() && post.message.kind == rpc::message_kind::request)
    return tell(refusal{503, rpc_code::internal_error, "The hub is shutting down", {}, post.message.id});
  auto owner = home_.owner_of(stream_);
  if (!owner)
    return tell(not_found());
  auto trace = trace_of(post.trace, request);
  if (owner.get() == &home_) {
    auto stream = home_.streams().find(stream_);
    return tell(stream ? stream->take(door_, std::move(post.message), std::move(trace)) : not_found());
  }
  // The stream lives on another shard.
  boost::asio::post(owner->home().context(), [self = shared_from_this(), owner,
                                              asker = home_.shared_from_this(),
                                              message = std::move(post.message), trace = std::move(trace)]() mutable {
    shard::scope woken{owner->home()};
    auto stream = owner->streams().find(self->stream_);
    auto why = stream ? stream->take(self->door_, std::move(message), std::move(trace)) : not_found();
    stream.reset();
    boost::asio::post(asker->home().context(), [self = std::move(self), asker, why = std::move(why)] {
      shard::scope woken{asker->home()};
      self->tell(why);
    });
  });
}

void sse_post::tell(const std::optional<refusal>& why) {
  auto self = shared_from_this();
  if (why)
    response_.send_json(why->status, to_message(*why));
  else
    response_.send_empty(202);
}

bool sse_post::wants_answer_still() {
  return true;
}

void sse_post::client_left() {
  response_.detach();
}

void sse_post::sweep() {
  // The other shard answers at once.
}

} // namespace hub
