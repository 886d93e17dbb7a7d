#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"

#include <ostream>
#include <string>

namespace hub::cli {

exit_code cache_stats(const command_context& context, bool json) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/cache");
  if (json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  using align = table::align;
  table rows{{{"SERVER"},
              {"KEPT", align::right},
              {"SIZE", align::right},
              {"HITS", align::right},
              {"SHARED", align::right},
              {"MISSES", align::right},
              {"EVICTED", align::right},
              {"SAVED", align::right}}};
  for (auto server : list_field(answer, "servers")) {
    auto number = [&](const char* key) { return std::to_string(integer_field(server, key)); };
    auto saved = integer_field(server, "hits") + integer_field(server, "shared");
    auto all = saved + integer_field(server, "misses");
    rows.add({text_field(server, "server"), number("entries"),
              bytes_text(static_cast<uint64_t>(integer_field(server, "bytes"))), number("hits"), number("shared"),
              number("misses"), number("evicted"), all == 0 ? "-" : std::to_string(saved * 100 / all) + " %"});
  }
  if (rows.empty())
    io.out << "No call could be cached yet; `slm-hub cache --help` says what can be.\n";
  else
    rows.print(io);
  return exit_code::ok;
}

exit_code cache_clear(const command_context& context, const std::string& server) {
  auto answer = context.hub().ask("POST", path_about("/api/cache/clear", server));
  context.io.out << "Forgot " << counted(integer_field(answer, "entries"), "result") << " ("
                 << bytes_text(static_cast<uint64_t>(integer_field(answer, "bytes"))) << ")\n";
  return exit_code::ok;
}

} // namespace hub::cli
