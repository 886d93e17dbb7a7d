#pragma once

#include <string>

namespace hub {

/// The oldest error that OpenSSL remembers on this thread, in words; forgets all.
std::string take_tls_error();

} // namespace hub
