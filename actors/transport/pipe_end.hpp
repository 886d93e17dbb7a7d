#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <unistd.h>

#include <cerrno>
#include <span>

namespace hub {

/// The hub's end of a pipe, or a descriptor for the end of a process. Reads and
/// writes go past Asio, which only waits.
using pipe_end = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

/// Reads what is there.
/// @return How many bytes; 0 at the end of the stream or if it is broken; -1 if
///         nothing is there yet.
inline ssize_t read_some(pipe_end& from, std::span<char> room) {
  for (;;) {
    auto count = ::read(from.native_handle(), room.data(), room.size());
    if (count >= 0)
      return count;
    if (errno != EINTR)
      return errno == EAGAIN ? -1 : 0;
  }
}

/// Closes a descriptor, if it is open; whoever waits for it is told.
inline void shut(pipe_end& x) {
  boost::system::error_code ignored;
  // The descriptor is gone whatever this says, and nothing was buffered.
  x.close(ignored);
}

} // namespace hub
