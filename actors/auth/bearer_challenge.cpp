#include "actors/auth/bearer_challenge.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

bool is_token_character(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
         || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool equal_but_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

/// Walks over a header's value.
class header_cursor {
public:
  explicit header_cursor(std::string_view text) : rest_(text) {
    // nop
  }

  void skip(std::string_view what) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(what), rest_.size()));
  }

  std::string_view token() {
    auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    auto result = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(result.size());
    return result;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A token or a quoted string with its escapes undone.
  std::string value() {
    if (!take('"'))
      return std::string{token()};
    std::string result;
    while (!rest_.empty() && !take('"')) {
      if (rest_.front() == '\\' && rest_.size() > 1)
        rest_.remove_prefix(1);
      result += rest_.front();
      rest_.remove_prefix(1);
    }
    return result;
  }

  void drop_character() {
    if (!rest_.empty())
      rest_.remove_prefix(1);
  }

  bool at_end() const {
    return rest_.empty();
  }

private:
  std::string_view rest_;
};

void put(bearer_challenge& x, std::string_view name, std::string value) {
  for (auto& [known, member] : {std::pair{"resource_metadata", &x.resource_metadata}, std::pair{"scope", &x.scope},
                                std::pair{"error", &x.error}})
    if (equal_but_case(name, known) && member->empty())
      *member = std::move(value);
}

} // namespace

std::optional<bearer_challenge> read_challenge(std::string_view header) {
  header_cursor cursor{header};
  std::optional<bearer_challenge> result;
  auto bearer = false;
  for (;;) {
    cursor.skip(" \t,");
    if (cursor.at_end())
      return result;
    auto name = cursor.token();
    if (name.empty()) {
      cursor.drop_character();
      continue;
    }
    cursor.skip(" \t");
    if (cursor.take('=')) {
      cursor.skip(" \t");
      auto value = cursor.value();
      if (bearer)
        put(*result, name, std::move(value));
      continue;
    }
    // A word without `=` begins the next challenge.
    if (bearer)
      return result;
    if (equal_but_case(name, "bearer")) {
      bearer = true;
      result.emplace();
    }
  }
}

} // namespace hub
