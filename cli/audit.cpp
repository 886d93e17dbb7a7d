#include "actors/audit/audit_chain.hpp"
#include "cli/commands.hpp"
#include "cli/csv_field.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/glob.hpp"
#include "messages/rpc/json_scan.hpp"

#include <charconv>
#include <chrono>
#include <ctime>
#include <deque>
#include <fstream>
#include <functional>
#include <ostream>

namespace hub::cli {

namespace {

std::filesystem::path newest_of(const command_context& context) {
  return context.folder() / "audit.jsonl";
}

/// Calls `f(file, number, line)` for each whole line, oldest first, until it returns false.
void for_each_line(const command_context& context,
                   const std::function<bool(const std::filesystem::path&, size_t, const std::string&)>& f) {
  for (auto& file : audit_files(newest_of(context))) {
    std::ifstream in{file};
    if (!in)
      throw command_error{"cannot read " + file.string() + "; run this as the user who runs the hub"};
    std::string line;
    size_t number = 0;
    while (std::getline(in, line)) {
      // What has no line end yet is being written.
      if (in.eof())
        break;
      if (!f(file, ++number, line))
        return;
    }
  }
}

/// The time before which nothing is wanted, as lines write it: a date, or a length of time until now.
std::string since_text(const std::string& since) {
  std::tm date{};
  if (since.empty() || ::strptime(since.c_str(), "%Y-%m-%d", &date) != nullptr)
    return since;
  int64_t number = 0;
  auto last = since.data() + since.size();
  auto [end, error] = std::from_chars(since.data(), last, number);
  auto unit = std::string_view{end, static_cast<size_t>(last - end)};
  int64_t factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : unit == "w" ? 604'800 : 0;
  if (error != std::errc{} || factor == 0 || number < 0 || number > 1'000'000)
    throw command_error{"\"" + since + "\" is no time; write it like 30m, 2h, 7d or 2026-01-31T12:00:00Z", exit_code::usage};
  auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::time_t from = now - number * factor;
  std::tm parts{};
  ::gmtime_r(&from, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts)};
}

/// Whether a line is one that is asked for.
bool is_wanted(std::string_view line, const audit_options& options, const std::string& since) {
  auto like = [line](const char* key, const std::string& pattern) {
    return pattern.empty() || matches_pattern(text_field(line, key), pattern);
  };
  if (!since.empty() && text_field(line, "time") < since)
    return false;
  if (!options.tool.empty()) {
    auto tool = text_field(line, "tool");
    if (!matches_pattern(tool, options.tool) && !matches_pattern(text_field(line, "server") + "__" + tool, options.tool))
      return false;
  }
  return like("client", options.client) && (options.outcome.empty() || text_field(line, "outcome") == options.outcome);
}

constexpr const char* columns[] = {"seq", "time", "event", "session", "principal", "role", "client", "version", "project", "door",
                                   "server", "method", "tool", "prompt", "uri", "outcome", "ms", "cost_cents", "rule", "decision",
                                   "arguments_sha256", "arguments", "count", "trace"};

} // namespace

exit_code audit_list(const command_context& context, const audit_options& options) {
  auto& io = context.io;
  auto since = since_text(options.since);
  std::deque<std::string> last;
  for_each_line(context, [&](auto&, size_t, const std::string& line) {
    if (is_wanted(line, options, since))
      last.push_back(line);
    if (last.size() > options.limit)
      last.pop_front();
    return true;
  });
  if (options.json) {
    std::string all;
    for (auto& line : last)
      all += (all.empty() ? "" : ",") + line;
    io.out << R"({"lines":[)" << all << "]}\n";
    return exit_code::ok;
  }
  using align = table::align;
  table rows{{{"TIME"}, {"CLIENT"}, {"TOKEN"}, {"SERVER"}, {"CALL"}, {"OUTCOME"}, {"MS", align::right}, {"RULE"}}};
  for (auto& line : last) {
    auto outcome = text_field(line, "outcome");
    auto what = text_field(line, "tool");
    if (what.empty())
      what = text_field(line, "event") == "dropped" ? std::to_string(integer_field(line, "count")) + " records were dropped"
                                                    : text_field(line, "method");
    rows.add({printable_line(text_field(line, "time")), printable_line(text_field(line, "client")),
              printable_line(text_field(line, "principal")), printable_line(text_field(line, "server")), printable_line(what),
              {printable_line(outcome), outcome == "ok" ? style::plain : style::bad},
              std::string{rpc::member(line, "ms")}, printable_line(text_field(line, "rule"))});
  }
  if (rows.empty())
    io.out << "The audit has no such lines.\n";
  else
    rows.print(io);
  return exit_code::ok;
}

exit_code audit_verify(const command_context& context, bool json) {
  auto& io = context.io;
  chain_position position;
  uint64_t lines = 0;
  uint64_t first = 0;
  std::string broken;
  for_each_line(context, [&](const std::filesystem::path& file, size_t number, const std::string& line) {
    if (auto wrong = check_line(line, position, lines == 0)) {
      broken = file.filename().string() + ":" + std::to_string(number) + ": this line " + *wrong;
      return false;
    }
    if (lines++ == 0)
      first = position.number;
    return true;
  });
  if (json) {
    std::string object = "{";
    append_member(object, "ok", broken.empty() ? "true" : "false");
    append_member(object, "lines", std::to_string(lines));
    append_member(object, "first", std::to_string(first));
    append_member(object, "last_hash", rpc::quote(position.hash));
    append_member(object, "broken", broken.empty() ? "null" : rpc::quote(broken));
    io.out << object << "}\n";
    return broken.empty() ? exit_code::ok : exit_code::error;
  }
  if (!broken.empty())
    throw command_error{broken + ". The " + std::to_string(lines)
                        + " lines before it are as they were written; keep the files and find out who could write to them"};
  io.out << "The audit is whole: " << lines << " lines" << (first > 1 ? ", from number " + std::to_string(first) + " on" : "")
         << ".\n";
  if (lines > 0)
    io.out << "Last hash: " << position.hash << '\n';
  return exit_code::ok;
}

exit_code audit_export(const command_context& context, const audit_options& options) {
  auto& out = context.io.out;
  auto since = since_text(options.since);
  if (options.csv) {
    for (auto* name : columns)
      out << (name == columns[0] ? "" : ",") << name;
    out << "\r\n";
  }
  for_each_line(context, [&](auto&, size_t, const std::string& line) {
    if (!is_wanted(line, options, since))
      return true;
    if (!options.csv) {
      out << line << '\n';
      return true;
    }
    for (auto* name : columns) {
      auto value = rpc::member(line, name);
      out << (name == columns[0] ? "" : ",") << csv_field(rpc::unquote(value).value_or(std::string{value}));
    }
    out << "\r\n";
    return true;
  });
  return exit_code::ok;
}

} // namespace hub::cli
