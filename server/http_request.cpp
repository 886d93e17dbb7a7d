#include "server/http_request.hpp"

namespace hub {

namespace {

/// Takes the text before the next `separator` off the front of `rest`.
std::string_view next_item(std::string_view& rest, char separator) {
  auto end = rest.find(separator);
  auto item = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return trimmed(item);
}

/// Whether a parameter is a weight of zero: `q=0`, `q=0.000`.
bool is_refusal(std::string_view parameter) {
  if (parameter.size() < 3 || !same_but_case(parameter.substr(0, 2), "q="))
    return false;
  return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

std::string_view trimmed(std::string_view text) noexcept {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

accepted_types parse_accept(std::string_view value) {
  accepted_types result;
  // What nearly all clients say, word by word.
  if (value == "application/json, text/event-stream") {
    result.json = result.event_stream = true;
    return result;
  }
  while (!value.empty()) {
    auto range = next_item(value, ',');
    auto type = next_item(range, ';');
    auto refused = false;
    while (!range.empty())
      refused = is_refusal(next_item(range, ';')) || refused;
    if (refused)
      continue;
    if (same_but_case(type, "text/event-stream"))
      result.event_stream = true;
    else if (same_but_case(type, "application/json") || same_but_case(type, "application/*")
             || type == "*/*")
      result.json = true;
  }
  return result;
}

bool is_json_type(std::string_view content_type) {
  return content_type == "application/json" || same_but_case(next_item(content_type, ';'), "application/json");
}

} // namespace hub
