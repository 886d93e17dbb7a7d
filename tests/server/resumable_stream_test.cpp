#include "server/session_streams.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace hub;

namespace {

struct recording_viewer final : stream_viewer {
  void show_priming(std::string_view id) override {
    seen.push_back("prime " + std::string{id});
  }

  bool show(std::string_view id, const text_parts& message) override {
    seen.push_back(std::string{id} + " " + message.to_string());
    return true;
  }

  bool show_last(std::string_view id, const text_parts& message) override {
    seen.push_back("last " + std::string{id} + " " + message.to_string());
    return sure;
  }

  void let_go() override {
    seen.push_back("let go");
  }

  std::vector<std::string> take() {
    return std::exchange(seen, {});
  }

  std::vector<std::string> seen;
  bool sure = true;
};

using lines = std::vector<std::string>;

text_parts text(std::string x) {
  return text_parts{json_text{std::move(x)}};
}

} // namespace

TEST_CASE("an event id names the stream and how far it was read") {
  auto x = read_event_id("g1f.20-7");
  REQUIRE(x);
  CHECK(x->of_session);
  CHECK(x->stream == "1f.20");
  CHECK(x->seen == 7);
  CHECK(!read_event_id("p1.2-0")->of_session);
  for (auto bad : {"", "p", "-1", "p-1", "x1-1", "p1", "p1-", "p1-x", "p1-1x",
                   "p1-99999999999999999999999"})
    CHECK(!read_event_id(bad));
}

TEST_CASE("who comes back to a stream gets what it missed, once and in order") {
  resumable_stream x{"s", false};
  recording_viewer first;
  x.attach_primed(first);
  x.say(text("a"));
  x.say(text("b"));
  CHECK(first.take() == lines{"prime ps-0", "ps-1 a", "ps-2 b"});
  x.detach(first, 5);
  x.say(text("c"));
  recording_viewer second;
  x.attach(second, 1);
  CHECK(second.take() == lines{"ps-2 b", "ps-3 c"});
  x.say(text("d"));
  CHECK(second.take() == lines{"ps-4 d"});
  x.end(text("answer"), 6);
  CHECK(second.take() == lines{"last ps-5 answer"});
  CHECK(first.take().empty());
}

TEST_CASE("an answer that nobody took waits for who comes back") {
  resumable_stream x{"s", false};
  recording_viewer first;
  x.attach_primed(first);
  x.detach(first, 1);
  x.end(text("answer"), 2);
  CHECK(!x.delivered());
  recording_viewer second;
  x.attach(second, 0);
  CHECK(second.take() == lines{"last ps-1 answer"});
  CHECK(x.delivered());
  recording_viewer third;
  x.attach(third, 1);
  CHECK(third.take() == lines{"last ps-1 "});
}

TEST_CASE("a stream has one viewer, and the newest one is it") {
  resumable_stream x{"s", true};
  recording_viewer first;
  recording_viewer second;
  x.attach(first, 0);
  x.attach(second, 0);
  CHECK(first.take() == lines{"let go"});
  x.detach(first, 1);
  CHECK(x.viewed());
  x.say(text("a"));
  CHECK(second.take() == lines{"gs-1 a"});
}

TEST_CASE("a full stream drops the oldest events and never the answer") {
  event_log x;
  for (size_t i = 0; i < event_log::events_limit + 10; ++i)
    x.append(text("e"));
  size_t count = 0;
  uint64_t first = 0;
  x.for_each_after(0, [&](uint64_t number, const text_parts&) {
    first = first == 0 ? number : first;
    ++count;
  });
  CHECK(count == event_log::events_limit);
  CHECK(first == 11);
  std::string large(event_log::bytes_limit + 1, 'x');
  x.append(text(large));
  CHECK(x.bytes() == 0);
  x.finish(text(large));
  CHECK(x.answer().size() == large.size());
}

TEST_CASE("a session has a bounded number of streams, and answered ones make place") {
  session_streams all;
  std::vector<std::shared_ptr<resumable_stream>> open;
  for (size_t i = 0; i < session_streams::streams_limit; ++i)
    open.push_back(all.open(std::to_string(i), false));
  CHECK(!all.open("one more", false));
  recording_viewer client;
  open[3]->attach(client, 0);
  open[3]->end(text("answer"), 1);
  CHECK(all.open("one more", false));
  CHECK(!all.find("3"));
  CHECK(all.find("4"));
}

TEST_CASE("an answer that may have been lost makes no place") {
  session_streams all;
  for (size_t i = 0; i < session_streams::streams_limit; ++i)
    all.open(std::to_string(i), false);
  recording_viewer client;
  client.sure = false;
  all.find("3")->attach(client, 0);
  all.find("3")->end(text("answer"), 1);
  CHECK(!all.open("one more", false));
}

TEST_CASE("answers that were sent are kept up to a number of bytes, the newest always") {
  session_streams all;
  recording_viewer client;
  std::string large(session_streams::delivered_limit, 'x');
  for (auto name : {"a", "b", "c"}) {
    auto x = all.open(name, false);
    x->attach(client, 0);
    x->end(text(large), 1);
    all.trim();
  }
  CHECK(!all.find("a"));
  CHECK(!all.find("b"));
  CHECK(all.find("c"));
}

TEST_CASE("a stream is forgotten when nobody came back in time") {
  session_streams all;
  auto unread = all.open("unread", true);
  auto read = all.open("read", true);
  auto answered = all.open("answered", false);
  auto forgotten = 0;
  unread->on_forgotten = [&] { ++forgotten; };
  read->on_forgotten = [&] { ++forgotten; };
  recording_viewer client;
  recording_viewer other;
  unread->attach(client, 0);
  unread->detach(client, 10);
  read->attach(other, 0);
  answered->attach(client, 0);
  answered->end(text("x"), 10);
  all.sweep(12, {.alone = 5, .delivered = 2});
  CHECK(all.size() == 3);
  all.sweep(13, {.alone = 5, .delivered = 2});
  CHECK(!all.find("answered"));
  all.sweep(16, {.alone = 5, .delivered = 2});
  CHECK(forgotten == 1);
  CHECK(!all.find("unread"));
  CHECK(all.find("read"));
}
