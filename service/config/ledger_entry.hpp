#pragma once

#include "messages/budget.hpp"
#include "messages/price.hpp"
#include "messages/server_config.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <string>
#include <vector>

namespace hub {

/// Reads prices by patterns of tools: a number of cents for a call, or an object of `per_call`, `per_kb`,
/// `per_second`, `field`, `unit` and `at_most`.
/// @param full_name Whether the patterns are for `server__tool`.
std::vector<price_rule> read_prices(const config_value& x, const std::string& label, value_reader& reader, bool full_name);

/// Reads `cost_per_call_cents` of a server: the price of all tools that have no other.
price_rule read_cost_per_call(const config_value& x, const std::string& label, value_reader& reader);

std::vector<budget> read_budgets(const config_value& x, value_reader& reader);

/// Adds to the prices of a server those of the hub's settings and of the known prices that can be about it.
/// @param known Whether the known prices count.
void add_prices(server_config& server, const std::vector<price_rule>& of_hub, bool known);

/// The same as `read_prices` reads.
config_value price_tree(const std::vector<price_rule>& x);

/// The same as `read_budgets` reads.
config_value budget_tree(const std::vector<budget>& x);

} // namespace hub
