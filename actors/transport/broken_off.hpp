#pragma once

#include "messages/transport.hpp"

namespace hub {

/// What the owner of a transport hears when that ends without having said so: by an exception, as where memory is short.
inline transport_closed broken_off() {
  return {"was given up, because the hub failed at its connection", "The hub's log says more: slm-hub logs", {}, false, false};
}

} // namespace hub
