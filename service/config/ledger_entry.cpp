#include "service/config/ledger_entry.hpp"

#include "service/config/known_prices.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr double most_cents = 1e9;
constexpr size_t most_budgets = 1'000;
constexpr auto price_fix = "write a number of cents, or an object like {\"per_call\": 1, \"per_kb\": 0.02}";
constexpr auto budget_fix = "write it like {\"scope\": \"global\", \"per\": \"day\", \"cents\": 50}";
constexpr auto scope_fix = "use \"global\", \"session\", \"client:NAME\", \"project:/PATH\" or \"tool:PATTERN\"";

constexpr std::array periods{budget::period::call, budget::period::hour, budget::period::day, budget::period::month,
                             budget::period::ever};

money read_money(const config_value& x, const std::string& label, value_reader& reader) {
  // As it is written: a floating number would not be exact.
  return reader.number(x, label, 0, most_cents) ? money::parse(x.text).value_or(money{}) : money{};
}

void read_field(const config_value& x, const std::string& label, value_reader& reader, price& result) {
  auto text = reader.string(x, label).value_or("");
  for (std::string_view rest = text; !rest.empty();) {
    auto part = rest.substr(0, rest.find('.'));
    result.field.emplace_back(part);
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  if (x.is(kind::string) && result.field.empty())
    reader.fail(x.begin, label + " is empty", "name a member of the result, such as usage.cost");
}

price read_price(const config_value& x, const std::string& label, value_reader& reader) {
  price result;
  if (x.is(kind::number)) {
    result.per_call = read_money(x, label, reader);
    return result;
  }
  if (!x.is(kind::object)) {
    reader.wrong_type(x, label, "a number or an object", price_fix);
    return result;
  }
  reader.check_unique(x, label);
  for (auto& [key, at, value] : x.members) {
    auto name = label + "." + key;
    if (key == "per_call")
      result.per_call = read_money(value, name, reader);
    else if (key == "per_kb")
      result.per_kb = read_money(value, name, reader);
    else if (key == "per_second")
      result.per_second = read_money(value, name, reader);
    else if (key == "at_most")
      result.at_most = read_money(value, name, reader);
    else if (key == "field")
      read_field(value, name, reader, result);
    else if (key == "unit") {
      auto unit = reader.string(value, name).value_or("cents");
      result.field_unit = unit == "dollars" ? money::dollar : money::cent;
      if (unit != "dollars" && unit != "cents")
        reader.fail(value.begin, name + " is \"" + unit + "\"", "use \"cents\" or \"dollars\"");
    } else {
      reader.fail(at, label + " has \"" + key + "\", which the hub does not know",
                  "use per_call, per_kb, per_second, field, unit and at_most");
    }
  }
  return result;
}

void read_scope(const config_value& x, const std::string& label, value_reader& reader, budget& result) {
  auto text = reader.string(x, label);
  if (!text)
    return;
  auto colon = text->find(':');
  auto word = text->substr(0, colon);
  if (colon != std::string::npos)
    result.pattern = text->substr(colon + 1);
  auto wants_pattern = true;
  if (word == "client") {
    result.scope = budget::kind::client;
  } else if (word == "project") {
    result.scope = budget::kind::project;
    while (result.pattern.size() > 1 && result.pattern.ends_with('/'))
      result.pattern.pop_back();
    if (!result.pattern.starts_with('/'))
      reader.fail(x.begin, label + " names no absolute path", "start it with /");
  } else if (word == "tool") {
    result.scope = budget::kind::tool;
  } else {
    result.scope = word == "session" ? budget::kind::session : budget::kind::global;
    wants_pattern = false;
    if (word != "session" && word != "global")
      return reader.fail(x.begin, label + " is \"" + *text + "\"", scope_fix);
  }
  if (wants_pattern == result.pattern.empty())
    reader.fail(x.begin, label + " is \"" + *text + "\"", scope_fix);
}

void read_period(const config_value& x, const std::string& label, value_reader& reader, budget& result) {
  auto text = reader.string(x, label);
  if (!text)
    return;
  auto i = std::ranges::find(periods, *text, [](auto per) { return to_string(per); });
  if (i != periods.end())
    result.per = *i;
  else
    reader.fail(x.begin, label + " is \"" + *text + "\"", "use \"call\", \"hour\", \"day\", \"month\" or \"ever\"");
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Whether a pattern can match a text that begins like this.
bool can_begin(std::string_view pattern, std::string_view text) {
  auto fixed = pattern.substr(0, pattern.find_first_of("*?"));
  return fixed.size() < pattern.size() ? text.starts_with(fixed.substr(0, text.size()))
                                       : fixed.starts_with(text);
}

} // namespace

std::vector<price_rule> read_prices(const config_value& x, const std::string& label, value_reader& reader, bool full_name) {
  std::vector<price_rule> result;
  if (!x.is(kind::object)) {
    reader.wrong_type(x, label, "an object", "write it like {\"search*\": 0.5}");
    return result;
  }
  reader.check_unique(x, label);
  for (auto& [pattern, at, value] : x.members)
    result.push_back({pattern, full_name, read_price(value, label + "." + pattern, reader), label});
  return result;
}

price_rule read_cost_per_call(const config_value& x, const std::string& label, value_reader& reader) {
  price_rule result{"*", false, {}, "cost_per_call_cents"};
  result.price.per_call = read_money(x, label, reader);
  return result;
}

std::vector<budget> read_budgets(const config_value& x, value_reader& reader) {
  std::vector<budget> result;
  if (!x.is(kind::array)) {
    reader.wrong_type(x, "budgets", "an array", budget_fix);
    return result;
  }
  if (x.items.size() > most_budgets)
    reader.fail(x.begin, "budgets has more than " + std::to_string(most_budgets) + " elements", "use patterns");
  for (size_t i = 0; i < x.items.size() && i < most_budgets; ++i) {
    auto& item = x.items[i];
    auto label = "budgets[" + std::to_string(i) + "]";
    if (!item.is(kind::object)) {
      reader.wrong_type(item, label, "an object", budget_fix);
      continue;
    }
    reader.check_unique(item, label);
    budget found;
    for (auto& [key, at, value] : item.members) {
      if (key == "scope")
        read_scope(value, label + ".scope", reader, found);
      else if (key == "per")
        read_period(value, label + ".per", reader, found);
      else if (key == "cents")
        found.limit = read_money(value, label + ".cents", reader);
      else
        reader.fail(at, label + " has \"" + key + "\", which the hub does not know", "use scope, per and cents");
    }
    for (auto* key : {"scope", "per", "cents"})
      if (!item.find(key))
        reader.fail(item.begin, label + " has no \"" + key + "\"", budget_fix);
    auto same = [&](auto& y) { return y.scope == found.scope && y.pattern == found.pattern && y.per == found.per; };
    if (std::ranges::any_of(result, same))
      reader.fail(item.begin, label + " has the scope and period of another one", "keep one of them");
    result.push_back(std::move(found));
  }
  return result;
}

void add_prices(server_config& server, const std::vector<price_rule>& of_hub, bool known) {
  for (auto& rule : of_hub)
    if (can_begin(rule.tool, server.name + "__"))
      server.prices.push_back(rule);
  if (!known)
    return;
  auto marks = lower(server.name + ' ' + server.url + ' ' + server.command);
  for (auto& arg : server.args)
    marks += ' ' + lower(arg);
  for (auto& x : known_prices) {
    if (marks.find(x.mark) == std::string::npos)
      continue;
    price_rule rule{std::string{x.tool}, false, {}, "known price of " + std::string{x.month}};
    rule.price.per_call = money::of_units(x.units);
    server.prices.push_back(std::move(rule));
  }
}

config_value price_tree(const std::vector<price_rule>& rules) {
  auto result = config_value::of_kind(kind::object);
  for (auto& rule : rules) {
    auto& x = rule.price;
    if (x.is_fixed()) {
      result.set(rule.tool, config_value::of_number(to_string(x.per_call)));
      continue;
    }
    auto tree = config_value::of_kind(kind::object);
    for (auto [key, amount] : {std::pair{"per_call", x.per_call}, {"per_kb", x.per_kb}, {"per_second", x.per_second},
                               {"at_most", x.at_most}})
      if (!amount.is_none())
        tree.set(key, config_value::of_number(to_string(amount)));
    if (!x.field.empty()) {
      std::string path;
      for (auto& key : x.field)
        path += (path.empty() ? "" : ".") + key;
      tree.set("field", config_value::of_string(std::move(path)));
      tree.set("unit", config_value::of_string(x.field_unit == money::dollar ? "dollars" : "cents"));
    }
    result.set(rule.tool, std::move(tree));
  }
  return result;
}

config_value budget_tree(const std::vector<budget>& budgets) {
  auto result = config_value::of_kind(kind::array);
  for (auto& x : budgets) {
    auto tree = config_value::of_kind(kind::object);
    tree.set("scope", config_value::of_string(scope_text(x)));
    tree.set("per", config_value::of_string(std::string{to_string(x.per)}));
    tree.set("cents", config_value::of_number(to_string(x.limit)));
    result.items.push_back(std::move(tree));
  }
  return result;
}

} // namespace hub
