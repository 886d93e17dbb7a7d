#include "actors/transport/http/fetch_parser.hpp"

#include <boost/beast/http/parser.hpp>

#include <utility>

namespace hub {

namespace http = boost::beast::http;

namespace {

/// How many interim answers may come before the one that counts.
constexpr int most_interim = 16;

/// A body that is not kept: the pieces of what was just parsed.
struct passing_body {
  using value_type = std::vector<std::string_view>;

  class reader {
  public:
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, value_type& pieces) : pieces_(pieces) {
      // nop
    }

    void init(const boost::optional<uint64_t>&, boost::system::error_code& failure) {
      failure = {};
    }

    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& failure) {
      size_t taken = 0;
      for (auto i = boost::asio::buffer_sequence_begin(buffers); i != boost::asio::buffer_sequence_end(buffers); ++i) {
        boost::asio::const_buffer part = *i;
        if (part.size() != 0)
          pieces_.emplace_back(static_cast<const char*>(part.data()), part.size());
        taken += part.size();
      }
      failure = {};
      return taken;
    }

    void finish(boost::system::error_code& failure) {
      failure = {};
    }

  private:
    value_type& pieces_;
  };
};

} // namespace

/// An answer on its way in.
struct fetch_parser::parsing {
  parsing(size_t header_bytes, bool without_body) {
    parser.header_limit(static_cast<uint32_t>(header_bytes));
    // Whoever takes the body has a bound of its own.
    parser.body_limit(boost::none);
    parser.skip(without_body);
  }

  http::response_parser<passing_body> parser;
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
    parsing_->parser.put_eof(failure);
  if (parsing_ && !failure && parsing_->parser.is_done()) {
    state_ = state::complete;
  } else {
    error_ = "ended in the middle of an answer";
    state_ = state::broken;
  }
  return state_;
}

bool fetch_parser::take_head(fetch_head& to) {
  if (head_taken_ || !parsing_ || !parsing_->parser.is_header_done() || state_ == state::broken)
    return false;
  head_taken_ = true;
  auto& message = parsing_->parser.get();
  to.status = static_cast<int>(message.result_int());
  to.headers.clear();
  to.headers.reserve(8);
  for (auto& field : message)
    to.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  return true;
}

bool fetch_parser::keep_alive() const noexcept {
  return state_ == state::complete && used_ == held_.size() && parsing_ && parsing_->parser.keep_alive();
}

void fetch_parser::parse(std::string_view& bytes) {
  while (!bytes.empty() && state_ != state::complete && state_ != state::broken) {
    if (!parsing_) {
      parsing_ = std::make_unique<parsing>(header_bytes_, without_body_);
      state_ = state::head;
    }
    auto& parser = parsing_->parser;
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
    if (parser.is_header_done() && parser.get().result_int() / 100 == 1) {
      if (parser.get().result_int() == 101) {
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
    if (parser.is_done()) {
      // What its body pieces were stays in `parser.get().body()`.
      state_ = state::complete;
    }
    auto& fresh = parser.get().body();
    pieces_.insert(pieces_.end(), fresh.begin(), fresh.end());
    fresh.clear();
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
