// Lines as what a server writes, while the hub calls it. A line `!` makes a call,
// `?` takes one back, `.` lets five seconds pass.
#include "actors/backend/server_protocol.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace hub;
using hub::fuzz::require;

namespace {

/// The hub's end of one connection.
class connection {
public:
  explicit connection(known_era era) : protocol_("fuzz", era, {}) {
    protocol_.open(now_);
    check_output();
  }

  void line(std::string_view text) {
    if (text == "!")
      call();
    else if (text == "?")
      protocol_.cancel(last_, "enough");
    else if (text == ".")
      protocol_.tick(now_ += std::chrono::seconds{5});
    else
      protocol_.receive(json_text{std::string{text}}, 0, now_);
    check_output();
  }

  void close() {
    protocol_.close(std::make_shared<failure>());
    check_output();
    require(open_.empty(), "a closed connection owes nobody an answer");
  }

private:
  void call() {
    if (!protocol_.ready())
      return;
    backend_request x;
    x.call = ++last_;
    x.method = "tools/call";
    x.params = json_text::of_literal(R"({"name":"a","_meta":{"progressToken":"t"}})");
    x.notify.id = x.call;
    open_.insert(x.call);
    protocol_.request(x);
  }

  void check_output() {
    for (auto& x : std::exchange(protocol_.out.to_server, {})) {
      auto text = x.message.to_string();
      require(text.find('\n') == std::string::npos, "a message to the server is one line");
      auto scanned = rpc::scan_server_message(json_text{std::move(text)});
      require(std::holds_alternative<rpc::envelope>(scanned), "what the server gets is a message");
    }
    for (auto& x : std::exchange(protocol_.out.answers, {}))
      require(open_.erase(x.call) == 1, "a call is answered once");
    for (auto& x : std::exchange(protocol_.out.events, {}))
      require(x.to.id != 0 && x.to.id <= last_, "a notification has a call");
    if (auto learned = std::exchange(protocol_.out.learned, nullptr))
      for (auto& tool : learned->tools)
        require(!rpc::check_json(tool.view()), "a tool that was learnt is JSON");
    protocol_.out.remarks.clear();
  }

  server_protocol protocol_;
  server_protocol::time_point now_;
  std::set<call_id> open_;
  call_id last_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  connection peer{static_cast<known_era>(data[0] % 3)};
  text.remove_prefix(1);
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    peer.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  peer.close();
  return 0;
}
