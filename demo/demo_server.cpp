#include "demo/demo_server.hpp"

#include "demo/json.hpp"
#include "demo/library.hpp"
#include "demo/toolbox.hpp"

#include <algorithm>
#include <array>

namespace hub::demo {

namespace {

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;
constexpr int resource_not_found = -32002;

/// How many countdowns run at a time.
constexpr size_t most_countdowns = 256;

constexpr std::array<std::string_view, 8> levels = {"debug",    "info",  "notice",   "warning",
                                                    "error", "critical", "alert", "emergency"};

/// Newest last.
constexpr std::array<std::string_view, 4> versions = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

constexpr std::string_view instructions
  = "A demonstration server with small tools: unit conversion, word counts, world time, notes, dice, a countdown with "
    "progress, and a tool that fails on purpose.";

/// A request that cannot be answered with a result.
struct rpc_error {
  int code;
  std::string message;
};

const rapidjson::Value* find(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject())
    return nullptr;
  auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

/// The string member `name`, or an empty one.
std::string_view text_of(const rapidjson::Value& object, const char* name) {
  auto* value = find(object, name);
  return value != nullptr && value->IsString() ? std::string_view{value->GetString(), value->GetStringLength()}
                                               : std::string_view{};
}

/// A request id or a progress token as it was written; empty if it is neither a
/// string nor an integer.
std::string token_text(const rapidjson::Value* value) {
  if (value == nullptr || (!value->IsString() && !value->IsInt64() && !value->IsUint64()))
    return {};
  return json_of([&](json_writer& w) { value->Accept(w); });
}

std::string initialize_result(const rapidjson::Value& params) {
  auto asked = text_of(params, "protocolVersion");
  auto known = std::find(versions.begin(), versions.end(), asked) != versions.end();
  return json_of([&](json_writer& w) {
    w.StartObject();
    member(w, "protocolVersion", known ? asked : versions.back());
    raw_member(w, "capabilities", R"({"tools":{},"resources":{},"prompts":{},"completions":{},"logging":{}})");
    w.Key("serverInfo");
    w.StartObject();
    member(w, "name", "slm-hub-demo");
    member(w, "version", HUB_VERSION);
    w.EndObject();
    member(w, "instructions", instructions);
    w.EndObject();
  });
}

std::string tool_result_json(const tool_result& result) {
  return json_of([&](json_writer& w) {
    w.StartObject();
    w.Key("content");
    w.StartArray();
    w.StartObject();
    member(w, "type", "text");
    member(w, "text", result.text);
    w.EndObject();
    w.EndArray();
    if (!result.structured.empty())
      raw_member(w, "structuredContent", result.structured);
    if (result.failed) {
      w.Key("isError");
      w.Bool(true);
    }
    w.EndObject();
  });
}

std::string notification(std::string_view method, std::string_view params) {
  return json_of([&](json_writer& w) {
    w.StartObject();
    member(w, "jsonrpc", "2.0");
    member(w, "method", method);
    raw_member(w, "params", params);
    w.EndObject();
  });
}

} // namespace

demo_server::demo_server(std::function<void(std::string_view)> send)
  : send_(std::move(send)), tools_(make_toolbox(notes_)), log_level_(1) {
  // nop
}

void demo_server::receive(std::string_view line, time_point now) {
  rapidjson::Document message;
  message.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
  if (message.HasParseError())
    return send_error("null", parse_error, "this line is not JSON");
  auto id = token_text(find(message, "id"));
  auto method = text_of(message, "method");
  if (method.empty()) {
    // An answer: this server asks nothing, so there is nothing to do with it.
    if (find(message, "result") != nullptr || find(message, "error") != nullptr)
      return;
    return send_error(id.empty() ? "null" : id, invalid_request, "this is not a JSON-RPC request");
  }
  static const rapidjson::Value nothing{rapidjson::kObjectType};
  auto* params = find(message, "params");
  if (find(message, "id") == nullptr)
    return notified(method, params != nullptr ? *params : nothing);
  if (id.empty())
    return send_error("null", invalid_request, "the id must be a string or an integer");
  try {
    if (auto result = dispatch(method, id, params != nullptr ? *params : nothing, now))
      send_result(id, *result);
  } catch (const rpc_error& e) {
    send_error(id, e.code, e.message);
  } catch (const bad_argument& e) {
    send_error(id, invalid_params, e.what());
  }
}

demo_server::answer demo_server::dispatch(std::string_view method, const std::string& id, const rapidjson::Value& params,
                                          time_point now) {
  if (method == "tools/call")
    return call_tool(id, params, now);
  if (method == "initialize")
    return initialize_result(params);
  if (method == "ping")
    return "{}";
  if (method == "tools/list")
    return list_tools();
  if (method == "resources/list")
    return list_resources();
  if (method == "resources/templates/list")
    return list_resource_templates();
  if (method == "resources/read") {
    auto uri = text_of(params, "uri");
    if (auto contents = read_resource(uri, notes_))
      return contents;
    throw rpc_error{resource_not_found, "there is no resource '" + std::string{uri} + "'"};
  }
  if (method == "prompts/list")
    return list_prompts();
  if (method == "prompts/get")
    return get_prompt(text_of(params, "name"), arguments{find(params, "arguments")});
  if (method == "completion/complete") {
    auto* reference = find(params, "ref");
    auto* argument = find(params, "argument");
    if (reference == nullptr || argument == nullptr)
      throw rpc_error{invalid_params, "give 'ref' and 'argument'"};
    auto name = text_of(*reference, "name");
    return complete(name.empty() ? text_of(*reference, "uri") : name, text_of(*argument, "name"),
                    text_of(*argument, "value"), notes_);
  }
  if (method == "logging/setLevel") {
    set_log_level(params);
    return "{}";
  }
  throw rpc_error{method_not_found, "this server has no method '" + std::string{method} + "'"};
}

demo_server::answer demo_server::call_tool(const std::string& id, const rapidjson::Value& params, time_point now) {
  auto name = text_of(params, "name");
  auto found = std::find_if(tools_.begin(), tools_.end(), [&](auto& candidate) { return candidate.name == name; });
  if (found == tools_.end())
    throw rpc_error{invalid_params, "there is no tool '" + std::string{name} + "'"};
  tool_outcome outcome;
  try {
    outcome = found->run(arguments{find(params, "arguments")});
  } catch (const bad_argument& e) {
    // Wrong arguments are a tool error, so that a model reads it and tries again.
    outcome = tool_result{e.what(), {}, true};
  }
  if (auto* order = std::get_if<countdown_order>(&outcome)) {
    if (countdowns_.size() < most_countdowns) {
      auto* meta = find(params, "_meta");
      auto token = meta == nullptr ? std::string{} : token_text(find(*meta, "progressToken"));
      countdowns_.push_back({id, std::move(token), *order, 0, now + order->tick});
      log("debug", "countdown starts");
      return std::nullopt;
    }
    outcome = tool_result{"too many countdowns run; wait for one to end or cancel one", {}, true};
  }
  auto& result = std::get<tool_result>(outcome);
  log(result.failed ? "error" : "debug", std::string{name} + (result.failed ? " failed: " + result.text : " answered"));
  return tool_result_json(result);
}

std::string demo_server::list_tools() const {
  return json_of([&](json_writer& w) {
    w.StartObject();
    w.Key("tools");
    w.StartArray();
    for (auto& each : tools_) {
      w.StartObject();
      member(w, "name", each.name);
      member(w, "title", each.title);
      member(w, "description", each.description);
      raw_member(w, "inputSchema", each.input_schema);
      if (!each.output_schema.empty())
        raw_member(w, "outputSchema", each.output_schema);
      raw_member(w, "annotations", each.annotations);
      w.EndObject();
    }
    w.EndArray();
    w.EndObject();
  });
}

void demo_server::notified(std::string_view method, const rapidjson::Value& params) {
  if (method != "notifications/cancelled")
    return;
  auto id = token_text(find(params, "requestId"));
  auto removed = std::erase_if(countdowns_, [&](auto& each) { return each.id == id; });
  if (removed > 0)
    log("info", "countdown cancelled");
}

void demo_server::set_log_level(const rapidjson::Value& params) {
  auto found = std::find(levels.begin(), levels.end(), text_of(params, "level"));
  if (found == levels.end())
    throw rpc_error{invalid_params, "unknown level; use debug, info, notice, warning, error, critical, alert or emergency"};
  log_level_ = static_cast<size_t>(found - levels.begin());
}

void demo_server::tick(time_point now) {
  auto over = [&](running_countdown& each) {
    if (each.next > now)
      return false;
    each.next += each.order.tick;
    ++each.done;
    auto left = each.order.from - each.done;
    if (!each.token.empty())
      send_(notification("notifications/progress", json_of([&](json_writer& w) {
                           w.StartObject();
                           raw_member(w, "progressToken", each.token);
                           w.Key("progress");
                           w.Int(each.done);
                           w.Key("total");
                           w.Int(each.order.from);
                           member(w, "message", std::to_string(left) + " left");
                           w.EndObject();
                         })));
    if (left > 0)
      return false;
    send_result(each.id, tool_result_json({"Counted down from " + std::to_string(each.order.from) + "."}));
    return true;
  };
  std::erase_if(countdowns_, over);
}

std::optional<demo_server::time_point> demo_server::next_tick() const {
  auto first = std::min_element(countdowns_.begin(), countdowns_.end(), [](auto& a, auto& b) { return a.next < b.next; });
  return first == countdowns_.end() ? std::nullopt : std::optional{first->next};
}

void demo_server::log(std::string_view level, std::string_view text) {
  auto rank = static_cast<size_t>(std::find(levels.begin(), levels.end(), level) - levels.begin());
  if (rank < log_level_)
    return;
  send_(notification("notifications/message", json_of([&](json_writer& w) {
                       w.StartObject();
                       member(w, "level", level);
                       member(w, "logger", "slm-hub-demo");
                       member(w, "data", text);
                       w.EndObject();
                     })));
}

void demo_server::send_result(std::string_view id, std::string_view result) {
  send_(json_of([&](json_writer& w) {
    w.StartObject();
    member(w, "jsonrpc", "2.0");
    raw_member(w, "id", id);
    raw_member(w, "result", result);
    w.EndObject();
  }));
}

void demo_server::send_error(std::string_view id, int code, std::string_view message) {
  send_(json_of([&](json_writer& w) {
    w.StartObject();
    member(w, "jsonrpc", "2.0");
    raw_member(w, "id", id);
    w.Key("error");
    w.StartObject();
    w.Key("code");
    w.Int(code);
    member(w, "message", message);
    w.EndObject();
    w.EndObject();
  }));
}

} // namespace hub::demo
