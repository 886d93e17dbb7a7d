#include "actors/telemetry/otlp_spans.hpp"
#include "actors/telemetry/span_export.hpp"
#include "actors/telemetry/telemetry.hpp"
#include "actors/telemetry/trace_store.hpp"

#include "messages/rpc/json_scan.hpp"

#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("traces");

namespace {

using time_point = call_times::time_point;

constexpr time_point zero{1h};

call_record record_of(std::string tool = "log") {
  call_record x;
  x.at = std::chrono::system_clock::time_point{1'700'000'000s};
  x.server = "git";
  x.method = "tools/call";
  x.params = json_text{R"({"name":")" + tool + R"("})"};
  x.request = "7";
  x.times.received = zero;
  x.times.admitted = zero + 1ms;
  x.times.sent = zero + 1ms;
  x.times.answered = zero + 9ms;
  x.times.ended = zero + 10ms;
  return x;
}

std::string steps_of(const call_record& x) {
  std::string result;
  call_trace{x, "log"}.for_each_span([&](const call_span& span) {
    auto ms = [](auto d) { return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()); };
    result += (span.name.empty() ? "whole" : std::string{span.name}) + " " + ms(span.from - zero) + "-" + ms(span.to - zero) + " ";
  });
  return result;
}

trace_context_ptr context_of(const char* text) {
  return std::make_shared<const trace_context>(*read_traceparent(text));
}

constexpr auto known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr auto unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// A collector that notes what it is sent and answers as it is told.
struct collector_record {
  std::vector<web_request> taken;
  int status = 200;
};

web_actor::behavior_type fake_collector(web_actor::pointer, std::shared_ptr<collector_record> record) {
  return {
    [record](const fetch_document& x) {
      record->taken.push_back(x.request);
      web_answer answer;
      answer.status = record->status;
      return answer;
    },
  };
}

struct fixture : test::stage {
  std::shared_ptr<collector_record> collected = std::make_shared<collector_record>();
  std::shared_ptr<observer_gauge> gauge = std::make_shared<observer_gauge>();
  std::shared_ptr<test::supervisor_record> servers = std::make_shared<test::supervisor_record>();
  telemetry_actor telemetry = system.spawn(hub::telemetry, telemetry_settings{
    gauge, system.spawn(test::fake_supervisor, servers),
    collector{"http://collector/v1/traces", {{"X-Key", "k"}}, "slm-hub", system.spawn(fake_collector, collected)}});

  void end_calls(size_t count, const call_record& x = record_of()) {
    std::vector<call_record> records(count, x);
    REQUIRE(gauge->enter(count, weight_of(records)));
    self->send(telemetry, calls_ended{std::make_shared<const std::vector<call_record>>(std::move(records))});
    settle();
  }

  std::string traces(const std::string& query = "") {
    return ask<report>(telemetry, get_report{"traces", query, false}).text;
  }

  std::string exported(const char* key) {
    return std::string{rpc::member(rpc::member(traces(), "export"), key)};
  }
};

} // namespace

// -- steps ------------------------------------------------------------------------

TEST_CASE("a call that went straight through has been admitted, served and answered") {
  CHECK(steps_of(record_of()) == "whole 0-10 admission 0-1 server 1-9 answer 9-10 ");
}

TEST_CASE("the start of a server and the line before it are steps of their own") {
  auto x = record_of();
  x.times.start_asked = zero + 1ms;
  x.times.sent = zero + 5ms;
  x.times.let_through = zero + 7ms;
  CHECK(steps_of(x) == "whole 0-10 admission 0-1 start 1-5 queue 5-7 server 7-9 answer 9-10 ");
}

TEST_CASE("a kept result never reached its server, and neither did one that waited for another") {
  auto x = record_of();
  x.times.sent = x.times.answered = {};
  x.times.looked_up = zero + 10ms;
  x.cache = cache_use::hit;
  CHECK(steps_of(x) == "whole 0-10 admission 0-1 cache 1-10 ");
  x.cache = cache_use::shared;
  CHECK(steps_of(x) == "whole 0-10 admission 0-1 shared 1-10 ");
}

TEST_CASE("a call that never got an answer ends in the step that it was in") {
  auto x = record_of();
  x.times.answered = {};
  CHECK(steps_of(x) == "whole 0-10 admission 0-1 server 1-10 ");
  x.times.sent = {};
  x.times.start_asked = zero + 2ms;
  CHECK(steps_of(x) == "whole 0-10 admission 0-1 start 2-10 ");
}

TEST_CASE("a refusal has no steps") {
  auto x = record_of();
  x.times = {};
  x.times.received = zero;
  x.times.ended = zero + 1ms;
  CHECK(steps_of(x) == "whole 0-1 ");
}

TEST_CASE("ids come from the client, or are made when somebody looks") {
  auto x = record_of();
  call_trace own{x, "log"};
  CHECK(own.trace);
  CHECK(own.parent == 0);
  CHECK(own.whole != own.call);
  x.trace = context_of(known);
  call_trace given{x, "log"};
  CHECK(to_string(given.trace) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(span_text(given.parent) == "b7ad6b7169203331");
  CHECK(given.call == x.trace->call);
}

// -- what is kept -------------------------------------------------------------------

TEST_CASE("the last calls are kept and no more") {
  trace_store store;
  for (size_t i = 0; i < trace_store::capacity + 50; ++i)
    store.add(record_of(), "tool" + std::to_string(i));
  CHECK(store.size() == trace_store::capacity);
  auto newest = store.newest(3);
  REQUIRE(newest.size() == 3);
  CHECK(newest[0]->target == "tool" + std::to_string(trace_store::capacity + 49));
  CHECK(newest[2]->target == "tool" + std::to_string(trace_store::capacity + 47));
  CHECK(store.newest(100'000).size() == trace_store::capacity);
}

TEST_CASE("names that are too long are cut between characters") {
  call_trace x{record_of(), std::string(255, 'x') + "\xC3\xBC"};
  CHECK(x.target == std::string(255, 'x'));
}

TEST_CASE("calls of one trace are found by the beginning of its id, in their order") {
  trace_store store;
  auto second = record_of();
  second.trace = context_of(known);
  auto first = second;
  first.times.received = zero - 5ms;
  store.add(second, "second");
  store.add(first, "first");
  auto found = store.find("0af7");
  auto* calls = std::get_if<std::vector<const call_trace*>>(&found);
  REQUIRE(calls);
  REQUIRE(calls->size() == 2);
  CHECK((*calls)[0]->target == "first");
  auto json = trace_json(*calls);
  CHECK_FALSE(rpc::check_json(json));
  CHECK(rpc::member(json, "trace_id") == "\"0af7651916cd43dd8448eb211c80319c\"");
  CHECK(std::get<trace_store::match>(store.find("0af8")) == trace_store::match::none);
  auto other = record_of();
  other.trace = context_of("00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-01");
  store.add(other, "third");
  CHECK(std::get<trace_store::match>(store.find("0af7")) == trace_store::match::several);
}

// -- what is sent --------------------------------------------------------------------

TEST_CASE("a batch is sent when it is old enough or large enough, one at a time") {
  span_export x;
  call_trace call{record_of(), "log"};
  CHECK_FALSE(x.next(zero));
  x.add(call, zero);
  CHECK_FALSE(x.next(zero + 900ms));
  CHECK(x.next(zero + 1s));
  CHECK(x.on_the_way());
  for (size_t i = 0; i < span_export::batch_calls; ++i)
    x.add(call, zero + 1s);
  CHECK_FALSE(x.next(zero + 1s));
  x.on_answer(200, zero + 1s);
  CHECK(x.sent() == 1);
  CHECK(x.next(zero + 1s));
  x.on_answer(202, zero + 1s);
  CHECK(x.sent() == 1 + span_export::batch_calls);
  CHECK(x.empty());
}

TEST_CASE("what a collector cannot take now is sent again, five times with longer pauses") {
  span_export x;
  x.add(call_trace{record_of(), "log"}, zero);
  auto now = zero + 1s;
  auto first = x.next(now);
  REQUIRE(first);
  std::string spans{*first};
  for (auto pause : {1s, 2s, 4s, 8s}) {
    x.on_answer(503, now);
    CHECK_FALSE(x.works());
    CHECK_FALSE(x.next(now + pause - 1ms));
    now += pause;
    CHECK(x.next(now) == spans);
  }
  x.on_answer(0, now);
  CHECK(x.dropped() == 1);
  CHECK(x.empty());
}

TEST_CASE("what a collector will never take is dropped at once") {
  span_export x;
  x.add(call_trace{record_of(), "log"}, zero);
  CHECK(x.next(zero + 1s));
  x.on_answer(400, zero + 1s);
  CHECK(x.dropped() == 1);
  CHECK(x.empty());
}

TEST_CASE("while a collector does not answer, no more waits than there is room for") {
  span_export x;
  call_trace call{record_of(), "log"};
  x.add(call, zero);
  REQUIRE(x.next(zero + 1s));
  for (size_t i = 0; i < span_export::calls_limit + 100; ++i)
    x.add(call, zero + 1s);
  CHECK(x.dropped() == 100);
  x.on_answer(200, zero + 20s);
  REQUIRE(x.next(zero + 20s));
  x.on_answer(200, zero + 20s);
  CHECK(x.sent() == 1 + span_export::calls_limit);
}

TEST_CASE_FIXTURE(fixture, "spans are posted to the collector within a second or so") {
  end_calls(2);
  CHECK(collected->taken.empty());
  pass(1s);
  pass(200ms);
  REQUIRE(collected->taken.size() == 1);
  auto& request = collected->taken[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "http://collector/v1/traces");
  CHECK(request.headers == std::vector<std::pair<std::string, std::string>>{{"X-Key", "k"}, {"Content-Type", "application/x-protobuf"}});
  CHECK(request.body.find("tools/call log") != std::string::npos);
  CHECK(exported("sent") == "2");
  CHECK(gauge->records == 0);
}

TEST_CASE_FIXTURE(fixture, "a trace that its client does not have recorded is kept but not sent") {
  auto x = record_of();
  x.trace = context_of(unsampled);
  end_calls(1, x);
  pass(2s);
  CHECK(collected->taken.empty());
  CHECK(traces("id=0af7").find("\"spans\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a collector that fails costs its traces and nothing else") {
  collected->status = 500;
  end_calls(3);
  pass(2s);
  CHECK(exported("dropped") == "3");
  CHECK(exported("works") == "false");
  collected->status = 200;
  end_calls(1);
  pass(2s);
  CHECK(exported("works") == "true");
  CHECK(rpc::member(ask<report>(telemetry, get_report{"calls", "", false}).text, "calls").find("\"calls\":4") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "as the hub ends, what waits is sent at once, and a dead collector is not waited for") {
  end_calls(1);
  ask<records_settled>(telemetry, settle_records{});
  CHECK(collected->taken.size() == 1);
  collected->status = 503;
  end_calls(1);
  ask<records_settled>(telemetry, settle_records{});
  CHECK(collected->taken.size() == 2);
  CHECK(exported("dropped") == "1");
}

TEST_CASE_FIXTURE(fixture, "traces are listed, newest first, and as many as are wanted") {
  end_calls(3);
  end_calls(1, record_of("push"));
  auto list = traces("limit=2");
  CHECK_FALSE(rpc::check_json(list));
  size_t count = 0;
  rpc::for_each_element(rpc::member(list, "traces"), [&](std::string_view x) {
    CHECK(rpc::member(x, "target") == (count == 0 ? "\"push\"" : "\"log\""));
    ++count;
    return true;
  });
  CHECK(count == 2);
  CHECK(ask<report>(telemetry, get_report{"traces", "id=ffff", false}).status == 404);
}
