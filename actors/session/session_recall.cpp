#include "actors/session/memory_texts.hpp"
#include "actors/session/session_parts.hpp"

#include <memory>
#include <utility>

namespace hub {

namespace {

constexpr std::string_view nothing = "The memory holds nothing for this project, or does not answer.";

rpc_answer answer_with(session_pointer self, const client_request& request, memory_wish wish, const std::string& text) {
  auto said = text.empty() ? nothing : std::string_view{text};
  switch (wish) {
    case memory_wish::resource:
      return resource_text(memory_uri, "text/plain", said);
    case memory_wish::mesh_resource:
      return resource_text(mesh_uri, "application/json", text.empty() ? std::string_view{"{}"} : std::string_view{text});
    case memory_wish::prompt:
      return memory_prompt(said);
    case memory_wish::introduction:
      break;
  }
  return introduce_hub(*self->state.settings.snapshot, request, text);
}

} // namespace

void ask_memory(session_pointer self, client_request request, memory_wish wish, reply<rpc_answer> asker) {
  struct held_request {
    client_request request;
    reply<rpc_answer> asker;
  };
  auto& memory = *self->state.settings.federation.memory;
  get_recall question;
  if (wish == memory_wish::mesh_resource)
    question.from = get_recall::source::mesh;
  if (!is_stateless(self))
    question.session = origin_of(self)->session;
  if (request.client)
    question.project = request.client->project;
  if (wish == memory_wish::introduction)
    question.limit = std::chrono::milliseconds{memory.wait_ms};
  auto held = std::make_shared<held_request>(held_request{std::move(request), std::move(asker)});
  self->request(memory.to, caf::infinite, std::move(question))
    .then([self, held, wish](const recalled& x) { held->asker.deliver(answer_with(self, held->request, wish, x.text)); },
          [self, held, wish](const caf::error&) { held->asker.deliver(answer_with(self, held->request, wish, {})); });
}

} // namespace hub
