#include "actors/transport/http_transport.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/transport/broken_off.hpp"
#include "actors/transport/rotated_log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>
#include <vector>

namespace hub {

namespace {

class http_transport final : public pinned<transport_actor::base>, public http_link_owner {
public:
  http_transport(caf::actor_config& cfg, shard& home, transport_owner owner, http_transport_settings settings)
    : pinned(cfg, home), owner_(std::move(owner)), settings_(std::move(settings)), log_(settings_.log_path) {
    // nop
  }

  const char* name() const override {
    return "http-transport";
  }

  behavior_type make_behavior() override {
    monitor(owner_);
    set_down_handler([this](caf::down_msg&) { quit(); });
    start();
    return {
      [this](send_message& x) {
        if (link_)
          link_->send(std::move(x));
      },
      [this](const abandon_request& x) {
        if (link_)
          link_->abandon(x.id);
      },
      [this](const close_transport& x) { close(std::chrono::milliseconds{x.grace_ms}); },
    };
  }

  void on_exit() override {
    if (!std::exchange(closed_, true))
      send(owner_, broken_off());
    owner_ = transport_owner{};
    retired_.clear();
    trial_.reset();
    link_.reset();
    client_.reset();
  }

private:
  void start() {
    // Answers to questions of the server must not wait behind the calls that made it
    // ask, nor for the streams that stay open.
    settings_.client.connections = settings_.limits.in_flight + extra_connections;
    auto authorizer = settings_.make_authorizer ? settings_.make_authorizer(home()) : nullptr;
    client_ = std::make_unique<authorized_client>(home(), settings_.client, settings_.headers, std::move(authorizer));
    link_ = settings_.event_stream_only ? make_event_stream_link(context(), nullptr) : make_streamable_link(context());
    link_->open();
  }

  http_link_context context() {
    return {home(), *this, *client_, settings_.url, settings_.limits};
  }

  void close(std::chrono::milliseconds grace) {
    if (std::exchange(asked_for_, true))
      return;
    if (trial_)
      retired_.push_back(std::move(trial_));
    if (link_)
      link_->close(grace);
  }

  // -- from the link -------------------------------------------------------------

  void enter(const std::function<void()>& f) override {
    act(f);
  }

  void on_opened() override {
    if (trial_) {
      // It answers by the old transport, which takes over.
      retired_.push_back(std::exchange(link_, std::move(trial_)));
      log_.note("speaks HTTP+SSE of 2024-11-05");
      send(owner_, transport_changed{transport_kind::sse});
      if (auto first = std::exchange(first_, {}); !first.message.empty())
        link_->send(std::move(first));
      return;
    }
    log_.note("is spoken to over HTTP");
    send(owner_, transport_opened{0});
  }

  void on_messages(messages_received x) override {
    send(owner_, std::move(x));
  }

  void on_request_failed(request_failed x) override {
    send(owner_, std::move(x));
  }

  void on_closed(std::string cause, std::string fix, bool never_started) override {
    if (std::exchange(closed_, true))
      return;
    log_.note(cause);
    send(owner_, transport_closed{std::move(cause), std::move(fix), {}, asked_for_, never_started});
    quit();
  }

  void on_old_server(send_message first, std::function<void()> otherwise) override {
    first_ = std::move(first);
    trial_ = make_event_stream_link(context(), [this, otherwise = std::move(otherwise)] {
      // We are inside of it.
      retired_.push_back(std::move(trial_));
      first_ = {};
      otherwise();
    });
    trial_->open();
  }

  static constexpr size_t extra_connections = 32;

  transport_owner owner_;
  http_transport_settings settings_;
  rotated_log log_;
  std::unique_ptr<authorized_client> client_;
  std::unique_ptr<http_link> link_;

  /// The old transport, as long as it is not known whether the server speaks it.
  std::unique_ptr<http_link> trial_;

  /// What the trial sends first.
  send_message first_;

  /// Links that have served: one of their functions may still be running.
  std::vector<std::unique_ptr<http_link>> retired_;

  bool asked_for_ = false;
  bool closed_ = false;
};

} // namespace

transport_actor spawn_http_transport(caf::actor_system& system, shard& home, transport_owner owner,
                                     http_transport_settings settings) {
  return spawn_pinned<http_transport>(system, home, std::move(owner), std::move(settings));
}

} // namespace hub
