#pragma once

#include "cli/client_line.hpp"
#include "cli/hub_exchange.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace hub::cli {

/// What a bridge needs to know.
struct bridge_settings {
  /// The path of `hub.sock`.
  std::filesystem::path socket;

  /// The address on the hub, such as `/mcp/github`.
  std::string target = "/mcp";

  /// The folder that the client works in, for permission rules; empty if there is none.
  std::string project{};

  /// Starts the hub, which may take its time. Called when a client wants something
  /// and nobody answers; not more often than `start_pause`.
  std::function<void()> start_hub;

  /// Why the hub that was started last could not start; empty as long as it, or another one, may come.
  std::function<std::string()> start_failure;

  /// Tells the user why something cannot be done.
  std::function<void(const std::string&)> complain;

  std::chrono::milliseconds start_pause{5'000};

  /// How long a request waits for a hub that is away.
  std::chrono::milliseconds patience{30'000};

  /// How long to wait between two tries to reach the hub.
  std::chrono::milliseconds retry{250};

  /// How long to wait before coming back to a stream, and for a hub that somebody else
  /// may be starting anew.
  std::chrono::milliseconds return_delay{1'000};

  /// How long open requests may go on when the client has closed its output.
  std::chrono::milliseconds farewell{30'000};
};

/// Between a client that speaks MCP over stdio and the hub: each line is a POST, and
/// what the hub says is a line. It keeps the session, opens its stream, comes back to
/// streams that broke, and makes the session anew if the hub has forgotten it. Each
/// request is answered once; one that nobody can say was carried out or not is
/// answered with an error and never repeated.
class bridge {
public:
  /// The most requests at a time; while there are as many, nothing is read.
  static constexpr size_t requests_limit = 128;

  /// The longest line, in bytes.
  static constexpr size_t line_limit = 64 << 20;

  /// @param in Where the client writes.
  /// @param out Where the client reads; written with calls that wait, so that a client
  /// that does not read stops everything.
  bridge(bridge_settings settings, int in, int out);

  /// Returns when the client has closed its output and has its answers.
  void run();

private:
  struct task;
  using task_ptr = std::shared_ptr<task>;

  // -- the client ----------------------------------------------------------------

  void read();
  void take_input(std::string_view bytes);
  void take_lines();
  void take(client_line line);
  void emit(std::string_view message);
  void take_back(task_ptr x);
  bool full() const;

  // -- the hub ---------------------------------------------------------------------

  void send(const task_ptr& x);
  void heard(const task_ptr& x, std::string_view message);
  void ended(const task_ptr& x, exchange_end end);
  void opened(const task_ptr& x, const exchange_end& end);

  /// Tries again when the hub may be back.
  void try_later(const task_ptr& x, bool start_it);

  /// Answers with an error, since the hub did not.
  void give_up(const task_ptr& x, std::string_view why);
  void done(const task_ptr& x);

  /// Makes the session anew; what needs it waits until then.
  void renew_session(const task_ptr& x);
  void open_stream();
  void end_session();
  void end_if_done();

  bridge_settings settings_;
  boost::asio::io_context io_{1};
  boost::asio::posix::stream_descriptor in_;
  int out_;
  boost::asio::steady_timer farewell_;
  std::array<char, 64 * 1024> chunk_;
  std::string input_;

  /// How much of it has no line end.
  size_t scanned_ = 0;
  bool input_ended_ = false;
  bool reading_ = false;
  bool ending_ = false;
  line_translator translator_;
  std::set<task_ptr> tasks_;

  /// The session: how it was opened, and what came of it.
  std::string initialize_;
  std::string session_;
  std::string version_;
  bool initialized_ = false;
  task_ptr opening_;
  task_ptr stream_;
  std::deque<task_ptr> waiting_;
  std::chrono::steady_clock::time_point last_start_{};

  /// Whether the hub has ever answered.
  bool met_ = false;
};

} // namespace hub::cli
