// Two lines as the same tool of a server before and after it changed: pinned, compared, and looked at for attacks.
#include "actors/pinning/server_pins.hpp"
#include "actors/pinning/tool_definition.hpp"
#include "actors/pinning/tool_suspicion.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

catalogue_ptr telling(std::string_view tool) {
  auto result = std::make_shared<server_catalogue>();
  result->tools.push_back(json_text{std::string{tool}});
  return result;
}

void look_at(std::string_view tool) {
  auto canonical = canonical_definition(tool);
  require(canonical_definition(canonical) == canonical, "what is canonical stays as it is");
  require(definition_digest(tool).size() == 64, "a digest has 64 digits");
  for (auto& why : find_suspicions(tool))
    require(!why.empty() && why.find('\n') == std::string::npos, "a suspicion is a sentence");
  require(find_suspicions(tool).size() <= suspicions_limit, "there are no more suspicions than may be");
  tool_owners owners;
  owners.add("read_secret", "other");
  for (auto& name : find_shadowing(tool, "fuzz", owners))
    require(name.find("read_secret") != std::string::npos, "what is named exists");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  (void)server_pins::read(json_text{std::string{text}});
  auto end = std::min(text.find('\n'), text.size());
  auto before = text.substr(0, end);
  auto after = text.substr(std::min(end + 1, text.size()));
  // Other lists are refused as a whole.
  if (rpc::check_json(before) || rpc::check_json(after) || !before.starts_with('{') || !after.starts_with('{'))
    return 0;
  look_at(before);
  look_at(after);
  server_pins pins;
  (void)pins.compare(telling(before), change_policy::hold, 1);
  auto same = pins.compare(telling(before), change_policy::hold, 2);
  require(same.changes.empty() && !same.pins_changed, "what is as it was is no change");
  auto found = pins.compare(telling(after), change_policy::hold, 3);
  auto is_other = canonical_definition(before) != canonical_definition(after);
  auto named = !name_of_tool(json_text{std::string{before}}).empty();
  if (named && is_other && name_of_tool(json_text{std::string{before}}) == name_of_tool(json_text{std::string{after}}))
    require(found.changes.size() == 1 && found.shown->tools.size() == 1
              && canonical_definition(found.shown->tools[0].view()) == canonical_definition(before),
            "a change is held back");
  auto again = server_pins::read(json_text{pins.write()});
  require(again.write() == pins.write(), "pins are read as they were written");
  return 0;
}
