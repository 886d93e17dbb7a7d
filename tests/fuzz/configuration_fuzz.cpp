// Bytes as a configuration: read, shown, and with a server added.
#include "messages/rpc/json_scan.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"
#include "service/config/server_insertion.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

using namespace hub;
using hub::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text{reinterpret_cast<const char*>(data), size};
  auto before = parse_config(text, "config.json");
  if (!before)
    require(!before.errors().empty(), "a configuration that is refused has an error");
  auto longer = add_servers(text, "config.json", {{"fuzz added this", R"({"command":"x"})"}});
  if (!before)
    return 0;
  require(!rpc::check_json(render_config_for_display(*before), 512), "what is shown is JSON");
  if (!longer)
    return 0;
  auto after = parse_config(*longer, "config.json");
  require(static_cast<bool>(after), "a configuration with one more server is one");
  require(after->servers.size() == before->servers.size() + 1, "it has one more server");
  auto same = std::equal(before->servers.begin(), before->servers.end(), after->servers.begin(),
                         [](auto& x, auto& y) { return x.name == y.name && x.fingerprint == y.fingerprint; });
  require(same, "the others are what they were");
  return 0;
}
