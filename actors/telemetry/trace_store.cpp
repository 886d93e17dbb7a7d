#include "actors/telemetry/trace_store.hpp"

#include "messages/rpc/json_scan.hpp"
#include "messages/time_text.hpp"

#include <algorithm>

namespace hub {

namespace {

int64_t microseconds_of(std::chrono::nanoseconds x) {
  return std::chrono::duration_cast<std::chrono::microseconds>(x).count();
}

void add(std::string& to, std::string_view key, std::string_view json) {
  to.append(to.empty() || to.back() == '{' ? "\"" : ",\"").append(key).append("\":").append(json);
}

void add_text(std::string& to, std::string_view key, std::string_view text) {
  add(to, key, rpc::quote(text));
}

/// The members of a call, without its steps.
std::string members_of(const call_trace& x) {
  std::string result;
  std::string at;
  append_time(at, x.wall_time(x.began()));
  add_text(result, "trace_id", to_string(x.trace));
  add_text(result, "at", at);
  add_text(result, "client", x.client ? x.client->name : "");
  add_text(result, "session", x.origin ? x.origin->session : "");
  add_text(result, "request", x.request);
  add_text(result, "server", x.server);
  add_text(result, "method", x.method);
  add_text(result, "target", x.target);
  add_text(result, "outcome", to_string(x.outcome));
  add(result, "us", std::to_string(microseconds_of(x.duration())));
  add(result, "request_bytes", std::to_string(x.request_bytes));
  add(result, "answer_bytes", std::to_string(x.answer_bytes));
  add_text(result, "span_id", span_text(x.whole));
  add_text(result, "parent_id", x.parent != 0 ? span_text(x.parent) : "");
  return result;
}

std::string spans_of(const call_trace& x, call_times::time_point zero) {
  std::string result = "[";
  x.for_each_span([&](const call_span& span) {
    if (span.name.empty())
      return;
    std::string one = "{";
    add_text(one, "name", span.name);
    add(one, "start_us", std::to_string(microseconds_of(span.from - zero)));
    add(one, "us", std::to_string(microseconds_of(span.to - span.from)));
    if (span.kind == span_kind::client)
      add_text(one, "span_id", span_text(x.call));
    result.append(result.size() > 1 ? "," : "").append(one).append("}");
  });
  return result + "]";
}

} // namespace

std::vector<const call_trace*> trace_store::newest(size_t limit) const {
  std::vector<const call_trace*> result;
  for (auto i = kept_.size(); i > 0 && result.size() < limit; --i)
    result.push_back(&at(i - 1));
  return result;
}

std::variant<std::vector<const call_trace*>, trace_store::match> trace_store::find(std::string_view prefix) const {
  std::vector<const call_trace*> result;
  for (size_t i = 0; i < kept_.size(); ++i) {
    auto& x = at(i);
    if (!to_string(x.trace).starts_with(prefix))
      continue;
    if (!result.empty() && result.front()->trace != x.trace)
      return match::several;
    result.push_back(&x);
  }
  if (result.empty())
    return match::none;
  std::ranges::stable_sort(result, {}, [](auto* x) { return x->began(); });
  return result;
}

std::string traces_json(const std::vector<const call_trace*>& calls) {
  std::string result = R"({"traces":[)";
  for (auto* x : calls)
    result.append(x == calls.front() ? "{" : ",{").append(members_of(*x)).append("}");
  return result + "]}";
}

std::string trace_json(const std::vector<const call_trace*>& calls) {
  if (calls.empty())
    return "{}";
  auto zero = calls.front()->began();
  std::string result = R"({"trace_id":)" + rpc::quote(to_string(calls.front()->trace)) + R"(,"calls":[)";
  for (auto* x : calls)
    result.append(x == calls.front() ? "{" : ",{")
      .append(members_of(*x))
      .append(",\"start_us\":")
      .append(std::to_string(microseconds_of(x->began() - zero)))
      .append(",\"spans\":")
      .append(spans_of(*x, zero))
      .append("}");
  return result + "]}";
}

} // namespace hub
