#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Beast's parser with a memory of its own: the text of all fields of a header in one
/// piece, and the body in one string, which grows as bytes arrive, so that a client that
/// announces much and sends nothing costs little. Trailers are not kept.
class request_parser final : public boost::beast::http::basic_parser<true> {
public:
  using field_name = boost::beast::http::field;

  /// The most that is reserved for a body before it is there, in bytes.
  static constexpr uint64_t most_reserved = 1024 * 1024;

  request_parser(size_t header_limit, size_t body_limit);

  boost::beast::http::verb method() const noexcept {
    return method_;
  }

  /// 10 for HTTP/1.0, 11 for HTTP/1.1.
  int version() const noexcept {
    return version_;
  }

  /// Valid when the header is done, as long as the parser lives.
  std::string_view target() const noexcept {
    return {text_.data(), target_size_};
  }

  /// Calls `f(field_name, name, value)` for each field, in order. The views are valid as
  /// those of `target`.
  template <class F>
  void for_each_field(F&& f) const {
    auto* at = text_.data() + target_size_;
    for (auto& x : fields_) {
      f(x.known, std::string_view{at, x.name_size}, std::string_view{at + x.name_size, x.value_size});
      at += x.name_size + x.value_size;
    }
  }

  /// May be moved away once the request is complete.
  std::string& body() noexcept {
    return body_;
  }

private:
  using error = boost::beast::error_code;
  using view = boost::beast::string_view;

  struct field {
    field_name known;
    uint32_t name_size;
    uint32_t value_size;
  };

  void on_request_impl(boost::beast::http::verb method, view method_text, view target, int version, error& why) override;
  void on_response_impl(int status, view reason, int version, error& why) override;
  void on_field_impl(field_name known, view name, view value, error& why) override;
  void on_header_impl(error& why) override;
  void on_body_init_impl(const boost::optional<uint64_t>& length, error& why) override;
  size_t on_body_impl(view body, error& why) override;
  void on_chunk_header_impl(uint64_t size, view extensions, error& why) override;
  size_t on_chunk_body_impl(uint64_t remaining, view body, error& why) override;
  void on_finish_impl(error& why) override;

  boost::beast::http::verb method_ = boost::beast::http::verb::unknown;
  int version_ = 0;
  bool has_header_ = false;

  /// The target, and names and values as they came.
  std::string text_;
  size_t target_size_ = 0;
  std::vector<field> fields_;
  std::string body_;
};

} // namespace hub
