#include "server/request_parser.hpp"

#include <algorithm>

namespace hub {

namespace {

// What a request of a usual client takes: one allocation each.
constexpr size_t usual_header_bytes = 480;
constexpr size_t usual_fields = 16;

} // namespace

request_parser::request_parser(size_t header_limit, size_t body_limit) {
  this->header_limit(static_cast<uint32_t>(header_limit));
  this->body_limit(body_limit);
  text_.reserve(usual_header_bytes);
  fields_.reserve(usual_fields);
}

void request_parser::on_request_impl(boost::beast::http::verb method, view, view target, int version, error&) {
  method_ = method;
  version_ = version;
  text_.assign(target.data(), target.size());
  target_size_ = target.size();
}

void request_parser::on_response_impl(int, view, int, error&) {
  // Only for parsers of answers.
}

void request_parser::on_field_impl(field_name known, view name, view value, error&) {
  if (has_header_)
    return;
  text_.append(name.data(), name.size()).append(value.data(), value.size());
  fields_.push_back({known, static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
}

void request_parser::on_header_impl(error&) {
  has_header_ = true;
}

void request_parser::on_body_init_impl(const boost::optional<uint64_t>& length, error&) {
  if (length)
    body_.reserve(static_cast<size_t>(std::min(*length, most_reserved)));
}

size_t request_parser::on_body_impl(view body, error&) {
  body_.append(body.data(), body.size());
  return body.size();
}

void request_parser::on_chunk_header_impl(uint64_t, view, error&) {
  // Extensions are nothing to us.
}

size_t request_parser::on_chunk_body_impl(uint64_t, view body, error&) {
  body_.append(body.data(), body.size());
  return body.size();
}

void request_parser::on_finish_impl(error&) {
  // `is_done` tells.
}

} // namespace hub
