#include "actors/runtime/printer.hpp"

#include <caf/atom.hpp>

namespace hub {

namespace {

/// Hands out the complete lines of `text` and leaves the rest in it.
void print_lines(std::string& text, const line_sink& sink) {
  std::string_view rest = text;
  for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    sink(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  for (; rest.size() >= printed_line_size_max; rest.remove_prefix(printed_line_size_max))
    sink(rest.substr(0, printed_line_size_max));
  text.erase(0, text.size() - rest.size());
}

} // namespace

caf::behavior printer(caf::stateful_actor<printer_state>* self, line_sink sink) {
  // It would write to itself about whatever it does not know.
  self->set_default_handler(caf::drop);
  auto flush = [self, sink](caf::actor_id who) {
    auto i = self->state.lines.find(who);
    if (i != self->state.lines.end() && !i->second.empty()) {
      sink(i->second);
      i->second.clear();
    }
  };
  return {
    [self, sink](caf::add_atom, caf::actor_id who, const std::string& text) {
      auto& line = self->state.lines[who];
      line += text;
      print_lines(line, sink);
    },
    [flush](caf::flush_atom, caf::actor_id who) { flush(who); },
    [self, flush](caf::delete_atom, caf::actor_id who) {
      flush(who);
      self->state.lines.erase(who);
    },
    [](caf::redirect_atom, const std::string&, int) {
      // nop
    },
    [](caf::redirect_atom, caf::actor_id, const std::string&, int) {
      // nop
    },
  };
}

} // namespace hub
