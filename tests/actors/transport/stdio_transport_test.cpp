#include "tests/actors/transport/transport_stage.hpp"

#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("stdio_transport");

using texts = std::vector<std::string>;

TEST_CASE_FIXTURE(transport_stage, "messages go to the child and come back in order") {
  run("exec cat");
  texts expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back("{\"id\":" + std::to_string(i) + "}");
    say(expected.back());
  }
  CHECK(diary.wait_messages(expected.size()) == expected);
  CHECK(diary.wait_opened() > 0);
}

TEST_CASE_FIXTURE(transport_stage, "a message may consist of many parts") {
  run("exec cat");
  text_parts message;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    auto part = std::to_string(i) + ",";
    expected += part;
    message.append(json_text{part});
  }
  say(message);
  CHECK(diary.wait_messages(1) == texts{expected});
}

TEST_CASE_FIXTURE(transport_stage, "ten megabytes go to the child and come back as one message") {
  run("exec cat");
  std::string big(10'000'000, 'x');
  big[5'000'000] = 'y';
  say(big);
  say("after");
  CHECK(diary.wait_messages(2) == texts{big, "after"});
}

TEST_CASE_FIXTURE(transport_stage, "blank lines and carriage returns of a child are not passed on") {
  run("printf 'a\\r\\n\\n  \\nb\\nrest'");
  CHECK(diary.wait_messages(3) == texts{"a", "b", "rest"});
}

TEST_CASE_FIXTURE(transport_stage, "twenty megabytes on stderr hold nobody up and stay bounded on disk") {
  run("i=0; while [ $i -lt 20 ]; do head -c 1000000 /dev/zero | tr '\\0' 'e' >&2; echo >&2; i=$((i+1)); done; "
      "echo done; echo last >&2");
  CHECK(diary.wait_messages(1) == texts{"done"});
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "exited with 0");
  REQUIRE_FALSE(closed.last_stderr.empty());
  CHECK(closed.last_stderr.size() == 20);
  CHECK(closed.last_stderr.back() == "last");
  uintmax_t total = 0;
  for (auto& entry : std::filesystem::directory_iterator{folder.at("logs")})
    total += entry.file_size();
  CHECK(total <= 3 * 1024 * 1024);
}

TEST_CASE_FIXTURE(transport_stage, "the log tells when a child began and how it ended") {
  run("echo oops >&2; exit 3");
  auto pid = diary.wait_opened();
  diary.wait_closed();
  CHECK(folder.read("logs/one.log")
        == "[hub] started with pid " + std::to_string(pid) + "\noops\n[hub] exited with 3\n");
}

TEST_CASE_FIXTURE(transport_stage, "a running child is noted on disk and the note goes with it") {
  run("exec cat");
  auto note = "children/" + std::to_string(diary.wait_opened());
  CHECK(folder.read(note).ends_with("\none\n"));
  close(10'000);
  diary.wait_closed();
  CHECK(folder.read(note) == "");
}

TEST_CASE_FIXTURE(transport_stage, "a running child costs its pipes, a descriptor of its end, and one of its log") {
  auto before = open_descriptors();
  run("exec cat");
  say("x");
  diary.wait_messages(1);
  wait_for_starts();
  CHECK(on(home, open_descriptors) == before + 5);
}

TEST_CASE_FIXTURE(transport_stage, "a line over the limit ends the connection and says so") {
  limits.line_bytes = 2 << 20;
  run("tr '\\0' 'x' </dev/zero");
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "sent a line of more than 2 MiB");
  CHECK_FALSE(closed.fix.empty());
  CHECK_FALSE(is_running(static_cast<pid_t>(diary.wait_opened())));
}

TEST_CASE_FIXTURE(transport_stage, "a child that does not read ends when too much waits for it") {
  limits.queued_bytes = 4 << 20;
  run("exec sleep 1000");
  diary.wait_opened();
  for (int i = 0; i < 8; ++i)
    say(std::string(1 << 20, 'x'));
  auto closed = diary.wait_closed();
  CHECK(closed.cause.starts_with("does not read its stdin: "));
  CHECK_FALSE(is_running(static_cast<pid_t>(diary.wait_opened())));
}

TEST_CASE_FIXTURE(transport_stage, "a child that reads slowly gets everything") {
  run("sleep 0.2; exec cat");
  texts expected;
  for (int i = 0; i < 5; ++i) {
    expected.push_back(std::string(1 << 20, static_cast<char>('a' + i)));
    say(expected.back());
  }
  CHECK(diary.wait_messages(5) == expected);
}
