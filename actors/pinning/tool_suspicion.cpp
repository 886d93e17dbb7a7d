#include "actors/pinning/tool_suspicion.hpp"

#include "actors/catalog/code_points.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace hub {

namespace {

/// Words with which a description speaks to the model and not of the tool. Small
/// letters, single blanks.
constexpr std::string_view instructions[] = {
  "<important", "<system", "<instruction", "<secret", "<critical", "[inst]", "<|im_start|>", "<|system|>",
  "ignore previous", "ignore all previous", "ignore the previous", "ignore any previous", "ignore prior",
  "ignore all prior", "ignore the above", "ignore all other", "ignore your instructions",
  "disregard previous", "disregard all", "disregard the above", "disregard any", "forget previous",
  "forget all previous", "forget your instructions", "override your", "new instructions:", "system prompt",
  "do not tell the user", "don't tell the user", "never tell the user", "not tell the user",
  "without telling the user", "without informing the user", "do not inform the user", "do not notify the user",
  "do not mention this", "don't mention this", "do not mention that", "never mention", "do not reveal",
  "do not show the user", "hide this from", "keep this secret", "user must not know", "user does not need to know",
  "before using any other tool", "before calling any other tool", "before any other tool",
  "instead of any other tool", "always call this tool", "must call this tool first", "must use this tool first",
};

/// Where secrets are kept.
constexpr std::string_view secret_places[] = {
  "~/.ssh", "/.ssh/", "id_rsa", "id_ed25519", "/etc/passwd", "/etc/shadow", "~/.aws", ".aws/credentials",
  "~/.cursor", ".cursor/mcp.json", "claude_desktop_config", "~/.claude", ".git-credentials", "~/.netrc", ".netrc",
  "~/.npmrc", "~/.kube", "~/.gnupg", "~/.docker/config", "~/.env", "/.env", "secrets.env", "keychain",
};

struct hidden_range {
  char32_t first;
  char32_t last;
  const char* what;
};

constexpr hidden_range hidden_ranges[] = {
  {0x00, 0x08, "a control character"},
  {0x0B, 0x0C, "a control character"},
  {0x0E, 0x1F, "a control character"},
  {0x7F, 0x9F, "a control character"},
  {0xAD, 0xAD, "a soft hyphen"},
  {0x61C, 0x61C, "a mark of writing direction"},
  {0x180E, 0x180E, "an invisible separator"},
  {0x200B, 0x200B, "a zero-width space"},
  {0x200E, 0x200F, "a mark of writing direction"},
  {0x2028, 0x2029, "a hidden line end"},
  {0x202A, 0x202E, "a change of writing direction"},
  {0x2060, 0x2064, "an invisible operator"},
  {0x2066, 0x206F, "a change of writing direction"},
  {0x3164, 0x3164, "an invisible letter"},
  {0xE000, 0xF8FF, "a character of private use"},
  {0xFEFF, 0xFEFF, "a zero-width space"},
  {0xFFF9, 0xFFFB, "a hidden annotation"},
  {0xE0000, 0xE007F, "a tag character, which only the model sees"},
  {0xE0100, 0xE01EF, "a variation selector, which can hide text"},
  {0xF0000, 0x10FFFF, "a character of private use"},
};

constexpr char32_t zero_width_non_joiner = 0x200C;
constexpr char32_t zero_width_joiner = 0x200D;

const char* hidden_kind(char32_t c, char32_t before, char32_t after) noexcept {
  // Emoji and several scripts are written with joiners; Latin text is not.
  if ((c == zero_width_joiner || c == zero_width_non_joiner) && (before < 0x250 || after < 0x250))
    return "a zero-width joiner";
  auto selects = [](char32_t x) { return x >= 0xFE00 && x <= 0xFE0F; };
  if (selects(c) && selects(after))
    return "a row of variation selectors, which can hide text";
  for (auto& range : hidden_ranges)
    if (c >= range.first && c <= range.last)
      return range.what;
  return nullptr;
}

std::string code_point_name(char32_t c) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "U+%04X", static_cast<unsigned>(c));
  return buffer.data();
}

/// Small letters, white space in runs of one blank.
std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (unsigned char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (!result.empty() && result.back() != ' ')
        result += ' ';
    } else {
      result += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
  }
  return result;
}

bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/// Calls `f(text)` for each string in a definition, keys too, with its escapes undone.
template <class F>
void for_each_text(std::string_view value, F& f) {
  if (value.starts_with('{'))
    rpc::for_each_member(value, [&](const rpc::json_member& x) {
      f(rpc::unquote("\"" + std::string{x.key} + '"').value_or(""));
      for_each_text(x.value, f);
      return true;
    });
  else if (value.starts_with('['))
    rpc::for_each_element(value, [&](std::string_view item) {
      for_each_text(item, f);
      return true;
    });
  else if (value.starts_with('"'))
    f(rpc::unquote(value).value_or(""));
}

class suspicion_finder {
public:
  void operator()(std::string_view member, const std::string& text) {
    find_hidden(member, text);
    auto plain = folded(text);
    for (auto words : instructions)
      if (plain.find(words) != std::string::npos)
        add(std::string{member} + " says \"" + std::string{words} + "\", which is said to the model and not about the tool");
    for (auto place : secret_places)
      if (plain.find(place) != std::string::npos)
        add(std::string{member} + " names \"" + std::string{place} + "\", where secrets may be kept");
  }

  std::vector<std::string> take() {
    return std::move(found_);
  }

private:
  void find_hidden(std::string_view member, std::string_view text) {
    char32_t before = 0;
    while (!text.empty()) {
      auto c = take_code_point(text);
      auto rest = text;
      auto after = rest.empty() ? 0 : take_code_point(rest);
      if (auto* kind = hidden_kind(c, before, after))
        add(std::string{member} + " has " + kind + " (" + code_point_name(c) + ")");
      before = c;
    }
  }

  void add(std::string sentence) {
    if (found_.size() < suspicions_limit && std::ranges::find(found_, sentence) == found_.end())
      found_.push_back(std::move(sentence));
  }

  std::vector<std::string> found_;
};

/// Whether a name is so odd that nobody writes it by chance.
bool is_distinctive(std::string_view name) noexcept {
  if (name.size() < 8)
    return false;
  return std::ranges::any_of(name.substr(1), [](char c) { return c == '_' || c == '-' || c == '.' || (c >= 'A' && c <= 'Z'); });
}

} // namespace

void tool_owners::add(std::string_view tool, std::string_view server) {
  if (is_distinctive(tool))
    servers_[std::string{tool}].emplace_back(server);
}

std::string_view tool_owners::other_owner(std::string_view tool, std::string_view server) const {
  auto i = servers_.find(std::string{tool});
  if (i == servers_.end() || std::ranges::find(i->second, server) != i->second.end())
    return {};
  return i->second.front();
}

std::vector<std::string> find_suspicions(std::string_view tool) {
  suspicion_finder find;
  rpc::for_each_member(tool, [&](const rpc::json_member& x) {
    auto look = [&](const std::string& text) { find(x.key, text); };
    if (x.key != "_meta" && x.key != "icons")
      for_each_text(x.value, look);
    return true;
  });
  return find.take();
}

std::vector<std::string> find_shadowing(std::string_view tool, std::string_view server, const tool_owners& owners) {
  std::vector<std::string> result;
  auto look = [&](std::string_view text) {
    while (!text.empty() && result.size() < suspicions_limit) {
      size_t size = 0;
      while (size < text.size() && is_name_byte(text[size]))
        ++size;
      auto word = text.substr(0, size);
      while (!word.empty() && (word.back() == '.' || word.back() == '-'))
        word.remove_suffix(1);
      if (auto owner = is_distinctive(word) ? owners.other_owner(word, server) : ""; !owner.empty()) {
        auto sentence = "speaks of the tool " + std::string{word} + " of the server " + std::string{owner};
        if (std::ranges::find(result, sentence) == result.end())
          result.push_back(std::move(sentence));
      }
      text.remove_prefix(std::max<size_t>(size, 1));
    }
  };
  auto look_at = [&](const std::string& text) { look(text); };
  for (auto* member : {"title", "description", "inputSchema"})
    for_each_text(rpc::member(tool, member), look_at);
  return result;
}

} // namespace hub
