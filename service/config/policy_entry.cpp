#include "service/config/policy_entry.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

namespace hub {

namespace {

using kind = config_value::kind;
using std::chrono::milliseconds;

constexpr int64_t day = 86'400;
constexpr int64_t mebibyte = 1 << 20;

/// The keys in their two spellings; the first is the one that is documented.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> keys{{
  {"lazy", "lazy"},
  {"always_on", "alwaysOn"},
  {"idle_seconds", "idleSeconds"},
  {"start_timeout", "startTimeout"},
  {"timeout", "requestTimeout"},
  {"max_concurrent", "maxConcurrent"},
  {"crash_limit", "crashLimit"},
  {"memory_mb", "memoryMb"},
  {"cpus", "cpus"},
  {"cpu_seconds", "cpuSeconds"},
}};

/// A time limit that has a name.
struct named_limit {
  std::string_view name;
  milliseconds limit;
};

/// `default` says nothing; a day is as long as any wait of the hub may be.
constexpr std::array<named_limit, 4> named_limits{{
  {"fast", milliseconds{10'000}},
  {"default", milliseconds{0}},
  {"extended", milliseconds{1'800'000}},
  {"none", milliseconds{day * 1000}},
}};

class policy_reader {
public:
  policy_reader(const config_value& object, const std::string& prefix, value_reader& reader)
    : object_(object), prefix_(prefix), reader_(reader) {
    // nop
  }

  void read(run_policy& to) {
    if (auto* x = find("lazy"))
      if (auto lazy = reader_.boolean(*x, label("lazy")))
        to.eager = !*lazy;
    if (auto* x = find("always_on"))
      to.always_on = reader_.boolean(*x, label("always_on"));
    if (auto* x = find("idle_seconds"))
      if (auto seconds = reader_.integer(*x, label("idle_seconds"), 0, 365 * day))
        to.idle_limit = milliseconds{*seconds * 1000};
    read_limit(to.start_limit, "start_timeout");
    read_limit(to.request_limit, "timeout");
    if (auto* x = find("max_concurrent"))
      if (auto most = reader_.integer(*x, label("max_concurrent"), 1, 1024))
        to.max_concurrent = static_cast<size_t>(*most);
    if (auto* x = find("crash_limit"))
      if (auto most = reader_.integer(*x, label("crash_limit"), 0, 1000))
        to.crash_limit = static_cast<uint32_t>(*most);
    if (auto* x = find("memory_mb"))
      if (auto most = reader_.integer(*x, label("memory_mb"), 0, int64_t{1} << 30))
        to.memory_limit = *most * mebibyte;
    if (auto* x = find("cpus"))
      if (auto most = reader_.number(*x, label("cpus"), 0, 4096))
        to.processors = *most;
    if (auto* x = find("cpu_seconds"))
      if (auto most = reader_.integer(*x, label("cpu_seconds"), 0, 365 * day))
        to.processor_seconds = *most;
  }

private:
  const config_value* find(std::string_view key) const {
    auto i = std::ranges::find(keys, key, [](auto& x) { return x.first; });
    for (auto spelling : {i->first, i->second})
      if (auto* x = object_.find(spelling); x && !x->is(kind::null))
        return x;
    return nullptr;
  }

  std::string label(std::string_view key) const {
    auto i = std::ranges::find(keys, key, [](auto& x) { return x.first; });
    return prefix_ + std::string{object_.find(key) ? key : i->second};
  }

  void read_limit(std::optional<milliseconds>& to, std::string_view key) {
    auto* x = find(key);
    if (!x)
      return;
    if (!x->is(kind::string)) {
      // Beyond a day the number is certainly meant in milliseconds. What is not zero stays so.
      if (auto seconds = reader_.number(*x, label(key) + " (in seconds)", 0, static_cast<double>(day)))
        to = milliseconds{static_cast<int64_t>(std::ceil(*seconds * 1000))};
      return;
    }
    auto i = std::ranges::find(named_limits, x->text, &named_limit::name);
    if (i == named_limits.end())
      reader_.fail(x->begin, label(key) + " is \"" + x->text + "\"",
                   "use a number of seconds, \"fast\", \"default\", \"extended\" or \"none\"");
    else
      to = i->limit;
  }

  const config_value& object_;
  const std::string& prefix_;
  value_reader& reader_;
};

config_value seconds_of(milliseconds x) {
  auto ms = x.count();
  return config_value::of_number(ms % 1000 == 0 ? std::to_string(ms / 1000)
                                                : std::to_string(static_cast<double>(ms) / 1000));
}

} // namespace

void read_policy(const config_value& object, const std::string& prefix, value_reader& reader, run_policy& to) {
  policy_reader{object, prefix, reader}.read(to);
}

bool is_policy_key(std::string_view key) noexcept {
  return std::ranges::any_of(keys, [key](auto& x) { return key == x.first || key == x.second; });
}

void show_policy(const run_policy& x, config_value& object) {
  auto number = [](auto value) { return config_value::of_number(std::to_string(value)); };
  if (x.eager)
    object.set("lazy", config_value::of_boolean(!*x.eager));
  if (x.always_on)
    object.set("always_on", config_value::of_boolean(*x.always_on));
  if (x.idle_limit)
    object.set("idle_seconds", seconds_of(*x.idle_limit));
  if (x.start_limit)
    object.set("start_timeout", seconds_of(*x.start_limit));
  if (x.request_limit)
    object.set("timeout", seconds_of(*x.request_limit));
  if (x.max_concurrent)
    object.set("max_concurrent", number(*x.max_concurrent));
  if (x.crash_limit)
    object.set("crash_limit", number(*x.crash_limit));
  if (x.memory_limit)
    object.set("memory_mb", number(*x.memory_limit / mebibyte));
  if (x.processors)
    object.set("cpus", number(*x.processors));
  if (x.processor_seconds)
    object.set("cpu_seconds", number(*x.processor_seconds));
}

} // namespace hub
