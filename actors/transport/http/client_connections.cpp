#include "actors/transport/http/client_core.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// How long after its last answer a connection is used again without a look at it.
constexpr std::chrono::seconds fresh_time{1};

} // namespace

std::variant<http_route, fetch_failure> http_client::core::route_to(const fetch& x) const {
  auto proxy = choose_proxy(settings_.proxy, *x.url);
  if (auto* why = std::get_if<bad_proxy>(&proxy))
    return fetch_failure{fetch_failure::kind::bad_request, std::move(why->cause), std::move(why->fix), true};
  return http_route{*x.url, std::get<0>(std::move(proxy)), x.request.public_only};
}

void http_client::core::assign(fetch_id id, fetch& x) {
  if (auto idle = find_idle(*x.url, x.request.public_only))
    return send(id, x, *idle);
  auto route = route_to(x);
  if (auto* why = std::get_if<fetch_failure>(&route))
    return fail_later(id, std::move(*why));
  auto& to = std::get<http_route>(route);
  if (connections_.size() >= settings_.connections) {
    // One that leads elsewhere makes room.
    auto i = std::find_if(connections_.begin(), connections_.end(),
                          [](auto& c) { return c->now() == http_connection::phase::idle; });
    if (i != connections_.end()) {
      (*i)->close();
      connections_.erase(i);
    } else if (waiting_.size() >= settings_.waiting) {
      return fail_later(id, {fetch_failure::kind::overloaded,
                             "has " + std::to_string(waiting_.size()) + " requests waiting and takes no more",
                             "Wait for some of them to end, or call it less often.", true});
    } else {
      waiting_.push_back(id);
      return;
    }
  }
  if (auto why = connect(id, std::move(to)))
    fail_later(id, std::move(*why));
}

http_client::core::connection_ptr http_client::core::find_idle(const http_url& url, bool only_public) {
  // The one used last is the least likely to be closed in the next moment.
  for (auto i = connections_.size(); i-- > 0;) {
    if (connections_[i]->now() != http_connection::phase::idle || !connections_[i]->route().serves(url, only_public))
      continue;
    auto x = connections_[i];
    // A connection that was used just now is watched closely enough.
    if (clock::now() - (x->deadline - x->idle_time) < fresh_time || x->is_quiet())
      return x;
    x->close();
    forget(*x);
  }
  return nullptr;
}

std::optional<fetch_failure> http_client::core::connect(fetch_id id, http_route route) {
  if (route.target.secure && !tls_) {
    auto made = tls_context::make(settings_.tls);
    if (auto* why = std::get_if<tls_failure>(&made))
      return fetch_failure{fetch_failure::kind::bad_request, std::move(why->cause), std::move(why->fix), true};
    tls_ = std::get<0>(std::move(made));
  }
  auto tls = route.target.secure ? tls_ : nullptr;
  auto made = std::make_shared<http_connection>(home_, *this, std::move(route), std::move(tls), settings_.header_bytes);
  made->serving = id;
  made->idle_time = settings_.idle_limit;
  made->deadline = clock::now() + settings_.connect_limit;
  watch(made->deadline);
  fetches_.at(id).via = made;
  connections_.push_back(made);
  made->open();
  return std::nullopt;
}

void http_client::core::send(fetch_id id, fetch& request, http_connection& x) {
  request.via = x.shared_from_this();
  x.serving = id;
  x.deadline = clock::time_point::max();
  auto& proxy = x.route().proxy;
  auto* absolute = proxy && !request.url->secure ? &*proxy : nullptr;
  x.send({write_fetch_head(request.request, *request.url, !request.left_origin, absolute), request.request.body,
          request.request.method == "HEAD"},
         fetches_.size() > 1);
}

void http_client::core::serve_waiting() {
  while (!ended_ && !waiting_.empty()) {
    auto free = std::any_of(connections_.begin(), connections_.end(),
                            [](auto& c) { return c->now() == http_connection::phase::idle; });
    if (!free && connections_.size() >= settings_.connections)
      return;
    auto id = waiting_.front();
    waiting_.pop_front();
    // Whoever is recalled leaves the line.
    assign(id, fetches_.at(id));
  }
}

void http_client::core::forget(http_connection& x) {
  std::erase_if(connections_, [&](auto& c) { return c.get() == &x; });
}

void http_client::core::keep_idle(http_connection& x) {
  x.deadline = clock::now() + x.idle_time;
  watch(x.deadline);
}

void http_client::core::on_idle(http_connection& x) {
  if (auto i = fetches_.find(x.serving); i != fetches_.end())
    return send(x.serving, i->second, x);
  x.serving = 0;
  keep_idle(x);
  serve_waiting();
}

} // namespace hub
