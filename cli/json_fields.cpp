#include "cli/json_fields.hpp"

#include "messages/rpc/json_scan.hpp"

#include <charconv>

namespace hub::cli {

std::string text_field(std::string_view object, std::string_view key) {
  return rpc::unquote(rpc::member(object, key)).value_or("");
}

int64_t integer_field(std::string_view object, std::string_view key) {
  return static_cast<int64_t>(number_field(object, key));
}

double number_field(std::string_view object, std::string_view key) {
  auto text = rpc::member(object, key);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result > -1e18 && result < 1e18 ? result : 0;
}

bool flag_field(std::string_view object, std::string_view key) {
  return rpc::member(object, key) == "true";
}

std::vector<std::string_view> list_field(std::string_view object, std::string_view key) {
  std::vector<std::string_view> result;
  rpc::for_each_element(rpc::member(object, key), [&](std::string_view element) {
    result.push_back(element);
    return true;
  });
  return result;
}

void append_member(std::string& object, std::string_view key, std::string_view value) {
  object.append(object.empty() || object.back() == '{' ? "" : ",").append(rpc::quote(key)).append(":").append(value);
}

} // namespace hub::cli
