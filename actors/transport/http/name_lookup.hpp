#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hub {

/// Whether an address is not for the public: loopback, private, link-local, shared or
/// multicast.
bool is_private_address(const boost::asio::ip::address& x) noexcept;

/// The addresses of a name, or why there are none: a sentence without its subject.
using lookup_result = std::variant<std::vector<boost::asio::ip::tcp::endpoint>, std::string>;

/// Looks a name up, on a thread of its own: a name service that does not answer
/// holds up neither the shard nor other look-ups. At most 64 run in the process;
/// more are refused. Addresses, and `localhost`, are answered without a thread.
class name_lookup {
public:
  name_lookup() = default;

  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// Forgets what is under way; nobody is called.
  ~name_lookup();

  /// Calls `done` on the thread of `context`, later. Once at a time.
  void start(boost::asio::io_context& context, const std::string& host, uint16_t port,
             std::function<void(lookup_result)> done);

  void stop();

private:
  struct waiting;

  std::shared_ptr<waiting> waiting_;
};

} // namespace hub
