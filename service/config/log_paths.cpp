#include "service/config/log_paths.hpp"

#include "messages/percent_text.hpp"
#include "messages/sha256.hpp"

#include <string>

namespace hub {

namespace {

/// In bytes; leaves room for `.log.2` where names may have 255.
constexpr size_t longest_name = 200;

/// What stands before the name of a plugin.
constexpr std::string_view plugin_prefix = "plugin-";

std::string hex_of(char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  auto byte = static_cast<unsigned char>(c);
  return {'%', digits[byte >> 4], digits[byte & 15]};
}

/// `name` as a part of the name of a file. A dot would look like the files that a log was rotated to.
std::string file_name_of(std::string_view name) {
  std::string result;
  for (auto c : percent_encode(name))
    result += c == '.' || c == '~' ? hex_of(c) : std::string{c};
  if (result.size() > longest_name)
    // `~` is in no other name.
    result = result.substr(0, longest_name - 33) + '~' + sha256_hex(name).substr(0, 32);
  return result;
}

} // namespace

std::filesystem::path server_log(const std::filesystem::path& folder, std::string_view server) {
  auto name = file_name_of(server);
  // These are logs of the hub and of plugins.
  if (name == "hub" || name.starts_with(plugin_prefix))
    name = hex_of(name[0]) + name.substr(1);
  return folder / "logs" / (name + ".log");
}

std::filesystem::path plugin_log(const std::filesystem::path& folder, std::string_view plugin) {
  return folder / "logs" / (std::string{plugin_prefix} + file_name_of(plugin) + ".log");
}

} // namespace hub
