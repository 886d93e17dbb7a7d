#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hub::test {

/// A folder that is gone at the end of the test.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const noexcept {
    return path_;
  }

private:
  std::filesystem::path path_;
};

/// What a client of `hub_socket` asked.
struct seen_request {
  std::string method;
  std::string target;

  /// Names in lower case.
  std::map<std::string, std::string> headers;

  std::string body;
};

/// What it is answered.
struct scripted_answer {
  unsigned status = 200;
  std::string content_type = "application/json";

  /// Written one by one as chunks of the body.
  std::vector<std::string> chunks;

  /// Answer nothing and wait until the client closes.
  bool silent = false;

  /// Close before the end of the body.
  bool broken = false;
};

/// A real HTTP server on the Unix socket `hub.sock` in a folder, which answers
/// what the test says.
class hub_socket {
public:
  using handler = std::function<scripted_answer(const seen_request&)>;

  hub_socket(const std::filesystem::path& folder, handler handle);
  ~hub_socket();

  hub_socket(const hub_socket&) = delete;
  hub_socket& operator=(const hub_socket&) = delete;

  /// All requests until now.
  std::vector<seen_request> seen() const;

private:
  using unix_socket = boost::asio::local::stream_protocol;

  void serve();
  void talk(unix_socket::socket socket);

  handler handle_;
  boost::asio::io_context io_;
  unix_socket::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<seen_request> seen_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace hub::test
