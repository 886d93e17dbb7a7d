#include "service/config/access_file.hpp"

#include "messages/sha256.hpp"
#include "service/config/config_value.hpp"
#include "service/config/json_reader.hpp"
#include "service/config/stored_file.hpp"
#include "service/config/value_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <limits>
#include <sys/random.h>
#include <system_error>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr size_t longest_word = 64;
constexpr int64_t last_second = int64_t{1} << 40;

template <size_t Size>
std::string random_hex() {
  std::array<unsigned char, Size> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error{errno, std::system_category(), "the kernel gives no random bytes"};
  constexpr auto digits = "0123456789abcdef";
  std::string result;
  for (auto byte : bytes)
    result.append({digits[byte >> 4], digits[byte & 15]});
  return result;
}

kept_token read_token(const config_value& x, const std::string& label, value_reader& reader) {
  kept_token result;
  if (!x.is(kind::object)) {
    reader.wrong_type(x, label, "an object", "make it with `slm-hub token create`");
    return result;
  }
  auto text = [&](const char* key, std::string& to) {
    auto* value = x.find(key);
    if (value)
      to = reader.string(*value, label + "." + key).value_or("");
    if (to.empty())
      reader.fail(x.begin, label + " has no " + key, "make it with `slm-hub token create`");
  };
  text("id", result.id);
  text("name", result.name);
  text("role", result.role);
  text("sha256", result.sha256);
  for (auto& [what, word] : {std::pair{"name", &result.name}, std::pair{"role", &result.role}})
    if (auto wrong = word->empty() ? std::nullopt : wrong_word(what, *word))
      reader.fail(x.begin, label + ": " + *wrong, "make it with `slm-hub token create`");
  sha256_digest ignored;
  if (!result.sha256.empty() && !from_hex(result.sha256, ignored))
    reader.fail(x.begin, label + ".sha256 is no SHA-256 in hex", "make it with `slm-hub token create`");
  for (auto& [key, to] : {std::pair{"created_at", &result.created_at}, {"expires_at", &result.expires_at}})
    if (auto* value = x.find(key))
      *to = reader.integer(*value, label + "." + key, 0, last_second).value_or(1);
  return result;
}

} // namespace

std::filesystem::path access_file_in(const std::filesystem::path& folder) {
  return folder / "access.json";
}

config_result<std::vector<kept_token>> read_tokens(const std::filesystem::path& file) {
  std::vector<kept_token> result;
  std::error_code wrong;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, wrong)))
    return result;
  auto stored = read_stored(file, 1 << 20);
  if (!stored)
    return stored.errors();
  if (stored->open_to_others)
    return config_error{file.string(), "other users may read or change the tokens in it", "run: chmod 600 " + file.string()};
  auto root = read_json(stored->text, file.string());
  if (!root)
    return root.errors();
  value_reader reader{{file.native(), stored->text}};
  auto* tokens = root->is(kind::object) ? root->find("tokens") : nullptr;
  if (!tokens || !tokens->is(kind::array))
    reader.fail(root->begin, "the file has no array \"tokens\"", "make tokens with `slm-hub token create`");
  else
    for (auto& x : tokens->items)
      result.push_back(read_token(x, "tokens[" + std::to_string(result.size()) + "]", reader));
  if (result.size() > tokens_limit)
    reader.fail(root->begin, "there are more than " + std::to_string(tokens_limit) + " tokens",
                "revoke some with `slm-hub token revoke`");
  if (reader.error_count() > 0)
    return reader.errors();
  return result;
}

std::optional<config_error> write_tokens(const std::filesystem::path& file, const std::vector<kept_token>& tokens) {
  auto list = config_value::of_kind(kind::array);
  for (auto& x : tokens) {
    auto entry = config_value::of_kind(kind::object);
    entry.set("id", config_value::of_string(x.id));
    entry.set("name", config_value::of_string(x.name));
    entry.set("role", config_value::of_string(x.role));
    entry.set("sha256", config_value::of_string(x.sha256));
    entry.set("created_at", config_value::of_number(std::to_string(x.created_at)));
    entry.set("expires_at", config_value::of_number(std::to_string(x.expires_at)));
    list.items.push_back(std::move(entry));
  }
  auto root = config_value::of_kind(kind::object);
  root.set("tokens", std::move(list));
  return write_stored(file, to_json(root) + "\n");
}

new_token make_token(std::string name, std::string role, int64_t now, int64_t lifetime) {
  new_token result;
  // The beginning lets scanners for leaked secrets recognise it.
  result.text = "slmhub_" + random_hex<32>();
  result.kept = {random_hex<8>(), std::move(name), std::move(role), sha256_hex(result.text), now,
                 lifetime == 0 ? 0 : now + lifetime};
  return result;
}

std::optional<std::string> wrong_word(std::string_view what, std::string_view word) {
  auto good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '@'; };
  if (!word.empty() && word.size() <= longest_word && std::ranges::all_of(word, good))
    return std::nullopt;
  return "\"" + std::string{word} + "\" is no " + std::string{what} + "; use 1 to 64 letters, digits and . _ - @";
}

} // namespace hub
