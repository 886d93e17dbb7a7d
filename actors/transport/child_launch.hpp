#pragma once

#include "actors/transport/child_process.hpp"
#include "actors/transport/child_record.hpp"
#include "actors/transport/descriptor.hpp"
#include "messages/server_config.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace hub {

/// A child that is to be started.
struct launch_order {
  launch_spec program;

  /// For its `child_record`.
  std::string records_folder;
  std::string server;
};

/// A child that runs.
struct launched_child {
  child_process process;
  child_record record;

  /// Becomes readable when the child ends.
  descriptor end;
};

using launch_outcome = std::variant<launched_child, launch_failure>;

/// Starts a child on a thread of its own. The kernel holds who starts a process until that has its program: a
/// millisecond, many where processors are short, and for ever where a disk does not answer. At most 64 are
/// under way in the process; more are refused.
class child_launch {
public:
  child_launch() = default;

  child_launch(const child_launch&) = delete;
  child_launch& operator=(const child_launch&) = delete;

  /// As `stop`.
  ~child_launch();

  /// Calls `done` on the thread of `context`, later. Once.
  void start(boost::asio::io_context& context, launch_order order, std::function<void(launch_outcome)> done);

  /// Nobody is called any more. A child that was started is killed with its group, without anybody waiting.
  void stop();

private:
  struct waiting;

  std::shared_ptr<waiting> waiting_;
};

} // namespace hub
