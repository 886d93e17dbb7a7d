#pragma once

#include "actors/transport/event_stream.hpp"
#include "actors/transport/http/http_url.hpp"
#include "actors/transport/http_link.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// HTTP+SSE of 2024-11-05 towards one server: everything from the server comes on the
/// stream of one GET, whose first event names the endpoint for POSTs. There is no
/// resumption: the session ends with the stream.
class event_stream_link final : public http_link {
public:
  event_stream_link(http_link_context context, std::function<void()> otherwise);

  ~event_stream_link() override;

  void open() override;
  void send(send_message x) override;
  void abandon(int64_t id) override;
  void close(std::chrono::milliseconds grace) override;

private:
  class stream_reader;
  class post_reader;

  /// A message on its way.
  struct posted {
    int64_t id = 0;
    fetch_id fetch = 0;
    int status = 0;
    std::string body;
  };

  using posted_ptr = std::shared_ptr<posted>;

  void post(send_message x);
  void on_stream_head(const fetch_head& head);
  void on_stream_data(std::string_view data);
  void on_stream_end();
  void on_stream_failure(const fetch_failure& why);
  void on_endpoint(const std::string& reference);
  void on_posted(const posted_ptr& x);
  void on_post_failure(const posted_ptr& x, const fetch_failure& why);
  void end(std::string cause, std::string fix, bool never_started);

  http_link_context context_;
  std::function<void()> otherwise_;
  event_stream_parser events_;
  fetch_id stream_ = 0;

  /// The answer to the GET.
  int status_ = 0;
  std::string stream_url_;
  bool is_stream_ = false;
  std::string refusal_;

  /// Where messages go; empty before the stream says so.
  std::string endpoint_;

  std::map<posted*, posted_ptr> posts_;
  std::deque<send_message> queue_;
  boost::asio::steady_timer timer_;
  bool ended_ = false;

  /// The timer knows it weakly.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace hub
