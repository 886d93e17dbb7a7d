#pragma once

#include "server/front.hpp"
#include "server/http_request.hpp"
#include "server/response.hpp"

#include <memory>
#include <string_view>

namespace hub {

/// One HTTP request that is on its way to an answer. The connection owns it until
/// `response_sink::finish` is called.
class exchange {
public:
  virtual ~exchange() = default;

  /// Begins. The answer may be given before this returns. The views in `request`
  /// are valid only until then.
  virtual void start(http_request& request) = 0;

  /// The client has closed its side of the connection, or all of it: that cannot
  /// be told apart. Tells whether the answer is to be sent nevertheless; if not,
  /// `client_left` follows.
  virtual bool wants_answer_still() = 0;

  /// The connection is gone.
  virtual void client_left() = 0;

  /// Called at each sweep.
  virtual void sweep() = 0;

  /// A moment has passed (see `front::expect_moment`). Tells whether the next one is
  /// of interest, too.
  virtual bool moment_passed() {
    return false;
  }
};

/// Finds out what a request wants, and who may ask for it.
///
/// @returns The exchange that answers; null if `sink` was given the answer already.
std::shared_ptr<exchange> make_exchange(front& home, response_sink& sink, door_kind door,
                                        const http_request& request);

} // namespace hub
