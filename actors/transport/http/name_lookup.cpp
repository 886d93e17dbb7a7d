#include "actors/transport/http/name_lookup.hpp"

#include "actors/transport/descriptor.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace hub {

namespace {

namespace ip = boost::asio::ip;

constexpr int most_lookups = 64;

std::atomic<int> running_lookups{0};

/// What a look-up and its asker share. The thread touches nothing else, so that it
/// may outlive everything.
struct shared_lookup {
  std::string host;
  uint16_t port = 0;
  lookup_result result;
  std::atomic<bool> there{false};

  /// Readable when the result is there.
  descriptor done;
};

bool is_private(const ip::address_v4& x) {
  auto bytes = x.to_bytes();
  return bytes[0] == 0 || bytes[0] == 10 || bytes[0] == 127 || (bytes[0] == 172 && (bytes[1] & 0xF0) == 16)
         || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254)
         || (bytes[0] == 100 && (bytes[1] & 0xC0) == 64) || bytes[0] >= 224;
}

lookup_result look_up(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  auto code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0)
    return "cannot be found: " + host + ": " + ::gai_strerror(code);
  std::vector<ip::tcp::endpoint> found;
  for (auto* x = list; x; x = x->ai_next) {
    ip::tcp::endpoint endpoint;
    if (x->ai_addrlen > endpoint.capacity())
      continue;
    std::memcpy(endpoint.data(), x->ai_addr, x->ai_addrlen);
    endpoint.resize(x->ai_addrlen);
    endpoint.port(port);
    found.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  if (found.empty())
    return "cannot be found: " + host + " has no address";
  return found;
}

/// What needs no name service.
lookup_result known_address(const std::string& host, uint16_t port) {
  std::vector<ip::tcp::endpoint> found;
  boost::system::error_code failure;
  if (auto address = ip::make_address(host, failure); !failure)
    found.emplace_back(address, port);
  else if (host == "localhost" || host.ends_with(".localhost"))
    found = {{ip::address_v4::loopback(), port}, {ip::address_v6::loopback(), port}};
  return found;
}

} // namespace

bool is_private_address(const ip::address& x) noexcept {
  if (x.is_v4())
    return is_private(x.to_v4());
  auto v6 = x.to_v6();
  if (v6.is_v4_mapped())
    return is_private(ip::make_address_v4(ip::v4_mapped, v6));
  return v6.is_loopback() || v6.is_unspecified() || v6.is_link_local() || v6.is_site_local() || v6.is_multicast()
         || (v6.to_bytes()[0] & 0xFE) == 0xFC;
}

struct name_lookup::waiting {
  waiting(boost::asio::io_context& context, std::function<void(lookup_result)> f)
    : wake(context), done(std::move(f)) {
    // nop
  }

  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> wake;
  std::shared_ptr<shared_lookup> shared;
  std::function<void(lookup_result)> done;

  void tell(lookup_result result) {
    if (auto f = std::exchange(done, nullptr))
      f(std::move(result));
  }
};

name_lookup::~name_lookup() {
  stop();
}

void name_lookup::stop() {
  if (auto x = std::exchange(waiting_, nullptr)) {
    x->done = nullptr;
    boost::system::error_code ignored;
    x->wake.close(ignored);
  }
}

void name_lookup::start(boost::asio::io_context& context, const std::string& host, uint16_t port,
                        std::function<void(lookup_result)> done) {
  stop();
  auto entry = std::make_shared<waiting>(context, std::move(done));
  waiting_ = entry;
  auto tell_later = [&](lookup_result result) {
    boost::asio::post(context, [entry, result = std::move(result)]() mutable { entry->tell(std::move(result)); });
  };
  auto known = known_address(host, port);
  if (auto& found = std::get<0>(known); !found.empty())
    return tell_later(std::move(found));
  auto shared = std::make_shared<shared_lookup>();
  shared->host = host;
  shared->port = port;
  shared->done.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  descriptor ours{shared->done ? ::fcntl(shared->done.get(), F_DUPFD_CLOEXEC, 0) : -1};
  if (!ours)
    return tell_later("cannot be looked up: the hub has no file descriptor left");
  if (++running_lookups > most_lookups) {
    --running_lookups;
    return tell_later("cannot be looked up: " + std::to_string(most_lookups) + " look-ups wait for the name service");
  }
  entry->shared = shared;
  entry->wake.assign(ours.release());
  entry->wake.async_wait(boost::asio::posix::descriptor_base::wait_read,
                         [entry](boost::system::error_code failure) {
                           // It is there: this says so to who checks for races.
                           if (!failure && entry->shared->there.load())
                             entry->tell(std::move(entry->shared->result));
                         });
  try {
    std::thread{[shared] {
      shared->result = look_up(shared->host, shared->port);
      shared->there = true;
      --running_lookups;
      uint64_t one = 1;
      // It was made for this one write, which cannot fail.
      [[maybe_unused]] auto count = ::write(shared->done.get(), &one, sizeof one);
    }}.detach();
  } catch (const std::system_error&) {
    --running_lookups;
    tell_later("cannot be looked up: the system has no room for another thread");
  }
}

} // namespace hub
