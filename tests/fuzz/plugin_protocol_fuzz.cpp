// Lines as what a plugin writes, while the hub asks it about calls. A line `!` asks about a call, `.` lets a
// second pass.
#include "actors/plugin/plugin_protocol.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

using namespace hub;
using hub::fuzz::require;

namespace {

/// The hub's end of a run of a plugin.
class run {
public:
  run() {
    protocol_.open();
    check_output();
  }

  void line(std::string_view text) {
    if (text == "!")
      ask();
    else if (text == ".")
      protocol_.tick(now_ += std::chrono::seconds{1});
    else
      protocol_.receive(json_text{std::string{text}}, now_);
    check_output();
  }

  void end() {
    protocol_.tick(now_ + std::chrono::hours{1});
    check_output();
    require(open_.empty(), "each question has a verdict");
  }

private:
  void ask() {
    if (auto id = protocol_.ask({1, "s", "tools/call", json_text::of_literal(R"({"name":"t"})"), nullptr, nullptr}, 0,
                                now_ + std::chrono::seconds{3}))
      require(open_.insert(*id).second, "a question has an id of its own");
  }

  void check_output() {
    auto out = std::exchange(protocol_.out, {});
    for (auto& x : out.messages) {
      auto text = x.to_string();
      require(text.find('\n') == std::string::npos, "a message to the plugin is one line");
      require(std::holds_alternative<rpc::envelope>(rpc::scan_client_message(json_text{std::move(text)})),
              "what the plugin gets is a message");
    }
    for (auto& [id, verdict] : out.verdicts)
      require(open_.erase(id) == 1, "a question has one verdict");
    require(!out.ready || !std::exchange(greeted_, true), "it shakes hands once");
    require(!out.failed || !std::exchange(failed_, true), "it fails once");
    if (out.told)
      require(out.told->facts.empty() || !rpc::check_json(out.told->facts.view()), "facts are JSON");
  }

  plugin_protocol protocol_{"fuzz", json_text::of_literal(R"({"a":1})")};
  plugin_protocol::time_point now_;
  std::set<int64_t> open_;
  bool greeted_ = false;
  bool failed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  run plugin;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    plugin.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  plugin.end();
  return 0;
}
