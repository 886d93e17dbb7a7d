#include "actors/secret/secret_fetcher.hpp"

#include "actors/secret/program_output.hpp"
#include "messages/redaction.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// The longest secret, in bytes.
constexpr size_t secret_bytes = 64 * 1024;

fetched_secret failed(std::string cause, std::string fix) {
  return {{}, std::move(cause), std::move(fix)};
}

/// What a program printed, without the line ends behind it.
fetched_secret value_of(std::string output) {
  while (output.ends_with('\n') || output.ends_with('\r'))
    output.pop_back();
  process_redaction().add(output);
  return {std::move(output), {}, {}};
}

std::string first_line(const std::string& text) {
  auto line = text.substr(0, text.find('\n'));
  return line.empty() ? "" : ": " + line;
}

fetched_secret run_command(const std::string& command, const secret_fetcher_settings& settings) {
  if (!settings.commands)
    return failed("has ${cmd:" + command + "}, and the hub runs no programs for secrets unless it is told to",
                  "set \"secret_commands\": true in the configuration, or use a variable, ${file:...} or ${keyring:...}");
  auto result = run_program({"sh", "-c", command}, settings.command_limit, secret_bytes, *settings.ending);
  if (!result.failure.empty())
    return failed("has ${cmd:" + command + "}, which " + result.failure + first_line(result.complaint),
                  "run the command by hand to see what is wrong");
  if (result.output.find_first_not_of("\r\n") == std::string::npos)
    return failed("has ${cmd:" + command + "}, which printed nothing", "make it print the secret to stdout");
  return value_of(std::move(result.output));
}

fetched_secret ask_keyring(const std::string& name, const secret_fetcher_settings& settings) {
#ifdef __APPLE__
  std::vector<std::string> words{"security", "find-generic-password", "-s", "slm-hub", "-a", name, "-w"};
  auto store = "security add-generic-password -s slm-hub -a " + name + " -w";
#else
  std::vector<std::string> words{"secret-tool", "lookup", "service", "slm-hub", "account", name};
  auto store = "secret-tool store --label='slm-hub " + name + "' service slm-hub account " + name;
#endif
  auto result = run_program(words, settings.keyring_limit, secret_bytes, *settings.ending);
  auto shown = "has ${keyring:" + name + "}, and ";
  if (result.failure.starts_with("could not be started"))
    return failed(shown + "there is no " + words[0] + " to ask a keyring with",
                  "install the package libsecret-tools, or use a variable or ${file:...}");
  if (result.failure.starts_with("did not end"))
    return failed(shown + "the keyring " + result.failure, "unlock the keyring, then: slm-hub restart");
  if (!result.complaint.empty() && !result.failure.empty())
    return failed(shown + "the keyring cannot be asked" + first_line(result.complaint),
                  "log in to a desktop session that has a keyring, or use a variable or ${file:...}");
  if (!result.failure.empty() || result.output.empty())
    return failed(shown + "the keyring has no such secret", "store it: " + store);
  return value_of(std::move(result.output));
}

} // namespace

secret_actor::behavior_type secret_fetcher(secret_actor::stateful_pointer<secret_fetcher_state> self,
                                           secret_fetcher_settings settings) {
  self->state.settings = settings;
  return {
    [self](const fetch_secrets& x) {
      secrets_fetched result;
      for (auto& name : x.names) {
        constexpr std::string_view command = "cmd:";
        constexpr std::string_view keyring = "keyring:";
        auto& settings = self->state.settings;
        if (name.starts_with(command))
          result.secrets[name] = run_command(name.substr(command.size()), settings);
        else if (name.starts_with(keyring))
          result.secrets[name] = ask_keyring(name.substr(keyring.size()), settings);
      }
      self->quit();
      return result;
    },
  };
}

} // namespace hub
