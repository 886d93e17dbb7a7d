#include "actors/results/result_keeper.hpp"

#include "actors/random_token.hpp"
#include "actors/results/result_text.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

namespace {

using pointer = result_keeper_actor::stateful_pointer<result_keeper_state>;

result_cut cut(pointer self, cut_result& x) {
  if (x.checks_structure && !rpc::member(x.result.view(), "structuredContent").empty())
    return {std::move(x.result)};
  auto parts = take_apart(x.result, x.bounds.head);
  // Large by what is no text, which a model does not read as one.
  if (parts.text.size() <= x.bounds.head)
    return {std::move(x.result)};
  auto token = random_token();
  auto kept = self->state.texts.add(token, std::move(x.owner), parts.text, kept_texts::clock::now());
  return {head_of(x.result, parts, x.bounds.head, kept ? token : std::string{})};
}

rpc_answer read(pointer self, const read_result& x) {
  rpc_answer answer;
  if (auto text = self->state.texts.find(x.token, x.owner, kept_texts::clock::now()))
    answer.body = json_text{x.search.empty() ? piece_of(*text, x) : matches_in(*text, x)};
  else
    answer.body = json_text{std::string{
      R"({"content":[{"type":"text","text":"There is no such result, or no longer: results are kept for half an hour after they were read last. Call the tool again."}],"isError":true})"}};
  return answer;
}

} // namespace

result_keeper_actor::behavior_type result_keeper(pointer self, kept_texts::limits limits) {
  self->state.texts = kept_texts{limits};
  return {
    [self](cut_result& x) { return cut(self, x); },
    [self](const read_result& x) { return read(self, x); },
  };
}

} // namespace hub
