#include "cli/log_file.hpp"

#include "cli/exit_code.hpp"
#include "tests/cli/hub_socket.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <doctest/doctest.h>
#include <fstream>
#include <mutex>
#include <thread>

using hub::cli::log_file;

namespace {

struct log_stage {
  hub::test::scratch_folder folder;
  std::filesystem::path path = folder.path() / "server.log";

  void append(const std::string& text) const {
    std::ofstream{path, std::ios::app} << text;
  }

  std::string tail(size_t lines) const {
    std::string result;
    log_file{path}.tail(lines, [&](std::string_view text) { result += text; });
    return result;
  }
};

/// Text that one thread adds to and another one waits for.
class awaited_text {
public:
  void add(std::string_view text) {
    std::lock_guard guard{mutex_};
    text_ += text;
    changed_.notify_all();
  }

  bool comes(const std::string& text) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return text_.find(text) != std::string::npos; });
  }

  std::string text() {
    std::lock_guard guard{mutex_};
    return text_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
};

} // namespace

TEST_CASE_FIXTURE(log_stage, "the tail has as many lines as asked for") {
  append("one\ntwo\nthree\n");
  CHECK(tail(0) == "");
  CHECK(tail(1) == "three\n");
  CHECK(tail(2) == "two\nthree\n");
  CHECK(tail(3) == "one\ntwo\nthree\n");
  CHECK(tail(9) == "one\ntwo\nthree\n");
  append("half");
  CHECK(tail(1) == "half");
  CHECK(tail(2) == "three\nhalf");
}

TEST_CASE_FIXTURE(log_stage, "the tail of a long log is found from its end") {
  std::string expected;
  for (int i = 0; i < 10'000; ++i) {
    auto line = "line " + std::to_string(i) + " with some words in it\n";
    append(line);
    if (i >= 9'000)
      expected += line;
  }
  CHECK(tail(1000) == expected);
}

TEST_CASE_FIXTURE(log_stage, "a log that is not there yet is empty") {
  CHECK(tail(5) == "");
}

TEST_CASE_FIXTURE(log_stage, "a log that cannot be read is an error") {
  std::ofstream{folder.path() / "file"} << "x";
  path = folder.path() / "file" / "server.log";
  CHECK_THROWS_AS(tail(5), hub::cli::command_error);
}

TEST_CASE_FIXTURE(log_stage, "following sees new lines, a new file and a rotation") {
  awaited_text seen;
  log_file log{path};
  std::atomic<bool> going{true};
  log.tail(10, [&](std::string_view text) { seen.add(text); });
  std::thread follower{[&] { log.follow([&](std::string_view text) { seen.add(text); }, [&] { return going.load(); }); }};
  append("first\n");
  CHECK(seen.comes("first\n"));
  append("second\n");
  CHECK(seen.comes("second\n"));
  std::filesystem::rename(path, folder.path() / "server.log.1");
  append("third\n");
  CHECK(seen.comes("third\n"));
  going = false;
  append("last\n");
  follower.join();
  CHECK(seen.text().find("first\nsecond\nthird\n") == 0);
}
