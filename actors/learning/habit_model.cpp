#include "actors/learning/habit_model.hpp"

#include "actors/catalog/text_analysis.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <ranges>
#include <utility>

namespace hub {

namespace {

/// A call that failed says less than one that succeeded.
constexpr double failure_weight = -0.5;

/// The longest name or word that is remembered, in bytes, and how much of a request is read.
constexpr size_t longest_name = 128;
constexpr size_t longest_request = 1024;

using seconds_count = std::chrono::duration<double>;

double decay(habit_model::time_point from, habit_model::time_point to) {
  if (to <= from)
    return 1;
  return std::exp2(-seconds_count{to - from} / seconds_count{habit_model::half_life});
}

double sum_of(const std::map<habit_name, double>& x) {
  double result = 0;
  for (auto& [tool, weight] : x)
    result += weight;
  return result;
}

bool counts_use(habit_kind x) {
  return x == habit_kind::use || x == habit_kind::client;
}

std::string next_of(const habit_name& x) {
  return x.server + '\t' + x.tool;
}

std::string number(double x) {
  char text[32];
  auto length = std::snprintf(text, sizeof text, "%.3f", x);
  return {text, static_cast<size_t>(length)};
}

std::string text_of(std::string_view json) {
  return rpc::unquote(json).value_or("");
}

int64_t seconds_of(habit_model::time_point x) {
  return std::chrono::duration_cast<std::chrono::seconds>(x.time_since_epoch()).count();
}

} // namespace

habit_model::session& habit_model::session_of(const std::string& id) {
  auto [i, is_new] = sessions_.try_emplace(id);
  if (is_new) {
    order_.push_front(id);
    i->second.place = order_.begin();
    if (order_.size() > most_sessions) {
      sessions_.erase(order_.back());
      order_.pop_back();
    }
  } else {
    order_.splice(order_.begin(), order_, i->second.place);
  }
  return i->second;
}

void habit_model::searched(const std::string& session, std::string_view project, std::string_view request,
                           std::vector<habit_name> shown, time_point now) {
  ++figures_.searches;
  auto& x = session_of(session);
  x.project = project;
  auto words = terms_of(utf8_prefix(request, longest_request));
  std::ranges::sort(words);
  auto [first, last] = std::ranges::unique(words);
  words.erase(first, last);
  std::erase_if(words, [](auto& word) { return word.size() > longest_name; });
  words.resize(std::min(words.size(), most_words));
  if (x.searches.size() >= most_searches)
    x.searches.erase(x.searches.begin());
  x.searches.push_back({std::move(words), std::move(shown), now});
}

void habit_model::called(const std::string& session, std::string_view project, std::string_view client,
                         const habit_name& tool, bool succeeded, time_point began) {
  ++figures_.calls;
  if (tool.server.size() > longest_name || tool.tool.size() > longest_name)
    return;
  auto& x = session_of(session);
  auto kind = project.empty() ? x.project : std::string{project};
  for (auto& search : x.searches | std::views::reverse) {
    if (search.at > began || began - search.at > horizon)
      continue;
    // The last search before it decides, whether it had shown the tool or not.
    auto shown = std::ranges::find(search.shown, tool);
    if (shown == search.shown.end())
      break;
    for (auto& word : search.words)
      count(habit_kind::word, kind, word, tool, succeeded ? 1 : failure_weight, began);
    if (succeeded) {
      ++figures_.led;
      // Called again it is no news about the search.
      search.shown.erase(shown);
    }
    break;
  }
  if (!succeeded)
    return;
  if (began - x.called <= horizon && x.last != tool)
    count(habit_kind::next, kind, next_of(x.last), tool, 1, began);
  count(habit_kind::use, kind, "", tool, 1, began);
  if (!client.empty() && client.size() <= longest_name)
    count_in({habit_kind::client, "", std::string{client}}, tool, 1, began);
  x.last = tool;
  x.called = began;
}

void habit_model::count(habit_kind what, const std::string& project, const std::string& of, const habit_name& tool,
                        double weight, time_point now) {
  count_in({what, "", of}, tool, weight, now);
  if (!project.empty())
    count_in({what, project, of}, tool, weight, now);
}

void habit_model::count_in(context_id id, const habit_name& tool, double weight, time_point now) {
  auto i = contexts_.find(id);
  if (i == contexts_.end()) {
    if (weight < 0)
      return;
    if (contexts_.size() >= most_contexts)
      make_room(now);
    i = contexts_.try_emplace(std::move(id)).first;
  }
  auto& tools = i->second.tools;
  auto factor = decay(i->second.as_of, now);
  if (sum_of(tools) * factor >= (counts_use(i->first.what) ? most_use : most_weight))
    factor /= 2;
  for (auto& [name, value] : tools)
    value *= factor;
  i->second.as_of = std::max(i->second.as_of, now);
  auto known = tools.find(tool);
  if (known != tools.end())
    known->second += weight;
  else if (weight > 0)
    tools.emplace(tool, weight);
  std::erase_if(tools, [](auto& x) { return x.second < least_weight; });
  auto bound = counts_use(i->first.what) ? most_used_tools : most_tools;
  if (tools.size() > bound) {
    // The new one stays, or nothing new could ever be learnt.
    auto least = tools.end();
    for (auto k = tools.begin(); k != tools.end(); ++k)
      if (k->first != tool && (least == tools.end() || k->second < least->second))
        least = k;
    tools.erase(least);
  }
  if (tools.empty())
    contexts_.erase(i);
}

void habit_model::make_room(time_point now) {
  std::vector<double> sums;
  for (auto& [id, x] : contexts_)
    sums.push_back(sum_of(x.tools) * decay(x.as_of, now));
  auto quarter = sums.begin() + static_cast<ptrdiff_t>(sums.size() / 4);
  std::ranges::nth_element(sums, quarter);
  auto bound = *quarter;
  auto to_go = sums.size() / 4;
  std::erase_if(contexts_, [&](auto& x) {
    if (to_go == 0 || sum_of(x.second.tools) * decay(x.second.as_of, now) > bound)
      return false;
    --to_go;
    return true;
  });
}

std::shared_ptr<const habit_table>
habit_model::table(std::map<std::string, std::string, std::less<>> folders, time_point now) const {
  auto result = std::make_shared<habit_table>(std::move(folders));
  for (auto& [id, x] : contexts_) {
    auto factor = decay(x.as_of, now);
    std::vector<habit_table::entry> tools;
    for (auto& [name, weight] : x.tools)
      if (weight * factor >= least_weight)
        tools.push_back({habit_tool(name.server, name.tool), static_cast<float>(weight * factor)});
    if (tools.empty())
      continue;
    auto tab = id.of.find('\t');
    result->add(id.what == habit_kind::next && tab != std::string::npos
                  ? habit_next(id.project, habit_tool(std::string_view{id.of}.substr(0, tab), std::string_view{id.of}.substr(tab + 1)))
                  : habit_context(id.what, id.project, id.of),
                std::move(tools));
  }
  result->seal();
  return result;
}

std::vector<habit_model::shown_context> habit_model::contexts(time_point now) const {
  std::vector<shown_context> result;
  for (auto& [id, x] : contexts_) {
    auto factor = decay(x.as_of, now);
    shown_context shown{id.what, id.project, id.of, sum_of(x.tools) * factor, {}};
    for (auto& [name, weight] : x.tools)
      shown.tools.emplace_back(name, weight * factor);
    std::ranges::stable_sort(shown.tools, std::ranges::greater{}, [](auto& x) { return x.second; });
    result.push_back(std::move(shown));
  }
  std::ranges::stable_sort(result, std::ranges::greater{}, &shown_context::sum);
  return result;
}

std::string habit_model::write(time_point now) const {
  auto result = R"({"version":1,"searches":)" + std::to_string(figures_.searches) + R"(,"calls":)"
                + std::to_string(figures_.calls) + R"(,"led":)" + std::to_string(figures_.led) + R"(,"at":)"
                + std::to_string(seconds_of(now)) + R"(,"contexts":[)";
  auto first = true;
  for (auto& [id, x] : contexts_) {
    auto factor = decay(x.as_of, now);
    result += std::exchange(first, false) ? "[" : ",[";
    result += rpc::quote(std::string{static_cast<char>(id.what)}) + ',' + rpc::quote(id.project) + ',' + rpc::quote(id.of);
    for (auto& [name, weight] : x.tools)
      result += ',' + rpc::quote(name.server) + ',' + rpc::quote(name.tool) + ',' + number(weight * factor);
    result += ']';
  }
  return result + "]}";
}

habit_model habit_model::read(std::string_view text) {
  habit_model result;
  if (rpc::check_json(text) || rpc::member(text, "version") != "1")
    return result;
  auto count_of = [text](std::string_view key) {
    return static_cast<uint64_t>(std::max<int64_t>(rpc::to_integer(rpc::member(text, key)).value_or(0), 0));
  };
  result.figures_ = {count_of("searches"), count_of("calls"), count_of("led")};
  time_point at{std::chrono::seconds{std::min<uint64_t>(count_of("at"), 1ull << 33)}};
  rpc::for_each_element(rpc::member(text, "contexts"), [&](std::string_view row) {
    std::vector<std::string> parts;
    rpc::for_each_element(row, [&](std::string_view x) {
      parts.push_back(x.starts_with('"') ? text_of(x) : std::string{x});
      return true;
    });
    constexpr std::string_view kinds = "wnuc";
    if (parts.size() < 6 || parts.size() % 3 != 0 || parts[0].size() != 1
        || kinds.find(parts[0][0]) == std::string_view::npos)
      return true;
    context_id id{static_cast<habit_kind>(parts[0][0]), parts[1], parts[2]};
    context read;
    read.as_of = at;
    for (size_t i = 3; i < parts.size(); i += 3) {
      auto weight = std::strtod(parts[i + 2].c_str(), nullptr);
      if (weight >= least_weight && weight <= most_use && read.tools.size() < most_used_tools)
        read.tools[{parts[i], parts[i + 1]}] = weight;
    }
    if (!read.tools.empty() && result.contexts_.size() < most_contexts)
      result.contexts_[std::move(id)] = std::move(read);
    return true;
  });
  return result;
}

} // namespace hub
