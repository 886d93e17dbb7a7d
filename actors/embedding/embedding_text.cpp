#include "actors/embedding/embedding_text.hpp"

#include "actors/catalog/text_analysis.hpp"
#include "actors/embedding/tool_vectors.hpp"
#include "messages/rpc/json_scan.hpp"

#include <cstdlib>

namespace hub {

namespace {

/// Small models read some 256 tokens.
constexpr size_t longest_text = 800;

/// `get-userName` as `get user name`.
std::string spoken(std::string_view name) {
  std::string result;
  for (auto c : name) {
    auto is_capital = c >= 'A' && c <= 'Z';
    if (is_capital && !result.empty() && result.back() >= 'a' && result.back() <= 'z')
      result += ' ';
    result += c == '_' || c == '-' || c == '.' || c == '/' ? ' ' : is_capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

} // namespace

std::string text_to_embed(std::string_view server, std::string_view tool) {
  auto member = [tool](std::string_view key) { return rpc::unquote(rpc::member(tool, key)).value_or(""); };
  auto result = spoken(member("name"));
  if (auto title = member("title"); !title.empty())
    result += ", " + title;
  result += " (" + spoken(server) + ")";
  if (auto description = member("description"); !description.empty())
    result += ": " + description;
  return std::string{utf8_prefix(result, longest_text)};
}

std::string embedding_request(std::string_view model, const std::vector<std::string>& texts) {
  auto result = R"({"model":)" + rpc::quote(model) + R"(,"encoding_format":"float","input":[)";
  for (auto& text : texts)
    result += (&text == texts.data() ? "" : ",") + rpc::quote(text);
  return result + "]}";
}

std::vector<std::vector<float>> read_embeddings(std::string_view body, size_t count) {
  if (rpc::check_json(body))
    return {};
  std::vector<std::vector<float>> result(count);
  size_t place = 0;
  rpc::for_each_element(rpc::member(body, "data"), [&](std::string_view item) {
    auto index = rpc::to_integer(rpc::member(item, "index")).value_or(static_cast<int64_t>(place++));
    if (index < 0 || static_cast<size_t>(index) >= count)
      return true;
    auto& vector = result[static_cast<size_t>(index)];
    vector.clear();
    rpc::for_each_element(rpc::member(item, "embedding"), [&](std::string_view number) {
      vector.push_back(std::strtof(std::string{number}.c_str(), nullptr));
      return vector.size() <= tool_vectors::longest;
    });
    return true;
  });
  for (auto& vector : result)
    if (vector.empty() || vector.size() > tool_vectors::longest || vector.size() != result.front().size())
      return {};
  return result;
}

std::string embeddings_url(std::string_view url) {
  while (url.ends_with('/'))
    url.remove_suffix(1);
  std::string result{url};
  if (result.ends_with("/embeddings"))
    return result;
  return result + (result.ends_with("/v1") ? "/embeddings" : "/v1/embeddings");
}

} // namespace hub
