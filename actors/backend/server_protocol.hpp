#pragma once

#include "actors/backend/call_listeners.hpp"
#include "actors/backend/catalogue_reader.hpp"
#include "actors/backend/http_head.hpp"
#include "actors/backend/task_owners.hpp"
#include "messages/backend.hpp"
#include "messages/catalogue.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hub {

/// Bounds and times of one connection to a server.
struct protocol_limits {
  /// How long a server may take to answer the probe for the stateless era
  /// before it is offered the handshake as well.
  std::chrono::milliseconds probe{3000};

  /// How long one page of a list may take.
  std::chrono::milliseconds list{60'000};

  /// How many calls may be open at a time.
  size_t open_calls = 1024;

  /// How many requests of the server may wait for their answer at a time.
  size_t open_questions = 256;

  /// How long a question waits until it is clear which client it is for.
  std::chrono::milliseconds doubt{5000};
};

/// Which era a server speaks, as far as it is known.
enum class known_era : uint8_t { unknown, handshake, stateless };

/// What the protocol has to know of the connection it runs over.
struct connection_traits {
  /// Messages carry `http_hints`, and requests may fail one by one.
  bool http = false;

  /// The first id of our requests.
  int64_t first_id = 1;

  /// What the hub declares towards a server of the handshake era: the
  /// capabilities of the one client, or what can be passed on to any.
  json_text capabilities;

  /// The one session that this run is for; null if it is shared.
  session_actor session;
};

/// The client's side of MCP towards one server, over one connection: finds the
/// era, shakes hands, learns what the server offers, and multiplexes calls.
/// It has no actor, clock or socket: events go in, and what is to be done
/// collects in `out`, which the owner empties after each event.
class server_protocol {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct answered {
    call_id call;
    rpc_answer answer;
  };

  struct event {
    exchange_address to;
    text_parts message;
  };

  /// A message for the server.
  struct outgoing {
    text_parts message;

    /// The id of a request; 0 for anything else.
    int64_t id = 0;

    /// Only for connections over HTTP.
    std::shared_ptr<const http_hints> http;
  };

  /// The server asks the client of a call something; `answer_question` answers.
  struct question {
    /// As the server wrote it.
    std::string id;

    /// Null for what belongs to no call: then the session itself is asked.
    question_actor to;
    session_actor session;
    server_question what;
  };

  /// A notification for one client that belongs to no open request.
  struct notice {
    session_actor to;
    text_parts message;
  };

  /// What is to be done next.
  struct output {
    std::vector<outgoing> to_server;
    std::vector<answered> answers;
    std::vector<event> events;
    std::vector<question> questions;
    std::vector<notice> notices;

    /// Calls of which any may have made the server ask what was refused for that reason.
    std::vector<std::pair<question_actor, call_id>> doubts;

    /// Requests whose answers nobody waits for any more.
    std::vector<int64_t> abandoned;

    /// Answers to requests that `watch` sent.
    std::vector<std::pair<int64_t, rpc_answer>> watch_answers;

    /// The `params` of `notifications/resources/updated`.
    std::vector<json_text> updated_resources;

    /// Sentences for the log.
    std::vector<std::string> remarks;

    /// The server takes calls from now on.
    bool became_ready = false;

    /// A new or renewed catalogue.
    std::shared_ptr<server_catalogue> learned;

    /// The handshake failed for good: the cause.
    std::optional<std::string> refused;

    /// Whether there is more than messages to and fro, which is rare.
    bool has_more() const noexcept {
      return !questions.empty() || !notices.empty() || !doubts.empty() || !watch_answers.empty()
             || !updated_resources.empty() || !remarks.empty() || became_ready || learned || refused;
    }
  };

  server_protocol(std::string server, known_era era, protocol_limits limits,
                  connection_traits traits = {});

  /// The connection stands: says the first words.
  void open(time_point now);

  /// A message of the server arrived; `cause` as in `server_message`.
  void receive(json_text text, int64_t cause, time_point now);

  /// A request will get no answer.
  void fail(const request_failed& x, time_point now);

  /// Sends a notification without params.
  void notify(const std::string& method);

  /// From now on progress and log messages of a call go elsewhere, with another token
  /// and level: its client has come back with another request. Unknown calls are ignored.
  void redirect(const redirect_call& x);

  /// Another client hears of progress and log messages of a call that is not over, or no longer.
  void join(join_call x);
  void leave(const leave_call& x);

  /// Answers a request of the server. Does nothing if it was taken back.
  void answer_question(const std::string& id, const rpc_answer& answer);

  /// From now on the server is to tell of changes of these resources, and of no
  /// others. Returns the id of the request that brings the last new one; 0 if there
  /// is none to wait for. Its answer goes to `out.watch_answers`.
  int64_t watch(const std::vector<std::string>& uris);

  /// Somebody asks for lists: those that hold no longer are read again.
  void read_lists_again(time_point now);

  /// Sends a request on. It must be `ready()`.
  void request(const backend_request& x);

  /// Takes a call back; its answer is `cancelled`.
  void cancel(call_id call, std::string_view reason);

  /// Does what is due.
  void tick(time_point now);

  /// The connection is gone: every open call is answered with `why`.
  void close(const std::shared_ptr<const failure>& why);

  bool ready() const noexcept {
    return phase_ == phase::ready;
  }

  /// True if the server was probed and has said nothing yet, so that a closed
  /// connection may mean that it cannot bear the probe.
  bool only_probed() const noexcept {
    return phase_ == phase::probing;
  }

  bool stateless() const noexcept {
    return stateless_;
  }

  /// True while `tick` has something to watch.
  bool needs_tick() const noexcept {
    return phase_ == phase::probing || reader_.busy() || listen_due_ || !held_.empty();
  }

  size_t open_calls() const noexcept {
    return calls_.size();
  }

  /// How many messages of the server fitted nothing.
  uint64_t strays() const noexcept {
    return strays_;
  }

  output out;

private:
  enum class phase : uint8_t { idle, probing, initializing, ready, refused };

  /// A call that waits for the server's answer.
  struct open_call {
    call_id call;
    json_text progress_token;
    exchange_address notify;
    log_level logs;
    bool client_is_stateless;
    bool reads_resource;
    std::shared_ptr<const client_context> client;
    question_actor questions;
    session_actor session;

    /// Whether the server was given a progress token.
    bool reports = false;

    /// The answer may be a task, or is a list of all clients' tasks.
    bool makes_task = false;
    bool lists_tasks = false;

    /// The task whose result is waited for; the server may ask for it meanwhile.
    std::string task;

    /// Over HTTP: what to send again if the server has lost the session.
    std::shared_ptr<const backend_request> again;
  };

  using call_map = std::unordered_map<int64_t, open_call>;

  /// A question that may belong to several clients, and waits until all of their
  /// calls but one's are answered.
  struct held_question {
    std::string id;
    server_question what;

    /// The calls that were open when it came, less those that were answered since.
    std::vector<int64_t> candidates;
    time_point deadline;
  };

  void send_initialize();
  void send_listen();
  void send_call(const backend_request& x, bool once_more);
  void on_bad_message(const rpc::bad_message& bad, const json_text& message);
  void on_answer(const rpc::envelope& x, time_point now);
  void on_discovered(const rpc::envelope& x, time_point now);
  void on_initialized(const rpc::envelope& x, time_point now);
  void on_listen_ended(time_point now);
  void on_request(const rpc::envelope& x, int64_t cause, time_point now);
  void on_notification(const rpc::envelope& x, int64_t cause, time_point now);
  void on_progress(const rpc::envelope& x);
  void on_log(const rpc::envelope& x, int64_t cause);
  void on_elicitation_complete(const rpc::envelope& x);
  void become_ready(time_point now);
  void refuse(std::string why);
  void refuse_question(std::string_view id, int code, std::string_view message);
  void stray(std::string_view what, std::string_view text);
  void send(text_parts message, int64_t id, std::string_view method, const json_text& params,
            const trace_context* trace = nullptr);
  void ask(int64_t id, std::string_view method, const json_text& params, const trace_context* trace = nullptr);
  void tell(std::string_view method, const json_text& params);
  void ask_pages(time_point now);
  int64_t watch_more();
  std::vector<int64_t> candidates(int64_t cause, std::string_view task) const;
  const open_call* only_client(const std::vector<int64_t>& candidates) const;
  void put_question(std::string id, server_question what, const open_call& call);
  void put_to_nobody(std::string_view id, std::string_view method, const std::vector<int64_t>& candidates);
  void take_back_question(const std::string& id);
  void refuse_held(time_point now);
  void forget(call_map::iterator i, bool answered);
  void answer_call(call_map::iterator i, std::shared_ptr<const failure> why);
  std::optional<json_text> refuse_task(const backend_request& x) const;
  rpc_answer translate_answer(const rpc::envelope& x, const open_call& call) const;

  std::string server_;
  known_era era_;
  protocol_limits limits_;
  connection_traits traits_;
  phase phase_ = phase::idle;
  bool stateless_ = false;
  int64_t last_id_ = 0;
  int64_t probe_id_ = 0;
  bool probed_again_ = false;
  int64_t initialize_id_ = 0;
  time_point probe_deadline_;
  call_map calls_;
  call_listeners listeners_;

  /// Requests of the server that wait for their answer.
  std::unordered_set<std::string> questions_;
  std::vector<held_question> held_;

  /// True once the server has answered something after the handshake: what it
  /// asks before that, no call has made it ask.
  bool settled_ = false;

  /// The session was lost and a new one is not there yet.
  bool renewing_ = false;
  std::vector<std::shared_ptr<const backend_request>> waiting_;

  /// The open `subscriptions/listen`; 0 if there is none.
  int64_t listen_id_ = 0;
  std::optional<time_point> listen_due_;
  std::chrono::milliseconds listen_pause_{0};

  /// The resources that are watched, and those that the server was told of.
  std::vector<std::string> watched_;
  std::unordered_set<std::string> subscribed_;

  /// Requests of ours whose results say nothing.
  std::unordered_set<int64_t> own_ids_;

  /// Consent to a URL is asked of one session, and its end is told to it.
  std::unordered_map<std::string, session_actor> elicitations_;
  server_catalogue facts_;

  /// Whether the server declares tasks in the form of its era.
  bool offers_tasks_ = false;
  task_owners tasks_;
  catalogue_reader reader_;
  tool_header_map tool_headers_;
  log_level lowest_level_ = log_level::off;
  uint64_t strays_ = 0;
};

} // namespace hub
