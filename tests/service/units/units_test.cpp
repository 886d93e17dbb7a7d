#include "service/units/launchd_plist.hpp"
#include "service/units/systemd_unit.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

unit_settings settings() {
  unit_settings result;
  result.command = {"/opt/slm hub/slm-hubd", "--config-dir", "/home/ada/100%/$x"};
  result.reload_command = {"/opt/slm hub/slm-hub", "reload"};
  result.folder = "/home/ada/100%/$x";
  result.path = "/home/ada/.local/bin:/home/ada/.nvm/versions/node/v22/bin:/usr/bin";
  return result;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("units");

TEST_CASE("what systemd would expand in a command is escaped") {
  CHECK(systemd_word("plain") == "\"plain\"");
  CHECK(systemd_word("100% of $HOME") == "\"100%% of $$HOME\"");
  CHECK(systemd_word("a\"b\\c") == "\"a\\\"b\\\\c\"");
}

TEST_CASE("the unit is told of the hub's state and starts it again") {
  auto unit = systemd_unit(settings());
  CHECK(has_line(unit, "Type=notify"));
  CHECK(has_line(unit, "Restart=always"));
  CHECK(has_line(unit, "StartLimitBurst=5"));
  CHECK(has_line(unit, "WatchdogSec=30"));
  CHECK(has_line(unit, "KillMode=mixed"));
  CHECK(has_line(unit, R"(ExecStart="/opt/slm hub/slm-hubd" "--config-dir" "/home/ada/100%%/$$x")"));
  CHECK(has_line(unit, "WantedBy=default.target"));
}

TEST_CASE("the unit keeps the PATH in which servers are found") {
  CHECK(has_line(systemd_unit(settings()),
                 "Environment=\"PATH=/home/ada/.local/bin:/home/ada/.nvm/versions/node/v22/bin:/usr/bin\""));
}

TEST_CASE("the sandbox lets servers write the home, the configuration and what the user names") {
  auto x = settings();
  x.writable = {"/srv/data"};
  auto unit = systemd_unit(x);
  CHECK(has_line(unit, "ProtectSystem=strict"));
  CHECK(has_line(unit, R"(ReadWritePaths=%h -/tmp -/var/tmp -%t "/home/ada/100%%/$x" "-/srv/data")"));
  CHECK(has_line(unit, "NoNewPrivileges=yes"));
}

TEST_CASE("where users can make no namespaces the unit works without a sandbox") {
  auto x = settings();
  x.namespaces = false;
  auto unit = systemd_unit(x);
  CHECK(unit.find("ProtectSystem=") == std::string::npos);
  CHECK(unit.find("ReadWritePaths=") == std::string::npos);
  CHECK(has_line(unit, "NoNewPrivileges=yes"));
}

TEST_CASE("nothing that servers need is forbidden") {
  auto unit = "\n" + systemd_unit(settings());
  for (auto* rule : {"MemoryDenyWriteExecute=", "RestrictNamespaces=", "ProtectHome=", "PrivateTmp=", "PrivateNetwork="})
    CHECK(unit.find(std::string{"\n"} + rule) == std::string::npos);
}

TEST_CASE("a unit of ours names its folder, and another does not") {
  CHECK(folder_of_systemd_unit(systemd_unit(settings())) == "/home/ada/100%/$x");
  CHECK(folder_of_systemd_unit("[Service]\nExecStart=/bin/true\n").empty());
}

TEST_CASE("the property list has the command, the PATH, and text that is XML") {
  auto x = settings();
  x.path = "/a&b:/usr/bin";
  auto text = launchd_plist(x);
  CHECK(text.find("<string>/opt/slm hub/slm-hubd</string>") != std::string::npos);
  CHECK(text.find("<string>/a&amp;b:/usr/bin</string>") != std::string::npos);
  CHECK(text.find("<key>KeepAlive</key>\n  <true/>") != std::string::npos);
  CHECK(text.ends_with("</plist>\n"));
}
