#include "actors/plugin/plugin_protocol.hpp"

#include "actors/plugin/plugin_settings.hpp"
#include "actors/plugin/plugin_text.hpp"
#include "messages/printable_line.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace hub {

namespace {

/// The longest text of a plugin that is passed on: a reason, a remark, a state, in bytes.
constexpr size_t text_limit = 1024;

/// The largest schema, and facts, in bytes.
constexpr size_t object_limit = 64 * 1024;

std::string shown(std::string_view text) {
  return printable_line(text.substr(0, text_limit));
}

std::string text_member(std::string_view object, std::string_view key) {
  return shown(rpc::unquote(rpc::member(object, key)).value_or(""));
}

/// An object that is a member, on its own, without line feeds.
json_text object_member(std::string_view object, std::string_view key) {
  auto value = rpc::member(object, key);
  if (!value.starts_with('{') || value.size() > object_limit)
    return {};
  return json_text{std::string{value}};
}

} // namespace

plugin_protocol::plugin_protocol(std::string name, json_text settings, limits bounds)
  : name_(std::move(name)), settings_(std::move(settings)), limits_(bounds) {
  // nop
}

void plugin_protocol::open() {
  std::string params = "{\"protocol\":" + std::to_string(version) + ",\"hub\":{\"name\":\"slm-hub\",\"version\":\"" HUB_VERSION
                       "\"},\"plugin\":" + rpc::quote(name_) + ",\"settings\":";
  params += settings_.empty() ? "{}" : settings_.view();
  out.messages.push_back(rpc::make_request("1", "initialize", json_text{params + "}"}));
}

bool plugin_protocol::floods(size_t bytes, time_point now) {
  if (now - second_ >= std::chrono::seconds{1}) {
    second_ = now;
    lines_ = bytes_ = remarks_ = 0;
  }
  ++lines_;
  bytes_ += bytes;
  return lines_ > limits_.lines_a_second || bytes_ > limits_.bytes_a_second;
}

void plugin_protocol::receive(const json_text& line, time_point now) {
  if (failed_)
    return;
  if (floods(line.size(), now))
    return fail("wrote more than " + std::to_string(limits_.lines_a_second) + " lines or "
                  + std::to_string(limits_.bytes_a_second >> 20) + " MiB within a second",
                "Have it write less to its stdout; stderr is for its log.");
  auto read = rpc::scan_client_message(line);
  auto* message = std::get_if<rpc::envelope>(&read);
  if (message == nullptr)
    return note_bad_line(line.view());
  switch (message->kind) {
    case rpc::message_kind::request:
      out.messages.push_back(rpc::make_error(
        message->id.view(), rpc::error_object(rpc_code::method_not_found, "The hub answers no requests of plugins")));
      break;
    case rpc::message_kind::notification:
      take_notification(message->method, message->params.view());
      break;
    default:
      take_answer(message->id.view(), message->body, message->kind == rpc::message_kind::error, now);
  }
}

void plugin_protocol::note_bad_line(std::string_view line) {
  ++bad_lines_;
  out.remarks.push_back({"warning", "wrote a line that is no JSON-RPC message: " + printable_line(line.substr(0, 120))});
  if (bad_lines_ >= limits_.bad_lines)
    fail("wrote " + std::to_string(bad_lines_) + " lines that are no JSON-RPC messages",
         "Have it write JSON-RPC alone to its stdout; stderr is for its log.");
}

void plugin_protocol::take_answer(std::string_view id, const json_text& body, bool is_error, time_point now) {
  auto number = rpc::to_integer(id).value_or(0);
  if (number == 1 && !ready_) {
    if (is_error)
      return fail("refuses to start: " + text_member(body.view(), "message"), "Mend what it says, then run slm-hub reload.",
                  true);
    return take_greeting(body);
  }
  auto i = open_.find(number);
  if (i == open_.end())
    // Too late, or never asked.
    return;
  auto late = i->second <= now;
  open_.erase(i);
  if (late) {
    ++missing_;
    out.verdicts.emplace_back(number, call_verdict{call_verdict::kind::none});
    return;
  }
  missing_ = 0;
  call_verdict verdict;
  if (is_error) {
    verdict.what = call_verdict::kind::none;
    out.remarks.push_back({"warning", "failed to judge a call: " + text_member(body.view(), "message")});
  } else if (auto reason = rpc::member(body.view(), "deny"); !reason.empty() && reason != "false" && reason != "null") {
    verdict = {call_verdict::kind::deny, text_member(body.view(), "deny")};
  }
  out.verdicts.emplace_back(number, std::move(verdict));
}

void plugin_protocol::take_greeting(const json_text& result) {
  auto text = result.view();
  auto spoken = rpc::to_integer(rpc::member(text, "protocol")).value_or(0);
  if (spoken != version)
    return fail("speaks version " + std::to_string(spoken) + " of the protocol, not " + std::to_string(version),
                "Answer initialize with \"protocol\": 1.", true);
  plugin_ready news;
  std::string unknown;
  auto listed = rpc::for_each_element(rpc::member(text, "hooks"), [&](std::string_view x) {
    auto name = rpc::unquote(x).value_or("");
    if (auto hook = plugin_hook_of(name))
      news.hooks.add(*hook);
    else
      unknown = shown(name);
    return true;
  });
  if (!listed || !unknown.empty())
    return fail(listed ? "wants a hook that is none: " + unknown : "names no hooks",
                "docs/plugins.md lists the hooks.", true);
  news.settings_schema = object_member(text, "settings_schema");
  if (auto wrong = check_settings(settings_.empty() ? "{}" : settings_.view(), news.settings_schema.view()))
    return fail("cannot use its settings: " + shown(*wrong),
                "Change \"plugins\": {\"" + name_ + "\": {\"settings\": ...}} in the configuration.", true);
  news.version = text_member(text, "version");
  if (auto limit = rpc::to_integer(rpc::member(text, "time_limit_ms")); limit && *limit > 0)
    news.time_limit = std::chrono::milliseconds{std::min<int64_t>(*limit, 30'000)};
  hooks_ = news.hooks;
  ready_ = true;
  out.ready = std::move(news);
  for (auto& x : std::exchange(early_, {}))
    if (hooks_.has(x->hook()))
      notify(x->hook(), text_of(*x));
}

void plugin_protocol::take_notification(const std::string& method, std::string_view params) {
  if (method == "log") {
    if (++remarks_ > limits_.remarks_a_second)
      return;
    auto level = text_member(params, "level");
    for (auto* known : {"debug", "info", "warning", "error"})
      if (level == known)
        return out.remarks.push_back({level, text_member(params, "message")});
    out.remarks.push_back({"info", text_member(params, "message")});
  } else if (method == "state") {
    out.told = plugin_told{name_, text_member(params, "state"), object_member(params, "facts")};
  }
}

void plugin_protocol::notify(plugin_hook hook, std::string params) {
  out.messages.push_back(rpc::make_request({}, to_string(hook), json_text{std::move(params)}));
  ++out.notified;
}

bool plugin_protocol::tell(const plugin_event_ptr& x, size_t waiting) {
  if (failed_)
    return false;
  if (!ready_) {
    if (early_.size() >= limits_.early_news)
      return false;
    early_.push_back(x);
    return true;
  }
  if (!hooks_.has(x->hook()))
    return true;
  if (waiting > limits_.waiting_bytes)
    return false;
  notify(x->hook(), text_of(*x));
  return true;
}

size_t plugin_protocol::tell(const std::vector<call_record>& calls, size_t waiting) {
  if (!ready_ || failed_ || !hooks_.has(plugin_hook::after_call))
    return ready_ && !failed_ ? 0 : calls.size();
  for (size_t i = 0; i < calls.size(); ++i) {
    if (waiting > limits_.waiting_bytes)
      return calls.size() - i;
    notify(plugin_hook::after_call, text_of(calls[i]));
    waiting += out.messages.back().size();
  }
  return 0;
}

std::optional<int64_t> plugin_protocol::ask(const intended_call& call, size_t waiting, time_point deadline) {
  if (!ready_ || failed_ || waiting > limits_.waiting_bytes)
    return std::nullopt;
  auto id = ++last_id_;
  open_.emplace(id, deadline);
  out.messages.push_back(rpc::make_request(std::to_string(id), to_string(plugin_hook::before_call), json_text{text_of(call)}));
  return id;
}

void plugin_protocol::tick(time_point now) {
  for (auto i = open_.begin(); i != open_.end();) {
    if (i->second > now) {
      ++i;
      continue;
    }
    ++missing_;
    out.verdicts.emplace_back(i->first, call_verdict{call_verdict::kind::none});
    i = open_.erase(i);
  }
  if (missing_ >= limits_.missing_verdicts && !failed_)
    fail("did not answer before_call in time, " + std::to_string(missing_) + " times in a row",
         "See what it is busy with, or raise \"time_limit_ms\" for it in the configuration.");
}

void plugin_protocol::fail(std::string cause, std::string fix, bool hopeless) {
  if (std::exchange(failed_, true))
    return;
  out.failed = plugin_stopped{name_, 0, std::move(cause), std::move(fix), {}, hopeless};
}

} // namespace hub
