#include "server/answer.hpp"

#include "messages/redaction.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "server/refusal.hpp"

#include <string>
#include <utility>

namespace hub {

namespace {

/// Whether the results of a method say how long they may be kept.
bool is_cacheable(std::string_view method) noexcept {
  return method == "tools/list" || method == "resources/list"
         || method == "resources/templates/list" || method == "prompts/list"
         || method == "resources/read" || method == "server/discover";
}

std::string_view name_of(cache_use x) noexcept {
  return x == cache_use::hit ? "hit" : x == cache_use::shared ? "shared" : "miss";
}

/// A result with a place in it at which more is written, so that a large one is not copied.
struct opened_result {
  json_text head;
  std::string more;
  json_text tail;
};

/// Opens a result where its `_meta` tells what the cache did.
opened_result open_meta(const json_text& result, cache_use use) {
  constexpr std::string_view key = "hub/cache";
  auto mark = '"' + std::string{key} + "\":\"" + std::string{name_of(use)} + '"';
  auto meta = rpc::member(result.view(), "_meta");
  if (!rpc::member(meta, key).empty()) {
    // Another hub stands behind this one.
    auto own = rpc::edit_members(result.slice(meta), {{key, '"' + std::string{name_of(use)} + '"'}});
    return {rpc::edit_members(result, {{"_meta", own.view()}}), {}, {}};
  }
  auto text = result.view();
  auto in_meta = meta.starts_with('{');
  auto brace = in_meta ? static_cast<size_t>(meta.data() - text.data()) : text.find('{');
  if (brace == std::string_view::npos)
    return {result, {}, {}};
  auto rest = text.substr(brace + 1);
  if (!in_meta)
    mark = R"("_meta":{)" + mark + '}';
  if (rpc::json_cursor{rest}.peek() != '}')
    mark += ',';
  return {result.slice(text.substr(0, brace + 1)), std::move(mark), result.slice(rest)};
}

/// A result as it is, with what the cache did.
text_parts make_marked(const answered_request& request, const rpc_answer& answer) {
  auto opened = open_meta(answer.body, answer.cache);
  return rpc::composer{}
    .raw(R"({"jsonrpc":"2.0","id":)")
    .raw(request.id)
    .raw(R"(,"result":)")
    .splice(opened.head)
    .raw(opened.more)
    .splice(opened.tail)
    .raw("}")
    .finish();
}

/// The result of a server of the handshake era in the form of the stateless one.
text_parts make_stateless(const answered_request& request, const rpc_answer& answer) {
  auto& result = answer.body;
  rpc::composer message;
  message.raw(R"({"jsonrpc":"2.0","id":)")
    .raw(request.id)
    .raw(R"(,"result":{"resultType":"complete")");
  if (is_cacheable(request.method))
    message.raw(R"(,"ttlMs":0,"cacheScope":"private")");
  auto text = result.view();
  rpc::json_cursor cursor{text};
  if (!cursor.take('{'))
    return message.raw("}}").finish();
  if (answer.cache != cache_use::none) {
    auto opened = open_meta(result, answer.cache);
    auto head = opened.head.view();
    message.raw(",").splice(opened.head.slice(head.substr(head.find('{') + 1)));
    message.raw(opened.more).splice(opened.tail);
    return message.raw("}").finish();
  }
  if (cursor.peek() != '}')
    message.raw(",");
  message.splice(result.slice(text.substr(text.find('{') + 1)));
  return message.raw("}").finish();
}

/// The code of an error object; 0 if it has none.
int64_t code_of(const json_text& error) {
  return rpc::to_integer(rpc::member(error.view(), "code")).value_or(0);
}

rendered_answer render_error(const answered_request& request, const json_text& error) {
  rendered_answer result;
  if (request.era == era::handshake) {
    result.message = rpc::make_error(request.id, error);
    return result;
  }
  auto code = code_of(error);
  if (code == rpc_code::resource_not_found) {
    auto edited = rpc::edit_members(error, {{"code", std::to_string(rpc_code::invalid_params)}});
    result.message = rpc::make_error(request.id, edited);
    return result;
  }
  if (code == rpc_code::method_not_found)
    result.status = 404;
  else if (code == rpc_code::missing_required_client_capability || code == rpc_code::header_mismatch)
    result.status = 400;
  result.message = rpc::make_error(request.id, error);
  return result;
}

/// A sentence with its full stop.
std::string sentence(std::string_view text) {
  std::string result{text};
  if (!result.empty() && result.back() != '.' && result.back() != '!' && result.back() != '?')
    result += '.';
  return result;
}

} // namespace

std::string_view to_name(failure::kind kind) noexcept {
  switch (kind) {
    case failure::kind::unknown_server:
      return "unknown_server";
    case failure::kind::denied:
      return "denied";
    case failure::kind::disabled_server:
      return "disabled_server";
    case failure::kind::start_failed:
      return "start_failed";
    case failure::kind::backing_off:
      return "backing_off";
    case failure::kind::crashed:
      return "crashed";
    case failure::kind::stopping:
      return "stopping";
    case failure::kind::timed_out:
      return "timed_out";
    case failure::kind::overloaded:
      return "overloaded";
    case failure::kind::shutting_down:
      return "shutting_down";
    case failure::kind::bad_answer:
      return "bad_answer";
    case failure::kind::internal:
      return "internal";
  }
  return "internal";
}

json_text to_error(const failure& why) {
  auto message = sentence(why.cause);
  if (!why.fix.empty())
    message += (message.empty() ? "" : " ") + sentence(why.fix);
  message = process_redaction().apply(message);
  auto data = R"({"server":)" + rpc::quote(why.server) + R"(,"kind":")"
              + std::string{to_name(why.what)} + R"(","fix":)" + rpc::quote(process_redaction().apply(why.fix)) + "}";
  return rpc::error_object(rpc_code::internal_error, message, data);
}

rendered_answer render(const answered_request& request, const rpc_answer& answer) {
  switch (answer.kind) {
    case answer_kind::result:
      if (request.era != era::handshake && !answer.stateless_form)
        return {200, make_stateless(request, answer)};
      if (answer.cache != cache_use::none)
        return {200, make_marked(request, answer)};
      return {200, rpc::make_result(request.id, answer.body)};
    case answer_kind::error:
      return render_error(request, answer.body);
    case answer_kind::failure:
      return {200, rpc::make_error(request.id, to_error(answer.why ? *answer.why : failure{}))};
    case answer_kind::cancelled:
      return {};
  }
  return {};
}

} // namespace hub
