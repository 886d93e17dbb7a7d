#include "service/import/document.hpp"
#include "service/import/line_index.hpp"

#include <cmath>
#include <sstream>

#include <toml++/toml.h>

namespace hub {

namespace {

/// Turns a TOML tree into one of ours.
class toml_converter {
public:
  explicit toml_converter(std::string_view text) : lines_(text) {
    // nop
  }

  /// False if the tree is too deep.
  bool convert(const toml::node& node, config_value& to, size_t depth = 0) {
    if (depth > config_value::max_depth)
      return false;
    auto begin = offset_of(node.source());
    if (auto* table = node.as_table()) {
      to = config_value::of_kind(config_value::kind::object, begin);
      for (auto& [key, value] : *table) {
        to.members.push_back({std::string{key.str()}, offset_of(key.source()), {}});
        if (!convert(value, to.members.back().value, depth + 1))
          return false;
      }
    } else if (auto* array = node.as_array()) {
      to = config_value::of_kind(config_value::kind::array, begin);
      for (auto& item : *array) {
        to.items.emplace_back();
        if (!convert(item, to.items.back(), depth + 1))
          return false;
      }
    } else if (auto* text = node.as_string()) {
      to = config_value::of_string(text->get(), begin);
    } else if (auto* integer = node.as_integer()) {
      to = config_value::of_number(std::to_string(integer->get()), begin);
    } else if (auto* boolean = node.as_boolean()) {
      to = config_value::of_boolean(boolean->get(), begin);
    } else {
      to = convert_rest(node, begin);
    }
    return true;
  }

  size_t offset_of(const toml::source_region& region) const {
    return lines_.offset_of(region.begin.line, region.begin.column);
  }

private:
  /// Numbers with a fraction, and dates.
  static config_value convert_rest(const toml::node& node, size_t begin) {
    std::ostringstream text;
    if (auto* number = node.as_floating_point(); number && std::isfinite(number->get())) {
      text << number->get();
      return config_value::of_number(text.str(), begin);
    }
    node.visit([&](auto& x) {
      if constexpr (toml::is_value<decltype(x)>)
        text << x.get();
    });
    return config_value::of_string(text.str(), begin);
  }

  line_index lines_;
};

} // namespace

config_result<config_value> read_toml(const std::string& text, const std::string& file) {
  toml_converter converter{text};
  try {
    auto table = toml::parse(text, file);
    config_value result;
    if (!converter.convert(table, result))
      return config_error{file, "tables are nested too deep", "use fewer levels"};
    return result;
  } catch (const toml::parse_error& error) {
    return config_error{place_of(file, text, converter.offset_of(error.source())),
                        "this is not TOML: " + std::string{error.description()},
                        "correct this line"};
  }
}

} // namespace hub
