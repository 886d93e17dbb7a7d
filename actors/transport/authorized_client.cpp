#include "actors/transport/authorized_client.hpp"

#include "actors/runtime/shard.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

constexpr int most_tries = 3;

} // namespace

class authorized_client::core final : public std::enable_shared_from_this<core> {
public:
  core(shard& home, http_client_settings settings, fetch_headers headers, std::unique_ptr<authorizer> authorizer)
    : home_(home), headers_(std::move(headers)), authorizer_(std::move(authorizer)) {
    client_ = std::make_unique<http_client>(home, std::move(settings));
  }

  fetch_id start(fetch_request&& request, std::unique_ptr<fetch_reader> reader) {
    auto id = ++last_id_;
    auto& x = open_[id];
    x.reader = std::move(reader);
    auto* headers = authorizer_ ? authorizer_->ready() : nullptr;
    if (authorizer_ && !headers) {
      x.request = std::make_unique<fetch_request>(std::move(request));
      obtain(id, {0, x.request->url, {}, {}});
    } else {
      send(id, x, std::move(request), headers);
    }
    return id;
  }

  void cancel(fetch_id id) {
    auto i = open_.find(id);
    if (i == open_.end())
      return;
    client_->cancel(i->second.sent);
    drop_later(std::move(i->second.reader));
    open_.erase(i);
  }

  void end() {
    client_.reset();
    authorizer_.reset();
    for (auto& [id, x] : std::exchange(open_, {}))
      drop_later(std::move(x.reader));
  }

private:
  /// A request until its answer is complete.
  struct request_state {
    /// Null while the client has it.
    std::unique_ptr<fetch_request> request;
    std::unique_ptr<fetch_reader> reader;

    /// Of the client; 0 while authorization is awaited.
    fetch_id sent = 0;

    fetch_headers authorization;
    int tries = 0;
  };

  /// Stands between the client and whoever asked.
  class watching_reader final : public fetch_reader {
  public:
    watching_reader(core& to, fetch_id id) : to_(to), id_(id) {
      // nop
    }

    void on_head(fetch_head head) override {
      to_.on_head(id_, std::move(head));
    }

    void on_data(std::string_view data) override {
      if (auto i = to_.open_.find(id_); i != to_.open_.end())
        i->second.reader->on_data(data);
    }

    bool wants_whole(const fetch_head& head) override {
      auto i = to_.open_.find(id_);
      return i != to_.open_.end() && i->second.reader->wants_whole(head);
    }

    void on_whole(fetch_head head, std::string_view body) override {
      if (auto reader = to_.finish(id_))
        reader->on_whole(std::move(head), body);
    }

    void on_end() override {
      if (auto reader = to_.finish(id_))
        reader->on_end();
    }

    void on_failure(fetch_failure why) override {
      if (auto reader = to_.finish(id_))
        reader->on_failure(std::move(why));
    }

  private:
    core& to_;
    fetch_id id_;
  };

  void send(fetch_id id, request_state& x, fetch_request&& request, const fetch_headers* authorization) {
    if (authorization)
      x.authorization = *authorization;
    header_block headers;
    for (auto& [name, value] : x.authorization)
      headers.add(name, value);
    for (auto& [name, value] : headers_)
      if (!request.headers.has(name) && !headers.has(name))
        headers.add(name, value);
    request.origin_headers = std::move(headers);
    x.sent = client_->start(std::move(request), std::make_unique<watching_reader>(*this, id));
  }

  void on_head(fetch_id id, fetch_head head) {
    auto i = open_.find(id);
    if (i == open_.end())
      return;
    auto& x = i->second;
    auto challenges = head.find_all("WWW-Authenticate");
    auto refused = head.status == 401 || (head.status == 403 && authorizer_ && !challenges.empty());
    if (!refused)
      return x.reader->on_head(std::move(head));
    x.request = std::make_unique<fetch_request>(client_->recall(std::exchange(x.sent, 0)));
    if (!authorizer_) {
      auto configured = std::any_of(headers_.begin(), headers_.end(),
                                    [](auto& header) { return same_header(header.first, "Authorization"); });
      return deny(id, fetch_failure::kind::unauthorized,
                  configured
                    ? auth_denied{"refused the credentials in \"headers\" (HTTP status 401)",
                                  "Check whether the token in \"headers\" is complete and still valid."}
                    : auth_denied{"wants credentials (HTTP status 401)",
                                  "Put them into \"headers\" of this server, such as "
                                  "{\"Authorization\": \"Bearer ${TOKEN}\"}."});
    }
    auto kind = head.status == 401 ? fetch_failure::kind::unauthorized : fetch_failure::kind::forbidden;
    if (++x.tries > most_tries)
      return deny(id, kind, {"refuses its own authorization (HTTP status " + std::to_string(head.status) + ")",
                             "Log in to it again."});
    auth_challenge why{head.status, head.url, {}, x.authorization};
    for (auto text : challenges)
      why.www_authenticate.emplace_back(text);
    obtain(id, std::move(why));
  }

  void obtain(fetch_id id, auth_challenge why) {
    auto kind = why.status == 403 ? fetch_failure::kind::forbidden : fetch_failure::kind::unauthorized;
    authorizer_->obtain(std::move(why), [weak = weak_from_this(), id, kind](auth_verdict verdict) {
      auto self = weak.lock();
      if (!self)
        return;
      auto i = self->open_.find(id);
      if (i == self->open_.end())
        return;
      if (auto* headers = std::get_if<fetch_headers>(&verdict)) {
        auto request = std::move(i->second.request);
        self->send(id, i->second, std::move(*request), headers);
      } else {
        self->deny(id, kind, std::get<auth_denied>(std::move(verdict)));
      }
    });
  }

  /// Never at once: nobody is called from within `start`.
  void deny(fetch_id id, fetch_failure::kind kind, auth_denied why) {
    boost::asio::post(home_.context(), [weak = weak_from_this(), id, kind, why = std::move(why)]() mutable {
      auto self = weak.lock();
      if (!self)
        return;
      shard::scope woken{self->home_};
      if (auto reader = self->finish(id))
        reader->on_failure({kind, std::move(why.cause), std::move(why.fix), true});
    });
  }

  std::unique_ptr<fetch_reader> finish(fetch_id id) {
    auto i = open_.find(id);
    if (i == open_.end())
      return nullptr;
    auto reader = std::move(i->second.reader);
    open_.erase(i);
    return reader;
  }

  void drop_later(std::unique_ptr<fetch_reader> reader) {
    // One of its own functions may be what brought us here.
    boost::asio::post(home_.context(), [gone = std::move(reader)] {});
  }

  shard& home_;
  fetch_headers headers_;
  std::unique_ptr<authorizer> authorizer_;
  std::unique_ptr<http_client> client_;
  fetch_id last_id_ = 0;
  std::map<fetch_id, request_state> open_;
};

authorized_client::authorized_client(shard& home, http_client_settings settings, fetch_headers headers,
                                     std::unique_ptr<authorizer> authorizer)
  : core_(std::make_shared<core>(home, std::move(settings), std::move(headers), std::move(authorizer))) {
  // nop
}

authorized_client::~authorized_client() {
  core_->end();
}

fetch_id authorized_client::start(fetch_request&& request, std::unique_ptr<fetch_reader> reader) {
  return core_->start(std::move(request), std::move(reader));
}

void authorized_client::cancel(fetch_id id) {
  core_->cancel(id);
}

} // namespace hub
