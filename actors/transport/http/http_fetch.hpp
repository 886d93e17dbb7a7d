#pragma once

#include "actors/transport/http/header_block.hpp"
#include "messages/json_text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hub {

class http_client;

/// Names and values, in order.
using fetch_headers = std::vector<std::pair<std::string, std::string>>;

/// A request of the hub to a server.
struct fetch_request {
  std::string method = "GET";

  /// Absolute, `http` or `https`. Without a header `Authorization`, user and
  /// password in it become one.
  std::string url;

  /// Host, Content-Length and User-Agent are added. A block with a fault is refused.
  header_block headers;

  /// Headers that only the origin of `url` may see, such as `Authorization`: they
  /// are left out when a redirect leads elsewhere.
  header_block origin_headers;

  text_parts body;

  /// May it be sent once more, if a connection that was kept open turns out to be
  /// dead before a byte of the answer came? GET, HEAD and OPTIONS always may.
  bool repeatable = false;

  /// How long until the whole answer is there; zero is no limit.
  std::chrono::milliseconds limit{30'000};

  /// Refuses addresses that are not public (loopback, private, link-local): for
  /// URLs that a stranger named. Not checked through a proxy.
  bool public_only = false;
};

/// Status and headers of an answer.
struct fetch_head {
  /// 200 to 599.
  int status = 0;

  fetch_headers headers;

  /// Where it came from, after redirects; empty for an answer that came as a whole.
  std::string url;

  /// The value of the first header called `name`, in any case; empty for none.
  std::string_view find(std::string_view name) const noexcept;

  /// All values of a header that may be there more than once.
  std::vector<std::string_view> find_all(std::string_view name) const;

  /// The media type without parameters, in lower case.
  std::string media_type() const;

  /// Whether that is `type`, which is in lower case.
  bool has_media_type(std::string_view type) const noexcept;
};

/// Why there is no answer, or only a part of one.
struct fetch_failure {
  enum class kind : uint8_t {
    bad_request,  ///< The URL, a header or the proxy setting cannot be used.
    unreachable,  ///< No such host, refused, no route, no answer to a connect.
    untrusted,    ///< TLS: the certificate, or nothing in common.
    proxy,        ///< The proxy refused.
    broken,       ///< The connection ended, or what came is not HTTP.
    late,         ///< The time limit is over.
    redirected,   ///< A redirect that must not be followed.
    too_large,    ///< The answer is over a bound.
    overloaded,   ///< Too many requests wait.
    unauthorized, ///< 401, and no way to get authorization (`authorized_client`).
    forbidden     ///< 403, and no way to get more of it.
  };

  kind what = kind::broken;

  /// A sentence without its subject: `refused the connection at 127.0.0.1:8080`.
  std::string cause;

  /// What the user can do.
  std::string fix;

  /// True if the server cannot have seen the request.
  bool unsent = false;
};

/// Takes an answer as it comes. All members are called on the client's shard,
/// inside a `shard::scope`, and never from within `start`. After `on_end` or
/// `on_failure` nothing follows, and the reader is destroyed. A call may cancel its
/// own request.
class fetch_reader {
public:
  virtual ~fetch_reader() = default;

  virtual void on_head(fetch_head head) = 0;

  /// Whether an answer that came at once and was no refusal may be given by `on_whole` instead of
  /// by `on_head`, `on_data` and `on_end`, which saves two turns of its owner.
  virtual bool wants_whole(const fetch_head&) {
    return false;
  }

  /// The whole answer; `body` is valid during the call. Nothing follows.
  virtual void on_whole(fetch_head, std::string_view) {
    // Only for those who want it.
  }

  /// A piece of the body, valid during the call.
  virtual void on_data(std::string_view data) = 0;

  virtual void on_end() = 0;

  virtual void on_failure(fetch_failure why) = 0;
};

/// A whole answer.
struct fetch_response {
  fetch_head head;
  std::string body;
};

using fetch_result = std::variant<fetch_response, fetch_failure>;

/// Names a request of one client; never 0, never used twice.
using fetch_id = uint64_t;

/// Sends a request and collects the answer. Only on the client's shard; `done` is
/// called there once, unless the request is cancelled or the client ends before.
/// @param max_body Bytes; a larger answer is a failure.
fetch_id http_fetch(http_client& client, fetch_request request, std::function<void(fetch_result)> done,
                    size_t max_body = 1 << 20);

} // namespace hub
