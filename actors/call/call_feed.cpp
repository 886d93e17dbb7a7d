#include "actors/call/call_feed.hpp"

#include "messages/rpc/json_scan.hpp"
#include "messages/rpc/text_search.hpp"

#include <caf/send.hpp>

#include <memory>
#include <utility>

namespace hub {

namespace {

/// A larger result is not searched for what it says about itself.
constexpr size_t searched_result = 16 * 1024;

/// Whether the result of a tool says that it has failed. Most say nothing of it or that they have not, which is seen
/// without a walk over their content.
bool tells_error(std::string_view result) {
  constexpr std::string_view key = "\"isError\"";
  for (auto rest = result;;) {
    auto at = rpc::find_text(rest, key);
    if (at == std::string_view::npos)
      return false;
    rest.remove_prefix(at + key.size());
    rpc::json_cursor cursor{rest};
    if (cursor.take(':') && cursor.peek() == 't')
      return rpc::member(result, "isError") == "true";
  }
}

call_outcome outcome_of(const open_call& call, const rpc_answer& answer) {
  switch (answer.kind) {
    case answer_kind::error:
      return call_outcome::error;
    case answer_kind::failure:
      return answer.why && answer.why->what == failure::kind::denied ? call_outcome::denied : call_outcome::failed;
    case answer_kind::cancelled:
      return call_outcome::cancelled;
    default:
      break;
  }
  auto says_so = call.request.method == "tools/call" && answer.body.size() <= searched_result
                 && tells_error(answer.body.view());
  return says_so ? call_outcome::tool_error : call_outcome::ok;
}

} // namespace

namespace {

/// What the answer of a server tells of its times; that of another call tells nothing of this one.
call_times times_of(const open_call& call, const rpc_answer& answer) {
  auto result = call.times;
  if (call.sent && call.cache != cache_use::hit && call.cache != cache_use::shared) {
    result.answered = answer.read_at;
    result.let_through = answer.let_through;
  }
  return result;
}

} // namespace

bool call_feed::note(const open_call& call, const rpc_answer& answer, int64_t microseconds) {
  auto& params = call.request.params;
  bytes_ += params.size();
  auto is_copied = params.size() <= largest_copy;
  begins_.push_back(is_copied ? copies_.size() : std::string::npos);
  if (is_copied)
    copies_ += params.view();
  records_.emplace_back(std::chrono::system_clock::now(), call.request.client, call.origin, call.server,
                        call.request.method, is_copied ? json_text{} : params, outcome_of(call, answer), microseconds,
                        call.rule, nullptr, call.cache, answer.body.size(), call.priced ? call.priced->cost : money{},
                        call.key.id, call.request.trace, times_of(call, answer));
  return records_.size() >= batch_size || bytes_ >= batch_bytes;
}

std::shared_ptr<const std::vector<call_record>> call_feed::take() {
  auto size = copies_.size();
  json_text copies{std::exchange(copies_, {})};
  auto end = size;
  for (auto i = records_.size(); i-- > 0;)
    if (begins_[i] != std::string::npos) {
      records_[i].params = copies.slice(copies.view().substr(begins_[i], end - begins_[i]));
      end = begins_[i];
    }
  begins_.clear();
  bytes_ = 0;
  auto next = lists_.take();
  // As busy as before, so that they do not move as they become more.
  next.reserve(records_.size());
  copies_.reserve(size);
  return lists_.share(std::exchange(records_, std::move(next)));
}

void call_feed::free_done() {
  lists_.collect();
  if (records_.empty() && !lists_.holds())
    lists_.rest();
}

void tell(const call_observers& observers, std::shared_ptr<const std::vector<call_record>> records) {
  auto count = records->size();
  auto weight = weight_of(*records);
  calls_ended news{std::move(records)};
  for (auto& [to, gauge] : *observers)
    if (gauge->enter(count, weight))
      caf::anon_send(to, news);
}

} // namespace hub
