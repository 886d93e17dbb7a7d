#include "actors/transport/reap_later.hpp"

#include "actors/transport/pipe_end.hpp"

#include <csignal>
#include <memory>
#include <utility>

namespace hub {

namespace {

struct burial {
  burial(boost::asio::io_context& context, child_process&& dying, child_record&& note)
    : record(std::move(note)), child(std::move(dying)), end(context) {
    // nop
  }

  child_record record;
  child_process child;
  pipe_end end;
};

void wait_for_end(std::shared_ptr<burial> x) {
  auto& end = x->end;
  end.async_wait(pipe_end::wait_read, [x](boost::system::error_code failed) {
    if (!failed && !x->child.reap() && !x->child.reaped())
      wait_for_end(x);
  });
}

} // namespace

void reap_later(boost::asio::io_context& context, child_process child, child_record record) {
  child.signal_group(SIGKILL);
  if (child.reap() || child.reaped())
    return;
  auto end = child.open_end();
  if (!end)
    return;
  auto x = std::make_shared<burial>(context, std::move(child), std::move(record));
  x->end.assign(end.release());
  wait_for_end(std::move(x));
}

} // namespace hub
