#include "server/refusal.hpp"

#include "messages/rpc/compose.hpp"

namespace hub {

text_parts to_message(const refusal& x) {
  auto error = rpc::error_object(x.code, x.message, x.data);
  if (!x.id.empty() && x.id.view() != "null")
    return rpc::make_error(x.id.view(), error);
  return rpc::composer{}.raw(R"({"jsonrpc":"2.0","error":)").splice(error).raw("}").finish();
}

} // namespace hub
