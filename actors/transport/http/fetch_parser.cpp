#include "actors/transport/http/fetch_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace hub {

namespace http = boost::beast::http;

namespace {

/// How many interim answers may come before the one that counts.
constexpr int most_interim = 16;

/// What a head of a usual server has; one allocation.
constexpr size_t usual_fields = 8;

} // namespace

/// An answer on its way in: Beast's parser, which fills the head, and tells the pieces of
/// the body as it meets them. Trailers are not kept.
class fetch_parser::parsing final : public http::basic_parser<false> {
public:
  /// @param pieces Those of the body of what is just parsed.
  parsing(size_t header_bytes, bool without_body, std::vector<std::string_view>& pieces) : pieces_(pieces) {
    header_limit(static_cast<uint32_t>(header_bytes));
    // Whoever takes the body has a bound of its own.
    body_limit(boost::none);
    skip(without_body);
    head.headers.reserve(usual_fields);
  }

  fetch_head head;

private:
  using error = boost::beast::error_code;
  using view = boost::beast::string_view;

  void on_request_impl(http::verb, view, view, int, error&) override {
    // Only for parsers of requests.
  }

  void on_response_impl(int status, view, int, error&) override {
    head.status = status;
  }

  void on_field_impl(http::field, view name, view value, error&) override {
    if (!is_header_done())
      head.headers.emplace_back(std::string{name.data(), name.size()}, std::string{value.data(), value.size()});
  }

  void on_header_impl(error&) override {
    // `is_header_done` tells.
  }

  void on_body_init_impl(const boost::optional<uint64_t>&, error&) override {
    // Nothing is kept for it.
  }

  size_t on_body_impl(view body, error&) override {
    if (!body.empty())
      pieces_.emplace_back(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(uint64_t, view, error&) override {
    // Extensions are nothing to us.
  }

  size_t on_chunk_body_impl(uint64_t, view body, error& why) override {
    return on_body_impl(body, why);
  }

  void on_finish_impl(error&) override {
    // `is_done` tells.
  }

  std::vector<std::string_view>& pieces_;
};

fetch_parser::fetch_parser(size_t header_bytes) : header_bytes_(header_bytes) {
  // nop
}

fetch_parser::~fetch_parser() {
  // Here, because `parsing` is known here only.
}

void fetch_parser::begin(bool without_body) {
  parsing_.reset();
  pieces_.clear();
  held_ = {};
  used_ = 0;
  interim_ = 0;
  without_body_ = without_body;
  head_taken_ = false;
  state_ = state::idle;
}

fetch_parser::state fetch_parser::feed(std::string_view bytes) {
  pieces_.clear();
  held_.erase(0, std::exchange(used_, 0));
  if (held_.empty()) {
    parse(bytes);
    held_.assign(bytes);
    return state_;
  }
  held_.append(bytes);
  std::string_view all{held_};
  parse(all);
  used_ = held_.size() - all.size();
  return state_;
}

fetch_parser::state fetch_parser::finish() {
  pieces_.clear();
  if (state_ != state::head && state_ != state::body)
    return state_;
  boost::system::error_code failure;
  // Behind an interim answer there is nothing yet.
  if (parsing_)
    parsing_->put_eof(failure);
  if (parsing_ && !failure && parsing_->is_done()) {
    state_ = state::complete;
  } else {
    error_ = "ended in the middle of an answer";
    state_ = state::broken;
  }
  return state_;
}

bool fetch_parser::take_head(fetch_head& to) {
  if (head_taken_ || !parsing_ || !parsing_->is_header_done() || state_ == state::broken)
    return false;
  head_taken_ = true;
  to = std::move(parsing_->head);
  return true;
}

bool fetch_parser::keep_alive() const noexcept {
  return state_ == state::complete && used_ == held_.size() && parsing_ && parsing_->keep_alive();
}

void fetch_parser::parse(std::string_view& bytes) {
  while (!bytes.empty() && state_ != state::complete && state_ != state::broken) {
    if (!parsing_) {
      parsing_ = std::make_unique<parsing>(header_bytes_, without_body_, pieces_);
      state_ = state::head;
    }
    auto& parser = *parsing_;
    boost::system::error_code failure;
    size_t used = 0;
    // Eager only behind the head, so that a put ends where a head does.
    parser.eager(parser.is_header_done());
    used = parser.put(boost::asio::const_buffer{bytes.data(), bytes.size()}, failure);
    bytes.remove_prefix(used);
    if (failure && failure != http::error::need_more) {
      head_too_large_ = failure == http::error::header_limit;
      error_ = head_too_large_ ? "answered with more than " + std::to_string(header_bytes_ / 1024) + " KiB of headers"
                               : "did not answer in HTTP/1.1: " + failure.message();
      state_ = state::broken;
      return;
    }
    if (parser.is_header_done() && parser.head.status / 100 == 1) {
      if (parser.head.status == 101) {
        error_ = "answered with 101, which nobody asked for";
        state_ = state::broken;
        return;
      }
      if (++interim_ > most_interim) {
        error_ = "answered with " + std::to_string(interim_) + " interim answers";
        state_ = state::broken;
        return;
      }
      parsing_.reset();
      state_ = state::head;
      continue;
    }
    if (parser.is_header_done())
      state_ = state::body;
    if (parser.is_done())
      state_ = state::complete;
    if (used == 0)
      break;
  }
  if (state_ == state::head && bytes.size() > header_bytes_) {
    head_too_large_ = true;
    error_ = "answered with more than " + std::to_string(header_bytes_ / 1024) + " KiB of headers";
    state_ = state::broken;
  } else if (state_ == state::body && bytes.size() > header_bytes_) {
    error_ = "sent a chunk header that does not end";
    state_ = state::broken;
  }
}

} // namespace hub
