#pragma once

#include <string>

namespace hub {

/// 128 bits from the kernel, in hex: nobody can guess it. Throws
/// `std::system_error` if the kernel has none.
std::string random_token();

} // namespace hub
