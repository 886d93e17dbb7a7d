#include "cli/event_reader.hpp"

namespace hub::cli {

event_reader::event_reader(std::function<void(std::string_view)> on_event) : on_event_(std::move(on_event)) {
  // nop
}

void event_reader::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    if (after_return_ && chunk[0] == '\n') {
      after_return_ = false;
      chunk.remove_prefix(1);
      continue;
    }
    after_return_ = false;
    auto end = chunk.find_first_of("\r\n");
    line_.append(chunk.substr(0, end));
    if (end == std::string_view::npos)
      return;
    after_return_ = chunk[end] == '\r';
    chunk.remove_prefix(end + 1);
    line_ended();
    line_.clear();
  }
}

void event_reader::line_ended() {
  if (line_.empty()) {
    last_id_ = id_;
    if (has_data_)
      on_event_(data_);
    data_.clear();
    has_data_ = false;
    return;
  }
  auto line = std::string_view{line_};
  auto colon = line.find(':');
  auto field = line.substr(0, colon);
  // Other fields and comments, which start with the colon, carry no message.
  if (field != "data" && field != "id")
    return;
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (!value.empty() && value[0] == ' ')
    value.remove_prefix(1);
  if (field == "id") {
    id_ = value;
    return;
  }
  if (has_data_)
    data_ += '\n';
  data_ += value;
  has_data_ = true;
}

} // namespace hub::cli
