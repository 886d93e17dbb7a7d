#include "actors/audit/audit.hpp"
#include "actors/audit/audit_text.hpp"
#include "actors/call/call_feed.hpp"
#include "messages/access.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/stage.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("audit");

namespace {

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> result;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    result.push_back(line);
  return result;
}

/// What is wrong with the chain; empty if nothing is.
std::string check(const std::filesystem::path& newest) {
  chain_position position;
  auto first = true;
  for (auto& file : audit_files(newest))
    for (auto& line : lines_of(file))
      if (auto wrong = check_line(line, position, std::exchange(first, false)))
        return file.filename().string() + ": " + *wrong;
  return {};
}

void rewrite(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  std::ofstream out{file, std::ios::trunc};
  for (auto& line : lines)
    out << line << '\n';
}

call_record record_of(std::string params) {
  call_record x;
  auto client = std::make_shared<client_context>();
  client->name = "evil\n{\"seq\":1}\x1b[31m";
  client->version = "1";
  client->who = std::make_shared<const principal>(principal{"id", "ci", "user", 0});
  x.client = client;
  x.origin = std::make_shared<const call_origin>(call_origin{"abc", "plain"});
  x.at = std::chrono::system_clock::time_point{std::chrono::milliseconds{1'700'000'000'007}};
  x.server = "plain";
  x.method = "tools/call";
  x.params = json_text{std::move(params)};
  x.microseconds = 1500;
  return x;
}

std::string members_of(const call_record& x, bool arguments) {
  audit_text text;
  std::string result;
  text.add(result, x, arguments);
  REQUIRE(result.ends_with('\n'));
  result.pop_back();
  return result;
}

} // namespace

TEST_CASE("a chain goes on over files, and whatever is done to a line shows") {
  test::scratch_folder folder;
  std::filesystem::path file = folder.at("audit.jsonl");
  {
    audit_log log{{file, 700, 3}};
    for (int i = 0; i < 10; ++i)
      CHECK(log.append("\"n\":" + std::to_string(i) + "\n\"x\":1\n") == 0);
  }
  CHECK(audit_files(file).size() == 3);
  CHECK(check(file) == "");
  {
    audit_log log{{file, 700, 3}};
    CHECK(log.append("\"again\":true\n") == 0);
  }
  CHECK(check(file) == "");
  using std::filesystem::perms;
  for (auto& x : audit_files(file))
    CHECK(std::filesystem::status(x).permissions() == (perms::owner_read | perms::owner_write));
  auto older = audit_files(file)[1];
  auto good = lines_of(older);
  REQUIRE(good.size() >= 2);
  auto bad = good;
  bad[0].insert(1, " ");
  rewrite(older, bad);
  CHECK(check(file).find("was changed") != std::string::npos);
  bad = good;
  bad.erase(bad.begin());
  rewrite(older, bad);
  CHECK(check(file).find("lines are missing") != std::string::npos);
  bad = good;
  std::swap(bad[0], bad[1]);
  rewrite(older, bad);
  CHECK(check(file) != "");
  // One who knows how to make a line has to make all later ones, too.
  bad = good;
  chain_position forged = read_position(bad[0]).value();
  bad[1].clear();
  seal_line(bad[1], "\"forged\":1", forged);
  rewrite(older, bad);
  CHECK(check(file).find("does not follow") != std::string::npos);
  rewrite(older, good);
  CHECK(check(file) == "");
}

TEST_CASE("a line that a crash has cut off is cut away, and the chain goes on") {
  test::scratch_folder folder;
  std::filesystem::path file = folder.at("audit.jsonl");
  {
    audit_log log{{file}};
    CHECK(log.append("\"a\":1\n\"b\":2\n") == 0);
  }
  std::ofstream{file, std::ios::app} << "{\"seq\":3,\"c";
  audit_log log{{file}};
  CHECK(log.append("\"d\":4\n") == 0);
  CHECK(check(file) == "");
  CHECK(lines_of(file).size() == 3);
}

TEST_CASE("a disk that takes nothing loses lines and not the chain") {
  test::scratch_folder folder;
  std::filesystem::path file = folder.at("folder") + "/audit.jsonl";
  audit_log log{{file}};
  CHECK(log.append("\"a\":1\n") == ENOENT);
  std::filesystem::create_directory(folder.at("folder"));
  CHECK(log.append("\"a\":1\n") == 0);
  CHECK(check(file) == "");
}

TEST_CASE("a symbolic link leads the audit nowhere") {
  test::scratch_folder folder;
  std::filesystem::create_symlink(folder.at("elsewhere"), folder.at("audit.jsonl"));
  audit_log log{{folder.at("audit.jsonl")}};
  CHECK(log.append("\"a\":1\n") == ELOOP);
  CHECK_FALSE(std::filesystem::exists(folder.at("elsewhere")));
}

TEST_CASE("a record says who called what, and its arguments only by their hash") {
  auto x = record_of(R"({"name":"echo","arguments":{"key":"hunter2"}})");
  permission_rule rule;
  rule.name = "permissions[1]";
  rule.act = permission::warn;
  x.rule = &rule;
  auto text = "{" + members_of(x, false) + "}";
  CHECK_FALSE(rpc::check_json(text).has_value());
  auto member = [&](const char* key) { return rpc::unquote(rpc::member(text, key)).value_or(std::string{rpc::member(text, key)}); };
  CHECK(member("time") == "2023-11-14T22:13:20.007Z");
  CHECK(member("principal") == "ci");
  CHECK(member("session") == "abc");
  CHECK(member("door") == "/mcp/plain");
  CHECK(member("tool") == "echo");
  CHECK(member("outcome") == "ok");
  CHECK(member("ms") == "1.500");
  CHECK(member("rule") == "permissions[1]");
  CHECK(member("decision") == "warn");
  CHECK(member("arguments_sha256") == sha256_hex(R"({"key":"hunter2"})"));
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(member("client") == x.client->name);
  CHECK(text.find_first_of("\n\x1b") == std::string::npos);
  CHECK(rpc::unquote(rpc::member("{" + members_of(x, true) + "}", "arguments")) == R"({"key":"hunter2"})");
  CHECK(members_of(record_of(R"({"name":"a","Name":"b"})"), false).find("(unclear)") != std::string::npos);
}

TEST_CASE("what waits for the audit has a bound, and what is over it is counted") {
  audit_gauge gauge;
  CHECK(gauge.enter(audit_gauge::records_limit, 10));
  CHECK_FALSE(gauge.enter(1, 10));
  CHECK(gauge.dropped == 1);
  gauge.leave(audit_gauge::records_limit, 10);
  CHECK(gauge.enter(1, audit_gauge::bytes_limit));
  CHECK_FALSE(gauge.enter(1, 1));
  CHECK(gauge.untold == 2);
}

TEST_CASE_FIXTURE(test::stage, "what was dropped is told by a line when there can be lines again") {
  test::scratch_folder folder;
  std::filesystem::path file = folder.at("folder") + "/audit.jsonl";
  auto gauge = std::make_shared<audit_gauge>();
  auto log = system.spawn(audit, audit_settings{{file}, false, gauge});
  auto write = [&](size_t count) {
    std::vector<call_record> records(count, record_of(R"({"name":"echo"})"));
    REQUIRE(gauge->enter(count, count * records[0].params.size()));
    self->send(log, calls_ended{std::make_shared<const std::vector<call_record>>(std::move(records))});
    settle();
  };
  write(3);
  CHECK(gauge->failure == ENOENT);
  CHECK(gauge->dropped == 3);
  std::filesystem::create_directory(folder.at("folder"));
  gauge->untold += 2;
  write(1);
  CHECK(gauge->failure == 0);
  CHECK(gauge->records == 0);
  CHECK(gauge->bytes == 0);
  auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("\"event\":\"dropped\",\"count\":5") != std::string::npos);
  CHECK(check(file) == "");
  self->send_exit(log, caf::exit_reason::user_shutdown);
  settle();
}

TEST_CASE("the end of a call is told by its answer") {
  auto outcome = [](answer_kind kind, std::string body) {
    open_call call;
    call.request.method = "tools/call";
    rpc_answer answer;
    answer.kind = kind;
    answer.body = json_text{std::move(body)};
    call_feed ends;
    ends.note(call, answer, 1);
    return ends.take()->at(0).outcome;
  };
  CHECK(outcome(answer_kind::result, R"({"content":[]})") == call_outcome::ok);
  CHECK(outcome(answer_kind::result, R"({"content":[],"isError":true})") == call_outcome::tool_error);
  CHECK(outcome(answer_kind::error, "{}") == call_outcome::error);
  CHECK(outcome(answer_kind::failure, "") == call_outcome::failed);
  CHECK(outcome(answer_kind::cancelled, "") == call_outcome::cancelled);
}

TEST_CASE("each line tells of its own client, however many there are") {
  audit_text text;
  std::vector<call_record> records;
  for (int i = 0; i < 300; ++i) {
    auto x = record_of("{}");
    auto client = std::make_shared<client_context>();
    client->name = "client" + std::to_string(i);
    x.client = client;
    x.origin = i % 3 == 0 ? nullptr : std::make_shared<const call_origin>(call_origin{"s" + std::to_string(i), i % 3 == 1 ? "" : "door"});
    records.push_back(std::move(x));
  }
  for (int turn = 0; turn < 2; ++turn)
    for (int i = 0; i < 300; ++i) {
      std::string line;
      text.add(line, records[static_cast<size_t>(i)], false);
      line = "{" + line.substr(0, line.size() - 1) + "}";
      CHECK_FALSE(rpc::check_json(line));
      CHECK(rpc::member(line, "client") == "\"client" + std::to_string(i) + "\"");
      CHECK(rpc::unquote(rpc::member(line, "session")).value_or("") == (i % 3 == 0 ? "" : "s" + std::to_string(i)));
      CHECK(rpc::unquote(rpc::member(line, "door")).value_or("") == (i % 3 == 0 ? "" : i % 3 == 1 ? "/mcp" : "/mcp/door"));
    }
}

TEST_CASE("each line tells of its own tool, server and outcome, however many there are") {
  audit_text text;
  for (int turn = 0; turn < 2; ++turn)
    for (int i = 0; i < 600; ++i) {
      auto name = "n" + std::to_string(i / 6);
      auto x = record_of(R"({"name":")" + name + R"(","uri":")" + name + R"("})");
      x.server = i % 2 == 0 ? "a" : "b";
      x.method = i % 3 == 0 ? "tools/call" : i % 3 == 1 ? "prompts/get" : "resources/read";
      x.outcome = i % 5 == 0 ? call_outcome::failed : call_outcome::ok;
      std::string line;
      text.add(line, x, false);
      line = "{" + line.substr(0, line.size() - 1) + "}";
      CHECK_FALSE(rpc::check_json(line));
      CHECK(rpc::member(line, i % 3 == 0 ? "tool" : i % 3 == 1 ? "prompt" : "uri") == '"' + name + '"');
      CHECK(rpc::member(line, i % 3 == 0 ? "uri" : "tool").empty());
      CHECK(rpc::member(line, "server") == (i % 2 == 0 ? "\"a\"" : "\"b\""));
      CHECK(rpc::member(line, "outcome") == (i % 5 == 0 ? "\"failed\"" : "\"ok\""));
    }
}

TEST_CASE("lines have their own time, within a second and from one to the next") {
  audit_text text;
  auto at = [&](int64_t ms) {
    auto x = record_of("{}");
    x.at = std::chrono::system_clock::time_point{std::chrono::milliseconds{ms}};
    std::string line;
    text.add(line, x, false);
    return rpc::unquote(rpc::member("{" + line + "}", "time")).value_or("");
  };
  CHECK(at(0) == "1970-01-01T00:00:00.000Z");
  CHECK(at(1'700'000'000'007) == "2023-11-14T22:13:20.007Z");
  CHECK(at(1'700'000'000'999) == "2023-11-14T22:13:20.999Z");
  CHECK(at(1'700'000'001'000) == "2023-11-14T22:13:21.000Z");
  CHECK(at(1'700'000'000'120) == "2023-11-14T22:13:20.120Z");
}

TEST_CASE("a sealed line has its number, its predecessor and the hash of all that is before") {
  chain_position position{41, std::string(64, 'a')};
  std::string line = "before\n";
  seal_line(line, "\"x\":1", position);
  std::string sealed = R"({"seq":42,"x":1,"prev":")" + std::string(64, 'a') + '"';
  CHECK(line == "before\n" + sealed + R"(,"hash":")" + sha256_hex(sealed) + "\"}");
  CHECK(position.number == 42);
  CHECK(position.hash == sha256_hex(sealed));
}
