#pragma once

#include "messages/cache_settings.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <string>
#include <string_view>

namespace hub {

/// Reads what an entry, or the file as a whole, says of the cache into `result`, which
/// holds what counts otherwise: `off`, `share`, `ttl`, a number of seconds, or an object.
/// @param label What messages call it.
void read_cache(const config_value& x, const std::string& label, value_reader& reader, server_cache& result);

/// The word that `read_cache` reads.
std::string_view to_string(cache_mode x) noexcept;

/// The same as an object that `read_cache` reads.
config_value cache_tree(const server_cache& x);

} // namespace hub
