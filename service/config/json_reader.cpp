#include "service/config/json_reader.hpp"

#include "messages/rpc/json_scan.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <utility>
#include <vector>

namespace hub {

namespace {

/// Builds the tree from the events of the parser. Containers that are still
/// open are on a stack of ours, so nesting costs heap and no stack.
class tree_builder {
public:
  tree_builder(std::string_view text, size_t start, const rapidjson::MemoryStream& in)
    : text_(text), last_end_(start), start_(start), in_(in) {
    // nop
  }

  bool Null() {
    return add(begin_value(config_value::kind::null));
  }

  bool Bool(bool x) {
    auto value = begin_value(config_value::kind::boolean);
    value.boolean = x;
    return add(std::move(value));
  }

  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    auto value = begin_value(config_value::kind::number);
    value.text.assign(text, size);
    return add(std::move(value));
  }

  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!is_text({text, size}))
      return false;
    auto value = begin_value(config_value::kind::string);
    value.text.assign(text, size);
    return add(std::move(value));
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (!is_text({text, size}))
      return false;
    keys_.push_back({std::string{text, size}, skip_gap(text_, last_end_), {}});
    last_end_ = tell();
    return true;
  }

  bool StartObject() {
    return start(config_value::kind::object);
  }

  bool EndObject(rapidjson::SizeType) {
    return finish();
  }

  bool StartArray() {
    return start(config_value::kind::array);
  }

  bool EndArray(rapidjson::SizeType) {
    return finish();
  }

  // The parser hands out numbers as text; these are never called.
  bool Int(int) {
    return false;
  }

  bool Uint(unsigned) {
    return false;
  }

  bool Int64(int64_t) {
    return false;
  }

  bool Uint64(uint64_t) {
    return false;
  }

  bool Double(double) {
    return false;
  }

  bool too_deep() const noexcept {
    return too_deep_;
  }

  bool half_pair() const noexcept {
    return half_pair_;
  }

  config_value take_root() {
    return std::move(root_);
  }

private:
  /// The parser takes the second half of a surrogate pair without its first.
  bool is_text(std::string_view text) noexcept {
    half_pair_ = !rpc::is_utf8(text);
    return !half_pair_;
  }

  size_t tell() const {
    return start_ + in_.Tell();
  }

  config_value begin_value(config_value::kind k) {
    auto result = config_value::of_kind(k, skip_gap(text_, last_end_));
    result.end = tell();
    last_end_ = result.end;
    return result;
  }

  bool start(config_value::kind k) {
    if (open_.size() == config_value::max_depth) {
      too_deep_ = true;
      return false;
    }
    // The parser stands on the bracket.
    open_.push_back(config_value::of_kind(k, tell()));
    last_end_ = tell() + 1;
    return true;
  }

  bool finish() {
    auto value = std::move(open_.back());
    open_.pop_back();
    value.end = tell() + 1;
    last_end_ = value.end;
    return add(std::move(value));
  }

  bool add(config_value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is(config_value::kind::array)) {
      open_.back().items.push_back(std::move(value));
    } else {
      keys_.back().value = std::move(value);
      open_.back().members.push_back(std::move(keys_.back()));
      keys_.pop_back();
    }
    return true;
  }

  std::string_view text_;
  size_t last_end_;
  size_t start_;
  const rapidjson::MemoryStream& in_;
  std::vector<config_value> open_;
  std::vector<config_member> keys_;
  config_value root_;
  bool too_deep_ = false;
  bool half_pair_ = false;
};

/// What is wrong and what to do, for each thing the parser can dislike.
std::pair<const char*, const char*> explain(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return {"the file is empty", "write {} or remove the file"};
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return {"there is more text after the end", "remove it, or look for a bracket too many"};
    case rapidjson::kParseErrorObjectMissName:
      return {"a key in double quotes is missing here", "write \"key\": value, or close with }"};
    case rapidjson::kParseErrorObjectMissColon:
      return {"a colon is missing after the key", "write \"key\": value"};
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return {"a comma or } is missing before this", "add it"};
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return {"a comma or ] is missing before this", "add it"};
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return {"the \\u escape is broken", "write four hexadecimal digits, in pairs for surrogates"};
    case rapidjson::kParseErrorStringEscapeInvalid:
      return {"the string has an escape that JSON does not know", "write \\\\ for a backslash"};
    case rapidjson::kParseErrorStringMissQuotationMark:
      return {"the string does not end", "close it with a double quote"};
    case rapidjson::kParseErrorStringInvalidEncoding:
      return {"the string has a raw control character or is not UTF-8",
              "save the file as UTF-8, and write \\n, \\t for line ends and tabs in strings"};
    case rapidjson::kParseErrorNumberTooBig:
    case rapidjson::kParseErrorNumberMissFraction:
    case rapidjson::kParseErrorNumberMissExponent:
      return {"the number is broken", "write it like 12 or 1.5"};
    case rapidjson::kParseErrorValueInvalid:
      return {"this is no JSON value",
              "write a string in double quotes, a number, true, false, null, [ ] or { }"};
    default:
      return {"this is not JSON", "look for an open comment or a bracket too few"};
  }
}

} // namespace

size_t skip_gap(std::string_view text, size_t offset) noexcept {
  while (offset < text.size()) {
    auto c = text[offset];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':') {
      ++offset;
    } else if (text.substr(offset, 2) == "//") {
      offset = text.find('\n', offset);
    } else if (text.substr(offset, 2) == "/*") {
      offset = text.find("*/", offset + 2);
      offset = offset == std::string_view::npos ? offset : offset + 2;
    } else {
      return offset;
    }
  }
  return text.size();
}

config_result<config_value> read_json(const std::string& text, const std::string& file) {
  // Some editors put a byte order mark first.
  size_t start = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  // The parser takes it for the end of the text.
  if (auto zero = text.find('\0'); zero != std::string::npos)
    return config_error{place_of(file, text, zero), "there is a zero byte",
                        "save the file as UTF-8 text"};
  constexpr unsigned flags
    = rapidjson::kParseIterativeFlag | rapidjson::kParseCommentsFlag
      | rapidjson::kParseTrailingCommasFlag | rapidjson::kParseNumbersAsStringsFlag
      | rapidjson::kParseValidateEncodingFlag;
  // Other streams are copied by the parser while it reads a token, and then
  // cannot tell where it is.
  rapidjson::MemoryStream in{text.data() + start, text.size() - start};
  tree_builder builder{text, start, in};
  rapidjson::Reader reader;
  if (auto parsed = reader.Parse<flags>(in, builder); parsed.IsError()) {
    auto where = place_of(file, text, start + parsed.Offset());
    if (builder.too_deep())
      return config_error{where,
                          "brackets are nested more than "
                            + std::to_string(config_value::max_depth) + " deep",
                          "look for a bracket too many"};
    auto [cause, fix] = explain(builder.half_pair() ? rapidjson::kParseErrorStringUnicodeSurrogateInvalid : parsed.Code());
    return config_error{where, cause, fix};
  }
  return builder.take_root();
}

} // namespace hub
