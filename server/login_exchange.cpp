#include "server/login_exchange.hpp"

#include <utility>

namespace hub {

namespace {

constexpr int login_takes_longer = 12;

/// `text` with what HTML would read as its own replaced.
std::string escaped(std::string_view text) {
  std::string result;
  for (auto c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

} // namespace

login_exchange::login_exchange(front& home, response_sink& sink, const http_request& request, std::string query)
  : home_(home), response_(sink, request, {}), query_(std::move(query)), since_(home.now()) {
  // nop
}

void login_exchange::start(http_request&) {
  home_.way_in().end_login(std::move(query_), [self = shared_from_this()](const login_status* x) {
    if (!x)
      return self->answer(503, "The hub is shutting down", "The login was not finished.",
                          "Start the hub and log in again.");
    if (x->what == login_status::kind::done)
      return self->answer(200, "You are logged in", x->message + ".", "You can close this page.");
    if (x->what == login_status::kind::waiting)
      return self->answer(200, "The login goes on", x->message + ".", "");
    self->answer(400, "The login failed", x->message + ".", x->fix);
  });
}

void login_exchange::answer(int status, const char* title, const std::string& message, const std::string& fix) {
  std::string page = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>slm-hub</title></head>"
                     "<body style=\"font-family:sans-serif;max-width:40em;margin:4em auto\"><h1>";
  page.append(title).append("</h1><p>").append(escaped(message)).append("</p><p>").append(escaped(fix));
  page.append("</p></body></html>\n");
  response_.send_page(status, text_parts{json_text{std::move(page)}});
}

bool login_exchange::wants_answer_still() {
  return true;
}

void login_exchange::client_left() {
  response_.detach();
}

void login_exchange::sweep() {
  if (home_.now() - since_ >= home_.in_sweeps(home_.settings().management_limit) * login_takes_longer)
    answer(504, "The login takes long", "The authorization server has not answered yet.",
           "slm-hub login tells how it ends.");
}

} // namespace hub
