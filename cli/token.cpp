#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/access_file.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <ostream>

namespace hub::cli {

namespace {

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// A number with a unit, `30d`, in seconds.
int64_t seconds_of(const std::string& text) {
  int64_t number = 0;
  auto last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, number);
  auto unit = std::string_view{end, static_cast<size_t>(last - end)};
  int64_t factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : unit == "w" ? 604'800 : 0;
  if (error != std::errc{} || factor == 0 || number < 1 || number > 100'000)
    throw command_error{"\"" + text + "\" is no length of time; write it like 30d, 12h, 90m or 60s", exit_code::usage};
  return number * factor;
}

std::string date_text(int64_t seconds) {
  std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts)};
}

std::vector<kept_token> tokens_of(const command_context& context) {
  auto tokens = read_tokens(access_file_in(context.folder()));
  if (!tokens)
    fail(tokens.errors());
  return *tokens;
}

bool is_over(const kept_token& x) {
  return x.expires_at != 0 && x.expires_at <= seconds_since_1970();
}

/// Writes the tokens and has the hub take them, if one runs; tells whether one does.
bool keep(const command_context& context, const std::vector<kept_token>& tokens) {
  if (auto wrong = write_tokens(access_file_in(context.folder()), tokens))
    fail({*wrong});
  auto hub = context.hub();
  try {
    hub.ask("GET", "/api/health");
  } catch (const command_error&) {
    // Whichever hub starts next reads the file.
    return false;
  }
  try {
    hub.ask("POST", "/api/tokens/reload");
  } catch (const command_error& e) {
    throw command_error{"the file of tokens is changed, but the hub that runs did not take it: " + std::string{e.what()}
                        + "; restart the hub to be sure"};
  }
  return true;
}

std::string object_of(const kept_token& x) {
  std::string object = "{";
  append_member(object, "name", rpc::quote(x.name));
  append_member(object, "role", rpc::quote(x.role));
  append_member(object, "created_at", std::to_string(x.created_at));
  append_member(object, "expires_at", x.expires_at == 0 ? "null" : std::to_string(x.expires_at));
  append_member(object, "expired", is_over(x) ? "true" : "false");
  return object;
}

} // namespace

exit_code token_create(const command_context& context, const token_options& options) {
  auto& io = context.io;
  for (auto [what, word] : {std::pair{"name of a token", &options.name}, std::pair{"role", &options.role}})
    if (auto wrong = wrong_word(what, *word))
      throw command_error{*wrong, exit_code::usage};
  auto lifetime = options.expires.empty() ? 0 : seconds_of(options.expires);
  auto tokens = tokens_of(context);
  // One that counts no more gives its name away.
  std::erase_if(tokens, [&](auto& x) { return x.name == options.name && is_over(x); });
  if (std::ranges::find(tokens, options.name, &kept_token::name) != tokens.end())
    throw command_error{"there is a token " + options.name + " already; choose another name, or take it back with: "
                        "slm-hub token revoke " + options.name};
  if (tokens.size() >= tokens_limit)
    throw command_error{"there are " + std::to_string(tokens.size()) + " tokens, as many as the hub takes; revoke some"};
  auto made = make_token(options.name, options.role, seconds_since_1970(), lifetime);
  tokens.push_back(made.kept);
  keep(context, tokens);
  if (options.json) {
    auto object = object_of(made.kept);
    append_member(object, "token", rpc::quote(made.text));
    io.out << object << "}\n";
    return exit_code::ok;
  }
  io.out << made.text << '\n';
  io.err << "This is the token of " << options.name << " with the role " << options.role << ", shown once; it "
         << (lifetime == 0 ? "does not expire" : "expires at " + date_text(made.kept.expires_at))
         << ". Clients send it as: Authorization: Bearer TOKEN\n";
  return exit_code::ok;
}

exit_code token_list(const command_context& context, bool json) {
  auto& io = context.io;
  auto tokens = tokens_of(context);
  if (json) {
    std::string all;
    for (auto& x : tokens)
      all += (all.empty() ? "" : ",") + object_of(x) + "}";
    io.out << R"({"tokens":[)" << all << "]}\n";
    return exit_code::ok;
  }
  table rows{{{"TOKEN"}, {"ROLE"}, {"CREATED"}, {"EXPIRES"}}};
  for (auto& x : tokens)
    rows.add({x.name, x.role, date_text(x.created_at),
              x.expires_at == 0 ? table::cell{"never"}
                                : table::cell{date_text(x.expires_at) + (is_over(x) ? " (over)" : ""),
                                              is_over(x) ? style::bad : style::plain}});
  if (rows.empty())
    io.out << "There are no tokens. Make one with: slm-hub token create NAME\n";
  else
    rows.print(io);
  return exit_code::ok;
}

exit_code token_revoke(const command_context& context, const std::string& name) {
  auto tokens = tokens_of(context);
  if (std::erase_if(tokens, [&](auto& x) { return x.name == name; }) == 0)
    throw command_error{"there is no token " + name + "; slm-hub token list shows them"};
  auto told = keep(context, tokens);
  context.io.out << "Token " << name << " is revoked" << (told ? ", and the sessions that were opened with it are over" : "")
                 << ".\n";
  return exit_code::ok;
}

} // namespace hub::cli
