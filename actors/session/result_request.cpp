#include "actors/session/session_parts.hpp"

#include <memory>
#include <utility>

namespace hub {

void ask_for_result(session_pointer self, const client_request& request, read_result wish, reply<rpc_answer> asker) {
  auto& settings = self->state.settings;
  auto* client = is_stateless(self) ? request.client.get() : settings.client.get();
  wish.owner = result_owner(client, text_of(settings.door));
  auto owed = std::make_shared<reply<rpc_answer>>(std::move(asker));
  self->request(settings.results, caf::infinite, std::move(wish))
    .then([owed](rpc_answer& x) { owed->deliver(std::move(x)); },
          [owed](const caf::error&) {
            owed->deliver(tool_error("Large results are lost, because the hub ends or their keeper has failed. Call the tool again."));
          });
}

} // namespace hub
