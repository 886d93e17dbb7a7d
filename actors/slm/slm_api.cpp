#include "actors/slm/slm_api.hpp"

#include "messages/percent_text.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

namespace hub {

namespace {

constexpr size_t summary_bytes = 500;
constexpr size_t memory_bytes = 2400;
constexpr size_t tool_bytes = 256;
constexpr size_t depth_max = 32;
constexpr std::chrono::seconds pause_usual{60};
constexpr std::chrono::seconds pause_max{3600};

std::string text_of(std::string_view object, std::string_view key) {
  return rpc::unquote(rpc::member(object, key)).value_or("");
}

std::optional<uint32_t> number_of(std::string_view text) {
  uint32_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

/// Reads `2026-11-22T13:39:00.042800+00:00`, which is UTC whatever is behind the seconds.
std::optional<std::chrono::seconds> time_of(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < std::string_view{"yyyy-mm-dd hh:mm:ss"}.size())
    return std::nullopt;
  auto part = [&](size_t from, size_t size) { return number_of(text.substr(from, size)); };
  auto y = part(0, 4), m = part(5, 2), d = part(8, 2), hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  if (!y || !m || !d || !hour || !minute || !second)
    return std::nullopt;
  year_month_day date{year{static_cast<int>(*y)}, month{*m}, day{*d}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return sys_days{date}.time_since_epoch() + hours{*hour} + minutes{*minute} + seconds{*second};
}

bool is_object(std::string_view text) {
  return rpc::json_cursor{text}.peek() == '{' && !rpc::check_json(text, depth_max);
}

/// What the daemon says is wrong: routes write `detail`, the layers before them `error`.
std::string complaint_of(std::string_view body) {
  if (!is_object(body))
    return {};
  for (auto key : {"detail", "error"})
    if (auto text = text_of(body, key); !text.empty())
      return std::string{cut_text(text, 160)};
  return {};
}

slm_outcome outcome_of(int status) {
  switch (status) {
    case 401:
    case 403:
    case 409:
      return slm_outcome::unauthorized;
    case 404:
    case 405:
      return slm_outcome::missing;
    case 429:
      return slm_outcome::limited;
    default:
      return status >= 400 && status < 500 ? slm_outcome::refused : slm_outcome::broken;
  }
}

} // namespace

slm_object& slm_object::json(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? '{' : ',';
  text_.append(rpc::quote(name)).append(1, ':').append(value);
  return *this;
}

slm_object& slm_object::text(std::string_view name, std::string_view value) {
  return json(name, rpc::quote(value));
}

slm_object& slm_object::number(std::string_view name, int64_t value) {
  return json(name, std::to_string(value));
}

std::string slm_object::take() {
  return text_.empty() ? "{}" : std::move(text_) + '}';
}

std::string_view cut_text(std::string_view text, size_t limit) noexcept {
  if (text.size() <= limit)
    return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
    --limit;
  return text.substr(0, limit);
}

slm_answer read_slm_answer(int status, std::string body, std::string_view pause, std::string_view left) {
  slm_answer x;
  x.writes_left = number_of(left);
  if (status == 200) {
    if (!is_object(body)) {
      x.outcome = slm_outcome::broken;
      x.cause = "answers with something that is no JSON object";
    } else if (rpc::member(body, "ok") == "false") {
      x.outcome = slm_outcome::refused;
      x.cause = "refuses: " + complaint_of(body);
    } else {
      x.outcome = slm_outcome::done;
    }
    x.body = std::move(body);
    return x;
  }
  x.outcome = outcome_of(status);
  x.cause = "answers " + std::to_string(status);
  if (auto why = complaint_of(body); !why.empty())
    x.cause += ": " + why;
  if (x.outcome == slm_outcome::limited) {
    auto seconds = number_of(pause);
    x.pause = seconds ? std::clamp(std::chrono::seconds{*seconds}, std::chrono::seconds{1}, pause_max) : pause_usual;
  }
  return x;
}

slm_request ask_slm_health() {
  return {"GET", "/health"};
}

std::optional<slm_identity> read_slm_health(std::string_view body) {
  slm_identity x;
  x.version = text_of(body, "version");
  auto release = slm_release_of(x.version);
  if (!release)
    return std::nullopt;
  x.release = *release;
  // Releases before 3.7 do not say what they are.
  auto service = text_of(body, "service");
  auto is_daemon = service.empty() ? release->major == 3 && !rpc::member(body, "engine").empty()
                                   : service == "superlocalmemory-daemon";
  if (!is_daemon)
    return std::nullopt;
  x.instance = text_of(body, "instance_id");
  x.profile = text_of(body, "active_profile");
  return x;
}

slm_request ask_slm_status() {
  return {"GET", "/status"};
}

slm_facts read_slm_status(std::string_view body) {
  slm_facts x;
  x.mode = text_of(body, "mode");
  x.facts = rpc::to_integer(rpc::member(body, "fact_count")).value_or(0);
  return x;
}

slm_request ask_slm_token() {
  return {"GET", "/internal/token"};
}

std::string read_slm_token(std::string_view body) {
  auto token = text_of(body, "token");
  auto is_hex = std::ranges::all_of(token, [](unsigned char c) { return std::isxdigit(c) != 0; });
  return token.size() >= 16 && token.size() <= 256 && is_hex ? token : std::string{};
}

slm_request tell_slm_tool_event(const slm_tool_event& x) {
  slm_object body;
  body.text("tool_name", x.tool)
    .text("event_type", x.failed ? "error" : "complete")
    .text("input_summary", cut_text(x.input, summary_bytes))
    .text("output_summary", cut_text(x.output, summary_bytes))
    .text("session_id", x.session)
    .text("project_path", x.project);
  return {"POST", "/api/v3/tool-event", body.take()};
}

slm_request close_slm_session(const std::string& session) {
  return {"POST", "/session/close", slm_object{}.text("session_id", session).take()};
}

slm_request ask_slm_recall(std::string_view query, const std::string& session, size_t limit) {
  auto target = "/recall?q=" + percent_encode(query) + "&limit=" + std::to_string(limit) + "&fast=true&answer_check=skip";
  if (!session.empty())
    target += "&session_id=" + percent_encode(session);
  return {"GET", std::move(target)};
}

std::vector<slm_memory> read_slm_recall(std::string_view body, size_t limit) {
  std::vector<slm_memory> result;
  if (rpc::member(body, "no_confident_match") == "true")
    return result;
  rpc::for_each_element(rpc::member(body, "results"), [&](std::string_view element) {
    slm_memory x{text_of(element, "fact_id"), text_of(element, "content"), text_of(element, "age_label")};
    x.text = cut_text(x.text, memory_bytes);
    if (!x.text.empty())
      result.push_back(std::move(x));
    return result.size() < limit;
  });
  return result;
}

slm_request ask_slm_tool_events(size_t limit) {
  return {"GET", "/api/behavioral/tool-events?limit=" + std::to_string(limit)};
}

std::vector<seen_use> read_slm_tool_events(std::string_view body, size_t limit) {
  std::vector<seen_use> result;
  rpc::for_each_element(rpc::member(body, "events"), [&](std::string_view element) {
    auto tool = text_of(element, "tool_name");
    auto at = time_of(text_of(element, "created_at"));
    if (at && tool.size() <= tool_bytes && tool.find("__") != std::string::npos && !tool.starts_with("hub__"))
      result.push_back({std::move(tool), *at});
    return result.size() < limit;
  });
  std::ranges::reverse(result);
  return result;
}

} // namespace hub
