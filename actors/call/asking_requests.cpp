#include "actors/call/asking_requests.hpp"

#include "messages/rpc/json_scan.hpp"

namespace hub {

bool can_be_asked(const client_context& client) {
  for (auto name : {"roots", "sampling", "elicitation"})
    if (!rpc::member(client.capabilities.view(), name).empty())
      return true;
  return false;
}

std::string subject_of(std::string_view server, std::string_view method, const json_text& params) {
  auto may_be_alone = method == "tools/call" || method == "resources/read" || method == "prompts/get";
  if (!may_be_alone || !rpc::member(params.view(), "task").empty())
    return {};
  auto name = rpc::member(params.view(), method == "resources/read" ? "uri" : "name");
  std::string result{server};
  result.append(1, '\n').append(method).append(1, '\n').append(name);
  return result;
}

void asking_requests::saw(const std::string& subject) {
  add(subject, true);
}

void asking_requests::suspect(const std::string& subject) {
  add(subject, false);
}

void asking_requests::clear(const std::string& subject) {
  if (auto i = known_.find(subject); i != known_.end() && !i->second)
    known_.erase(i);
}

void asking_requests::add(const std::string& subject, bool seen) {
  if (subject.empty())
    return;
  if (known_.size() >= capacity_ && !known_.contains(subject))
    known_.clear();
  known_[subject] |= seen;
}

} // namespace hub
