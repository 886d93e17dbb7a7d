#include "actors/results/result_text.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cctype>

namespace hub {

namespace {

/// How many lines one search shows, and how much of each.
constexpr size_t most_matches = 20;
constexpr size_t match_bytes = 300;

bool is_inside_character(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

std::string text_content(std::string_view text) {
  std::string result = R"({"type":"text","text":)";
  rpc::append_quoted(result, text);
  return result += '}';
}

std::string counts(size_t offset, size_t end, size_t total) {
  return "bytes " + std::to_string(offset) + " to " + std::to_string(end) + " of " + std::to_string(total);
}

std::string meta_of(const std::string& token, size_t offset, size_t end, size_t total) {
  auto result = R"({"total_bytes":)" + std::to_string(total) + R"(,"offset":)" + std::to_string(offset) + R"(,"end":)" + std::to_string(end);
  if (!token.empty())
    result += R"(,"result":")" + token + '"';
  return result + '}';
}

/// How the rest is read, for a model.
std::string how_to_go_on(const std::string& token, size_t end) {
  return R"(Read on: hub__call_tool {"tool":"hub__read_result","arguments":{"result":")" + token + R"(","offset":)" + std::to_string(end)
         + R"(}}; or find lines with "search":"TEXT" in place of "offset".)";
}

bool same_letter(unsigned char a, unsigned char b) {
  return std::tolower(a) == std::tolower(b);
}

} // namespace

result_parts take_apart(const json_text& result, size_t limit) {
  result_parts parts;
  rpc::for_each_element(rpc::member(result.view(), "content"), [&](std::string_view piece) {
    if (rpc::member(piece, "type") == "\"text\"") {
      if (!parts.text.empty())
        parts.text += '\n';
      parts.text += rpc::unquote(rpc::member(piece, "text")).value_or("");
    } else if (piece.size() <= limit) {
      parts.others.append(1, ',').append(piece);
    } else {
      ++parts.left_out;
    }
    return true;
  });
  if (parts.text.empty())
    parts.text = rpc::member(result.view(), "structuredContent");
  return parts;
}

size_t end_of_piece(std::string_view text, size_t begin, size_t length) {
  if (begin >= text.size() || text.size() - begin <= length)
    return text.size();
  auto end = begin + length;
  auto line = text.substr(begin, length).rfind('\n');
  if (line != std::string_view::npos && line >= length / 2)
    return begin + line + 1;
  while (end > begin + 1 && is_inside_character(text, end))
    --end;
  return end;
}

json_text head_of(const json_text& result, const result_parts& parts, size_t length, const std::string& token) {
  auto end = end_of_piece(parts.text, 0, length);
  auto note = "[hub: this result is large; above are " + counts(0, end, parts.text.size()) + ". ";
  if (parts.left_out > 0)
    note += std::to_string(parts.left_out) + " large parts that are no text are left out. ";
  note += (token.empty() ? "The rest is too large to be kept; ask the tool for less." : how_to_go_on(token, end)) + "]";
  auto content = "[" + text_content(std::string_view{parts.text}.substr(0, end)) + parts.others + "," + text_content(note) + "]";
  auto cut = rpc::edit_members(result, {{"content", content}, {"structuredContent", ""}});
  auto meta = rpc::member(cut.view(), "_meta");
  auto ours = meta_of(token, 0, end, parts.text.size());
  auto joined = meta.empty() ? R"({"hub/result":)" + ours + '}'
                             : std::string{rpc::edit_members(cut.slice(meta), {{"hub/result", ours}}).view()};
  return rpc::edit_members(cut, {{"_meta", joined}});
}

std::string piece_of(const std::string& text, const read_result& x) {
  auto begin = std::min(x.offset, text.size());
  // The client may have counted otherwise.
  while (begin > 0 && is_inside_character(text, begin))
    --begin;
  auto end = end_of_piece(text, begin, x.length);
  auto note = "[hub: " + counts(begin, end, text.size()) + ". " + (end < text.size() ? how_to_go_on(x.token, end) : "This is the end.") + "]";
  return R"({"content":[)" + text_content(std::string_view{text}.substr(begin, end - begin)) + ',' + text_content(note)
         + R"(],"_meta":{"hub/result":)" + meta_of(x.token, begin, end, text.size()) + "}}";
}

std::string matches_in(const std::string& text, const read_result& x) {
  std::string found;
  size_t count = 0;
  auto at = text.begin() + static_cast<std::ptrdiff_t>(std::min(x.offset, text.size()));
  for (;;) {
    at = std::search(at, text.end(), x.search.begin(), x.search.end(), same_letter);
    if (at == text.end() || count == most_matches)
      break;
    ++count;
    auto place = static_cast<size_t>(at - text.begin());
    auto line = place == 0 ? std::string::npos : text.rfind('\n', place - 1);
    auto begin = line == std::string::npos ? 0 : line + 1;
    auto end = std::min(text.find('\n', place), text.size());
    // Of a long line, what stands around the place.
    if (place - begin > match_bytes / 2)
      begin = place - match_bytes / 2;
    while (begin > 0 && is_inside_character(text, begin))
      --begin;
    auto shown = std::min(end, begin + match_bytes);
    while (shown > begin && is_inside_character(text, shown))
      --shown;
    found += std::to_string(begin) + ": " + text.substr(begin, shown - begin) + '\n';
    at = text.begin() + static_cast<std::ptrdiff_t>(std::max(end, place + x.search.size()));
  }
  std::string note;
  if (count == 0)
    note = "[hub: nothing in " + std::to_string(text.size()) + " bytes has this text.]";
  else if (at != text.end())
    note = "[hub: the first " + std::to_string(count) + R"( lines, each behind its offset. More: the same search with "offset":)"
           + std::to_string(at - text.begin()) + ".]";
  else
    note = "[hub: all lines with this text, each behind its offset, at which hub__read_result reads.]";
  return R"({"content":[)" + (found.empty() ? "" : text_content(found) + ",") + text_content(note) + "]}";
}

} // namespace hub
