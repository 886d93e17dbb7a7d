#pragma once

#include "messages/json_text.hpp"
#include "messages/price.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What the tools of one server cost. It never changes.
class server_prices {
public:
  /// @param name The configured name of the server.
  /// @param rules The first one that matches counts.
  server_prices(std::string name, std::vector<price_rule> rules) : name_(std::move(name)), rules_(std::move(rules)) {
    // nop
  }

  /// The rule for a tool as its server names it; null if it costs nothing.
  const price_rule* find(std::string_view tool) const;

private:
  std::string name_;
  std::vector<price_rule> rules_;
};

using server_prices_ptr = std::shared_ptr<const server_prices>;

/// Null if nothing has a price.
server_prices_ptr make_prices(const std::string& name, const std::vector<price_rule>& rules);

/// The price of one request; null if it costs nothing. Only calls of tools cost.
/// @param params Those that go to the server.
price_ptr price_of(const server_prices_ptr& prices, std::string_view method, std::string_view params);

/// What a call has cost.
/// @param result The result of the call.
/// @param reserved What it counts as if its result should tell and does not.
money cost_of(const price& x, std::string_view result, std::chrono::microseconds taken, money reserved);

} // namespace hub
