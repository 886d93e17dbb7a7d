#include "actors/transport/http/http_client.hpp"

#include "actors/transport/http/client_core.hpp"

#include <utility>

namespace hub {

http_client::http_client(shard& home, http_client_settings settings)
  : core_(std::make_shared<core>(home, std::move(settings))) {
  // nop
}

http_client::~http_client() {
  core_->end();
}

fetch_id http_client::start(fetch_request&& request, std::unique_ptr<fetch_reader> reader) {
  return core_->start(std::move(request), std::move(reader));
}

void http_client::cancel(fetch_id id) {
  core_->recall(id);
}

fetch_request http_client::recall(fetch_id id) {
  return core_->recall(id);
}

size_t http_client::open() const noexcept {
  return core_->open();
}

size_t http_client::connections() const noexcept {
  return core_->connections();
}

namespace {

/// Collects an answer.
class fetch_collector final : public fetch_reader {
public:
  fetch_collector(http_client& client, std::function<void(fetch_result)> done, size_t max_body)
    : client_(client), done_(std::move(done)), max_body_(max_body) {
    // nop
  }

  void set_id(fetch_id id) noexcept {
    id_ = id;
  }

  void on_head(fetch_head head) override {
    response_.head = std::move(head);
  }

  void on_data(std::string_view data) override {
    if (response_.body.size() + data.size() <= max_body_) {
      response_.body += data;
      return;
    }
    auto done = std::move(done_);
    auto limit = max_body_;
    // This destroys the collector.
    client_.cancel(id_);
    done(fetch_failure{fetch_failure::kind::too_large,
                       "answered with more than " + std::to_string(limit / 1024) + " KiB",
                       "Check that its address is the right one."});
  }

  void on_end() override {
    done_(std::move(response_));
  }

  void on_failure(fetch_failure why) override {
    done_(std::move(why));
  }

private:
  http_client& client_;
  std::function<void(fetch_result)> done_;
  size_t max_body_;
  fetch_id id_ = 0;
  fetch_response response_;
};

} // namespace

fetch_id http_fetch(http_client& client, fetch_request request, std::function<void(fetch_result)> done,
                    size_t max_body) {
  auto collector = std::make_unique<fetch_collector>(client, std::move(done), max_body);
  auto* known = collector.get();
  auto id = client.start(std::move(request), std::move(collector));
  known->set_id(id);
  return id;
}

} // namespace hub
