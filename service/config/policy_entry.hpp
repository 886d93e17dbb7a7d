#pragma once

#include "messages/server_config.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <string>
#include <string_view>

namespace hub {

/// Reads what an object says of how servers are run: `lazy`, `always_on`, `idle_seconds`,
/// `start_timeout`, `timeout`, `max_concurrent`, `crash_limit`, `memory_mb`, `cpus` and `cpu_seconds`, each also in
/// camel case. What it does not say is left as it is.
/// @param prefix What messages put before a key, such as `defaults: `.
void read_policy(const config_value& object, const std::string& prefix, value_reader& reader, run_policy& to);

/// Whether a key belongs to a policy.
bool is_policy_key(std::string_view key) noexcept;

/// A policy as `config show` prints it: members are set in `object`.
void show_policy(const run_policy& x, config_value& object);

} // namespace hub
