#pragma once

#include "messages/plugin.hpp"

#include "tests/support/stage.hpp"

#include <memory>
#include <vector>

namespace hub::test {

/// Writes down what plugins are told.
struct plugin_diary {
  explicit plugin_diary(stage& where) {
    port->wanted = true;
    port->to = where.system.spawn(
      [](plugin_news_actor::pointer, std::shared_ptr<std::vector<plugin_event_ptr>> told) -> plugin_news_actor::behavior_type {
        return {[told](const plugin_news& x) { told->push_back(x.event); }};
      },
      told);
  }

  plugin_diary(const plugin_diary&) = delete;
  plugin_diary& operator=(const plugin_diary&) = delete;

  ~plugin_diary() {
    caf::anon_send_exit(port->to, caf::exit_reason::kill);
    port->to = plugin_news_actor{};
  }

  /// The last of the events, which must be of this kind.
  template <class T>
  const T& last() const {
    REQUIRE_FALSE(told->empty());
    auto* result = std::get_if<T>(&told->back()->what);
    REQUIRE(result != nullptr);
    return *result;
  }

  std::shared_ptr<plugin_port> port = std::make_shared<plugin_port>();
  std::shared_ptr<std::vector<plugin_event_ptr>> told = std::make_shared<std::vector<plugin_event_ptr>>();
};

} // namespace hub::test
