#include "service/import/document.hpp"
#include "service/import/line_index.hpp"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <yaml-cpp/yaml.h>

#include <cctype>
#include <string_view>

namespace hub {

namespace {

/// The most values in a file. Aliases can make a page of text endless.
constexpr size_t max_values = 100'000;

/// Takes what a check reads and forgets it.
struct discarding_stream {
  void Put(char) {
    // nop
  }
};

/// Where `text` stops being UTF-8; npos if it never does. The parser of YAML
/// does not look.
size_t find_bad_utf8(std::string_view text) {
  rapidjson::MemoryStream in{text.data(), text.size()};
  discarding_stream out;
  while (in.Tell() < text.size()) {
    auto begin = in.Tell();
    if (!rapidjson::UTF8<>::Validate(in, out))
      return begin;
  }
  return std::string_view::npos;
}

/// Whether `text` is a number as JSON has them.
bool is_json_number(std::string_view text) {
  auto digits = [&] {
    size_t n = 0;
    while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front()))) {
      text.remove_prefix(1);
      ++n;
    }
    return n;
  };
  auto take = [&](std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
      return false;
    text.remove_prefix(1);
    return true;
  };
  take("-");
  auto leading_zero = text.starts_with('0');
  auto whole = digits();
  if (whole == 0 || (leading_zero && whole > 1))
    return false;
  if (take(".") && digits() == 0)
    return false;
  if (take("eE")) {
    take("+-");
    if (digits() == 0)
      return false;
  }
  return text.empty();
}

/// Turns a YAML tree into one of ours.
class yaml_converter {
public:
  explicit yaml_converter(std::string_view text) : lines_(text) {
    // nop
  }

  /// False if the tree is too deep or too large; `failed_at` then says where.
  bool convert(const YAML::Node& node, config_value& to, size_t depth = 0) {
    auto begin = offset_of(node.Mark());
    if (depth > config_value::max_depth || ++values_ > max_values) {
      failed_at_ = begin;
      return false;
    }
    if (node.IsMap()) {
      to = config_value::of_kind(config_value::kind::object, begin);
      for (auto member : node) {
        // Other keys than texts mean nothing to any client.
        auto key = member.first.IsScalar() ? member.first.Scalar() : "";
        to.members.push_back({key, offset_of(member.first.Mark()), {}});
        if (!convert(member.second, to.members.back().value, depth + 1))
          return false;
      }
    } else if (node.IsSequence()) {
      to = config_value::of_kind(config_value::kind::array, begin);
      for (auto item : node) {
        to.items.emplace_back();
        if (!convert(item, to.items.back(), depth + 1))
          return false;
      }
    } else {
      to = node.IsScalar() ? scalar(node, begin)
                           : config_value::of_kind(config_value::kind::null, begin);
    }
    return true;
  }

  size_t offset_of(const YAML::Mark& mark) const {
    return mark.is_null() ? 0
                          : lines_.offset_of(static_cast<size_t>(mark.line) + 1,
                                             static_cast<size_t>(mark.column) + 1);
  }

  size_t failed_at() const noexcept {
    return failed_at_;
  }

private:
  static config_value scalar(const YAML::Node& node, size_t begin) {
    auto& text = node.Scalar();
    // A quoted text has the tag `!`.
    if (node.Tag() == "!")
      return config_value::of_string(text, begin);
    if (text == "true" || text == "True" || text == "TRUE")
      return config_value::of_boolean(true, begin);
    if (text == "false" || text == "False" || text == "FALSE")
      return config_value::of_boolean(false, begin);
    if (is_json_number(text))
      return config_value::of_number(text, begin);
    return config_value::of_string(text, begin);
  }

  line_index lines_;
  size_t values_ = 0;
  size_t failed_at_ = 0;
};

} // namespace

config_result<config_value> read_yaml(const std::string& text, const std::string& file) {
  if (auto bad = find_bad_utf8(text); bad != std::string::npos)
    return config_error{place_of(file, text, bad), "the text is not UTF-8",
                        "save the file as UTF-8"};
  yaml_converter converter{text};
  try {
    config_value result;
    if (!converter.convert(YAML::Load(text), result))
      return config_error{place_of(file, text, converter.failed_at()),
                          "the YAML is nested too deep or too large",
                          "use fewer aliases and levels"};
    return result;
  } catch (const YAML::Exception& error) {
    return config_error{place_of(file, text, converter.offset_of(error.mark)),
                        "this is not YAML: " + error.msg, "correct this line"};
  }
}

} // namespace hub
