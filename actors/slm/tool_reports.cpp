#include "actors/slm/tool_reports.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

constexpr size_t tools_of_session = 100;
constexpr size_t tools_told = 8;
constexpr size_t name_bytes = 128;

/// Whether the memory learns anything from such an end: the tool was reached.
bool is_told(call_outcome x) {
  return x != call_outcome::cancelled && x != call_outcome::denied;
}

bool fails(call_outcome x) {
  return x != call_outcome::ok;
}

std::string text_of(const std::map<std::string, uint64_t>& tools) {
  std::vector<std::pair<std::string, uint64_t>> most{tools.begin(), tools.end()};
  std::ranges::stable_sort(most, std::ranges::greater{}, [](auto& x) { return x.second; });
  std::string result;
  for (size_t i = 0; i < most.size() && i < tools_told; ++i)
    result += (i == 0 ? "" : ", ") + most[i].first + " " + std::to_string(most[i].second);
  return most.size() > tools_told ? result + ", and " + std::to_string(most.size() - tools_told) + " more" : result;
}

} // namespace

std::string session_name(const call_origin* origin) {
  if (origin == nullptr)
    return "stateless";
  return origin->session.empty() ? "stateless:" + origin->door : origin->session;
}

void tool_reports::add(const call_record& x, time now) {
  if (x.method != "tools/call" || !is_told(x.outcome))
    return;
  if (std::ranges::find(settings_.left_out, x.server) != settings_.left_out.end())
    return;
  auto params = x.params.view();
  tool_event_queue::call call;
  auto& event = call.event;
  auto tool = rpc::unquote(rpc::member(params, "name")).value_or("");
  event.tool = x.server + "__" + std::string{cut_text(tool, name_bytes)};
  event.failed = fails(x.outcome);
  event.input = argument_summary(params, settings_.detail);
  event.session = session_name(x.origin.get());
  event.project = x.client ? x.client->project : std::string{};
  call.milliseconds = (x.microseconds + 500) / 1000;
  call.bytes = x.answer_bytes;
  if (x.origin && !x.origin->session.empty() && (sessions_.size() < sessions_max || sessions_.contains(event.session))) {
    auto& session = sessions_[event.session];
    session.project = event.project;
    ++session.calls;
    session.failed += event.failed ? 1 : 0;
    if (session.tools.size() < tools_of_session || session.tools.contains(event.tool))
      ++session.tools[event.tool];
  }
  queue_.add(std::move(call), now);
}

void tool_reports::end_session(const std::string& session, std::chrono::milliseconds age) {
  auto i = sessions_.find(session);
  if (i == sessions_.end())
    return;
  auto tally = std::move(i->second);
  sessions_.erase(i);
  closing x;
  x.session = session;
  x.summary.tool = "hub__session";
  x.summary.session = session;
  x.summary.project = tally.project;
  x.summary.input = "end of a session of " + std::to_string(age.count() / 1000) + " s";
  x.summary.output = std::to_string(tally.calls) + " calls, " + std::to_string(tally.failed) + " failed: " + text_of(tally.tools);
  queue_.hurry(session);
  closings_.push_back(std::move(x));
  if (closings_.size() > closings_max) {
    closings_.pop_front();
    ++dropped_;
  }
}

std::optional<slm_request> tool_reports::next(time now, bool closes) {
  if (auto event = queue_.take(now))
    return tell_slm_tool_event(*event);
  if (closings_.empty())
    return std::nullopt;
  auto& x = closings_.front();
  if (!std::exchange(x.summarized, true)) {
    auto result = tell_slm_tool_event(x.summary);
    if (!closes)
      closings_.pop_front();
    return result;
  }
  auto result = close_slm_session(x.session);
  closings_.pop_front();
  return result;
}

std::optional<tool_reports::time> tool_reports::due() const {
  return closings_.empty() ? queue_.due() : time::min();
}

void tool_reports::hurry_all() {
  queue_.hurry_all();
}

} // namespace hub
