#include "service/config/text_edit.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

/// The white space that the line of `offset` starts with.
std::string indent_at(std::string_view text, size_t offset) {
  auto line = text.rfind('\n', offset);
  line = line == std::string_view::npos ? 0 : line + 1;
  auto end = std::min(text.find_first_not_of(" \t", line), offset);
  return std::string{text.substr(line, end - line)};
}

/// Where the children of a container end, comments included, and whether a
/// comma is after the last of them.
struct container_end {
  size_t offset = 0;
  bool has_comma = false;
};

container_end find_end(std::string_view text, size_t after_last, size_t bracket) {
  container_end result{after_last, false};
  auto i = after_last;
  while (i < bracket) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), bracket);
      result.offset = i;
      // The end of such a line belongs to the file's line ends.
      if (result.offset > 0 && text[result.offset - 1] == '\r')
        --result.offset;
    } else if (text.substr(i, 2) == "/*") {
      i = std::min(text.find("*/", i + 2) + 2, bracket);
      result.offset = i;
    } else {
      if (text[i] == ',') {
        result.has_comma = true;
        result.offset = i + 1;
        }
      ++i;
    }
  }
  return result;
}

/// The comma between two places of a text, outside of comments; npos if there is none.
size_t find_comma(std::string_view text, size_t from, size_t to) {
  auto i = from;
  while (i < to) {
    if (text.substr(i, 2) == "//")
      i = std::min(text.find('\n', i), to);
    else if (text.substr(i, 2) == "/*")
      i = std::min(text.find("*/", i + 2) + 2, to);
    else if (text[i] == ',')
      return i;
    else
      ++i;
  }
  return std::string_view::npos;
}

/// A span, made to take its whole lines if nothing but white space is beside it.
std::pair<size_t, size_t> with_line(std::string_view text, size_t begin, size_t end) {
  auto line = text.rfind('\n', begin == 0 ? 0 : begin - 1);
  auto start = line == std::string_view::npos || begin == 0 ? 0 : line + 1;
  auto next = std::min(text.find('\n', end), text.size());
  auto blank = [](std::string_view x) { return x.find_first_not_of(" \t\r") == std::string_view::npos; };
  if (line == std::string_view::npos || next == text.size() || !blank(text.substr(start, begin - start))
      || !blank(text.substr(end, next - end)))
    return {begin, end};
  return {start, next + 1};
}

} // namespace

/// `json` with each line but the first moved right.
std::string indented(std::string_view json, const std::string& indent, std::string_view line_end) {
  std::string result;
  for (auto c : json) {
    if (c != '\n') {
      result += c;
      continue;
    }
    result += line_end;
    result += indent;
  }
  return result;
}

/// The text with `children` (each several lines of JSON) as the last ones of
/// `container`.
std::string append_children(const std::string& text, const config_value& container,
                            const std::vector<std::string>& children) {
  auto bracket = container.end - 1;
  auto is_object = container.is(kind::object);
  auto is_empty = is_object ? container.members.empty() : container.items.empty();
  auto after_last = container.begin + 1;
  size_t first = 0;
  if (!is_empty) {
    after_last = is_object ? container.members.back().value.end : container.items.back().end;
    first = is_object ? container.members.front().key_begin : container.items.front().begin;
  }
  std::string_view line_end = text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
  auto outer = indent_at(text, container.begin);
  // As far in as the first child, if that has a line of its own.
  auto own_line = !is_empty && text.find('\n', container.begin) < first;
  auto inner = own_line ? indent_at(text, first) : outer + "  ";
  auto end = find_end(text, after_last, bracket);
  auto result = text.substr(0, after_last);
  if (!is_empty && !end.has_comma)
    result += ',';
  result += text.substr(after_last, end.offset - after_last);
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0)
      result += ',';
    result += line_end;
    result += inner;
    result += indented(children[i], inner, line_end);
  }
  auto rest = text.substr(end.offset, bracket - end.offset);
  if (rest.find('\n') == std::string::npos) {
    result += line_end;
    result += outer;
  } else {
    result += rest;
  }
  return result + text.substr(bracket);
}

std::string erase_child(const std::string& text, const config_value& container, size_t index) {
  auto is_object = container.is(kind::object);
  auto count = is_object ? container.members.size() : container.items.size();
  auto begin_of = [&](size_t i) { return is_object ? container.members[i].key_begin : container.items[i].begin; };
  auto end_of = [&](size_t i) { return is_object ? container.members[i].value.end : container.items[i].end; };
  auto begin = begin_of(index);
  auto end = end_of(index);
  auto is_last = index + 1 == count;
  auto comma = find_comma(text, end, is_last ? container.end - 1 : begin_of(index + 1));
  auto before = std::string::npos;
  if (comma == std::string::npos && index > 0)
    before = find_comma(text, end_of(index - 1), begin);
  // From the back to the front, so that the places stay true.
  auto result = text;
  if (comma != std::string::npos) {
    if (text.find_first_not_of(" \t\r\n", end) == comma)
      end = comma + 1;
    else
      result.erase(comma, 1);
  }
  auto [from, to] = with_line(result, begin, end);
  result.erase(from, to - from);
  if (before != std::string::npos)
    result.erase(before, 1);
  return result;
}

std::string replace_value(const std::string& text, const config_value& value, std::string_view json) {
  return text.substr(0, value.begin) + std::string{json} + text.substr(value.end);
}

} // namespace hub
