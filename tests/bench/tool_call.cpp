#include "tests/bench/tool_call.hpp"

#include <algorithm>
#include <unistd.h>

namespace hub::bench {

namespace {

/// Where in an answer the id and the ends of a blob are looked for; the envelopes here are far smaller.
constexpr size_t edge_size = 1024;

} // namespace

tool_call::tool_call(const call_shape& shape, uint64_t id, uint64_t session) : id_{id}, bytes_{shape.bytes}, progress_{shape.progress} {
  static const std::string run = std::to_string(getpid());
  marker_.append("m")
      .append(run)
      .append("-")
      .append(std::to_string(session))
      .append("-")
      .append(std::to_string(id))
      .append("m");
  std::string arguments = R"({"text":")" + marker_ + '"';
  if (shape.bytes > 0)
    arguments.append(R"(,"bytes":)").append(std::to_string(shape.bytes));
  if (shape.ms > 0)
    arguments.append(R"(,"ms":)").append(std::to_string(shape.ms));
  arguments += '}';
  if (progress_ > 0)
    // Another text than the marker, which an answer must have by itself.
    token_ = "\"progressToken\":\"t" + marker_.substr(1, marker_.size() - 2) + "t\"";
  auto meta = shape.stateless
                ? std::string{R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                              R"("io.modelcontextprotocol/clientInfo":{"name":"bench-load","version":"1.0.0"},)"
                              R"("io.modelcontextprotocol/clientCapabilities":{})"}
                    + (token_.empty() ? "" : "," + token_)
                : token_;
  auto end = meta.empty() ? std::string{"}}"} : ",\"_meta\":{" + meta + "}}}";
  request_.append(R"({"jsonrpc":"2.0","id":)")
      .append(std::to_string(id))
      .append(R"(,"method":"tools/call","params":{"name":")");
  if (shape.through_meta_tool)
    request_.append(R"(hub__call_tool","arguments":{"tool":")")
        .append(shape.tool)
        .append(R"(","arguments":)")
        .append(arguments)
        .append("}")
        .append(end);
  else
    request_.append(shape.tool).append(R"(","arguments":)").append(arguments).append(end);
}

std::string_view tool_call::fault_of(std::string_view answer) const {
  auto head = answer.substr(0, edge_size);
  auto tail = answer.substr(answer.size() - std::min(answer.size(), edge_size));
  auto id = R"("id":)" + std::to_string(id_);
  auto has_id = [&](std::string_view part) {
    auto at = part.find(id);
    return at != part.npos && at + id.size() < part.size()
           && (part[at + id.size()] == ',' || part[at + id.size()] == '}');
  };
  if (!has_id(head) && !has_id(tail))
    return "an answer with another id";
  // The server continues the text behind the marker; an error message that quotes the request does not.
  auto at = head.find(marker_);
  if (at == head.npos || head.substr(at + marker_.size(), 1) == "\"")
    return "an answer without the text of the call";
  if (bytes_ > 0 && (answer.size() < bytes_ || tail.rfind(marker_) == tail.npos))
    return "a blob that is cut short";
  auto reports = 0;
  for (auto i = token_.empty() ? answer.npos : answer.find(token_); i != answer.npos; i = answer.find(token_, i + 1))
    ++reports;
  if (reports != progress_)
    return "an answer with other notifications of progress than were asked for";
  return {};
}

} // namespace hub::bench
