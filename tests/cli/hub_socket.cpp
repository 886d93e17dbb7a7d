#include "tests/cli/hub_socket.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cctype>
#include <cstdlib>

namespace hub::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

scratch_folder::scratch_folder() {
  auto name = (std::filesystem::temp_directory_path() / "slm-hub-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"cannot make a folder for the test"};
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

hub_socket::hub_socket(const std::filesystem::path& folder, handler handle)
  : handle_(std::move(handle)), acceptor_(io_, unix_socket::endpoint{(folder / "hub.sock").string()}),
    thread_([this] { serve(); }) {
  // nop
}

hub_socket::~hub_socket() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  // One more connection wakes the thread.
  unix_socket::socket wake{io_};
  beast::error_code ignored;
  wake.connect(acceptor_.local_endpoint(), ignored);
  thread_.join();
}

std::vector<seen_request> hub_socket::seen() const {
  std::lock_guard guard{mutex_};
  return seen_;
}

void hub_socket::serve() {
  for (;;) {
    unix_socket::socket socket{io_};
    beast::error_code ec;
    acceptor_.accept(socket, ec);
    {
      std::lock_guard guard{mutex_};
      if (stopping_ || ec)
        return;
    }
    talk(std::move(socket));
  }
}

void hub_socket::talk(unix_socket::socket socket) {
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  beast::error_code ec;
  http::read(socket, buffer, request, ec);
  if (ec)
    return;
  seen_request seen{std::string{request.method_string()}, std::string{request.target()}, {}, request.body()};
  for (auto& field : request) {
    auto name = std::string{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    seen.headers[name] = std::string{field.value()};
  }
  auto answer = handle_(seen);
  {
    std::lock_guard guard{mutex_};
    seen_.push_back(std::move(seen));
  }
  if (answer.silent) {
    std::array<char, 16> rest;
    socket.read_some(asio::buffer(rest), ec);
    return;
  }
  http::response<http::empty_body> head{static_cast<http::status>(answer.status), 11};
  head.set(http::field::content_type, answer.content_type);
  head.chunked(true);
  http::response_serializer<http::empty_body> serializer{head};
  http::write_header(socket, serializer, ec);
  for (auto& chunk : answer.chunks)
    asio::write(socket, http::make_chunk(asio::buffer(chunk)), ec);
  if (!answer.broken)
    asio::write(socket, http::make_chunk_last(), ec);
}

} // namespace hub::test
