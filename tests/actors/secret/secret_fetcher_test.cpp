#include "actors/secret/secret_fetcher.hpp"

#include "actors/secret/program_output.hpp"
#include "messages/redaction.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/stage.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("secrets");

namespace {

const std::atomic<bool> never{false};

struct fetcher_stage : stage {
  fetched_secret fetch(const std::string& name, secret_fetcher_settings settings = {true, 2s, 2s}) {
    auto fetcher = system.spawn(secret_fetcher, settings);
    auto result = ask<secrets_fetched>(fetcher, fetch_secrets{{name}});
    self->send_exit(fetcher, caf::exit_reason::user_shutdown);
    settle();
    REQUIRE(result.secrets.contains(name));
    return result.secrets[name];
  }
};

} // namespace

TEST_CASE_FIXTURE(fetcher_stage, "a command's output is the secret, without the line end, and is masked from then on") {
  auto secret = fetch("cmd:printf 'open-sesame-%s\\n' 42");
  CHECK(secret.value == "open-sesame-42");
  CHECK(secret.cause.empty());
  CHECK(process_redaction().apply("the word is open-sesame-42!") == "the word is ***!");
}

TEST_CASE_FIXTURE(fetcher_stage, "no command runs unless the configuration allows it") {
  scratch_folder folder;
  auto secret = fetch("cmd:touch " + folder.at("ran"), {});
  CHECK(secret.value.empty());
  CHECK(secret.fix.find("\"secret_commands\": true") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.at("ran")));
}

TEST_CASE_FIXTURE(fetcher_stage, "a command that fails, prints nothing, too much, or does not end says so") {
  CHECK(fetch("cmd:echo no such vault >&2; exit 3").cause.ends_with("which exited with 3: no such vault"));
  CHECK(fetch("cmd:true").cause.ends_with("which printed nothing"));
  CHECK(fetch("cmd:yes").cause.ends_with("which printed more than 65536 bytes"));
  auto before = std::chrono::steady_clock::now();
  CHECK(fetch("cmd:exec sleep 1000", {true, 200ms, 200ms}).cause.ends_with("which did not end within 0 s"));
  CHECK(std::chrono::steady_clock::now() - before < 100s);
}

TEST_CASE("a program that is not there is told from one that fails") {
  CHECK(run_program({"no-such-program-here"}, 1s, 100, never).failure.starts_with("could not be started"));
  CHECK(run_program({"sh", "-c", "kill -9 $$"}, 1s, 100, never).failure == "was killed by signal 9");
  auto good = run_program({"sh", "-c", "echo out; echo err >&2"}, 5s, 100, never);
  CHECK(good.failure.empty());
  CHECK(good.output == "out\n");
  CHECK(good.complaint == "err\n");
}

TEST_CASE("what a program left in its group goes with it") {
  scratch_folder folder;
  auto result = run_program({"sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"}, 5s, 100, never);
  REQUIRE(result.failure.empty());
  auto pid = std::stoi(result.output);
  auto deadline = std::chrono::steady_clock::now() + 5s;
  while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
    // It may be a zombie until its new parent has seen it.
    std::ifstream stat{"/proc/" + result.output.substr(0, result.output.find('\n')) + "/stat"};
    std::string id;
    std::string name;
    std::string state;
    if (stat >> id >> name >> state && state == "Z")
      break;
  }
  CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("a program does not outlive the hub, nor does its end wait for it") {
  scratch_folder folder;
  std::atomic<bool> ending{false};
  std::thread hub{[&] {
    while (!std::filesystem::exists(folder.at("runs")))
      std::this_thread::yield();
    ending = true;
  }};
  auto result = run_program({"sh", "-c", "touch " + folder.at("runs") + "; exec sleep 1000"}, 100s, 100, ending);
  hub.join();
  CHECK(result.failure == "was ended with the hub");
}
