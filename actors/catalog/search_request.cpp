#include "actors/catalog/search_request.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <optional>

namespace hub {

namespace {

/// What one tool's name and the rest of a reply take, in tokens.
constexpr int64_t smallest_budget = 150;
constexpr int64_t largest_budget = 1'000'000;

/// Reads one argument after the other and remembers the first that is wrong.
class argument_reader {
public:
  explicit argument_reader(std::string_view arguments) : arguments_(arguments) {
    // nop
  }

  /// The text of a string argument; nothing if it is absent, null or wrong.
  std::optional<std::string> text(std::string_view key, std::string_view example) {
    auto value = find(key);
    if (value.empty())
      return std::nullopt;
    auto result = rpc::unquote(value);
    if (!result)
      complain(key, "a string", example);
    return result;
  }

  /// The value of a number argument, brought into the range.
  std::optional<size_t> number(std::string_view key, int64_t lowest, int64_t highest, std::string_view example) {
    auto value = find(key);
    if (value.empty())
      return std::nullopt;
    auto result = rpc::to_integer(value);
    if (!result) {
      complain(key, "an integer", example);
      return std::nullopt;
    }
    return static_cast<size_t>(std::clamp(*result, lowest, highest));
  }

  void complain(std::string_view key, std::string_view kind, std::string_view example) {
    if (!wrong_.empty())
      return;
    wrong_.append("`").append(key).append("` must be ").append(kind);
    wrong_.append(", for example ").append(example);
  }

  const std::string& wrong() const {
    return wrong_;
  }

private:
  std::string_view find(std::string_view key) const {
    auto value = rpc::member(arguments_, key);
    return value == "null" ? std::string_view{} : value;
  }

  std::string_view arguments_;
  std::string wrong_;
};

} // namespace

std::variant<search_request, bad_search> read_search_request(std::string_view arguments, size_t budget_tokens) {
  constexpr std::string_view query_example = R"({"query":"create an issue"})";
  argument_reader reader{arguments};
  search_request result;
  auto query = reader.text("query", query_example);
  if (!query)
    reader.complain("query", "given", query_example);
  result.query = query.value_or("");
  result.limit = reader.number("limit", 1, search_request::largest_limit, "8").value_or(search_request::default_limit);
  result.server = reader.text("server", R"("github" or "git*")").value_or("");
  auto detail = reader.text("detail", R"("signature")").value_or("");
  if (detail == "names")
    result.detail = search_detail::names;
  else if (detail == "signature")
    result.detail = search_detail::signature;
  else if (detail == "schema")
    result.detail = search_detail::schema;
  else if (!detail.empty())
    reader.complain("detail", R"("names", "signature" or "schema")", R"("signature")");
  auto budget = reader.number("budget", smallest_budget, largest_budget, "800");
  result.budget_tokens = budget.value_or(result.detail == search_detail::schema ? 0 : budget_tokens);
  if (!reader.wrong().empty())
    return bad_search{reader.wrong()};
  return result;
}

} // namespace hub
