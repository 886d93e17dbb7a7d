#include "service/units/launchd_plist.hpp"

namespace hub {

namespace {

std::string string_element(std::string_view text) {
  std::string result = "<string>";
  for (auto c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += c;
  }
  return result + "</string>\n";
}

} // namespace

std::string launchd_plist(const unit_settings& x) {
  std::string words;
  for (auto& word : x.command)
    words += "    " + string_element(word);
  // The hub keeps its own log; launchd's files are for what it says before it has one.
  auto output = string_element(x.folder + "/start.log");
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by slm-hub service install, which overwrites it. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  )" + string_element(launchd_label) + R"(  <key>ProgramArguments</key>
  <array>
)" + words + R"(    <string>--detached</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    )" + string_element(x.path) + R"(  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>45</integer>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>StandardOutPath</key>
  )" + output + "  <key>StandardErrorPath</key>\n  " + output + R"(</dict>
</plist>
)";
}

} // namespace hub
