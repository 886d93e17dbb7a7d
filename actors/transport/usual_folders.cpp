#include "actors/transport/usual_folders.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace hub {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view under_home[] = {
  ".local/bin",
  "bin",
  ".cargo/bin",
  ".volta/bin",
  ".local/share/fnm/aliases/default/bin",
  ".fnm/aliases/default/bin",
  ".local/share/mise/shims",
  ".asdf/shims",
  ".pyenv/shims",
  ".bun/bin",
  ".deno/bin",
  ".local/share/pnpm",
  "go/bin",
};

constexpr std::string_view elsewhere[] = {
  "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin", "/snap/bin", "/usr/bin", "/bin",
};

bool is_folder(const fs::path& x) {
  std::error_code ignored;
  return fs::is_directory(x, ignored);
}

/// The numbers of a version such as `v20.11.1`; empty if it is none.
std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> result;
  if (version.starts_with('v'))
    version.remove_prefix(1);
  auto* at = version.data();
  auto* end = at + version.size();
  while (at < end) {
    auto number = 0;
    auto [next, failed] = std::from_chars(at, end, number);
    if (failed != std::errc{})
      return {};
    result.push_back(number);
    at = next < end && *next == '.' ? next + 1 : next;
    if (at == next && next < end)
      return {};
  }
  return result;
}

/// Where nvm has the version of Node that a new shell would use.
fs::path nvm_folder(const fs::path& home) {
  auto versions = home / ".nvm/versions/node";
  std::string wanted;
  std::ifstream{home / ".nvm/alias/default"} >> wanted;
  auto prefix = numbers_of(wanted);
  fs::path best;
  std::vector<int> best_numbers;
  std::error_code failed;
  for (auto& entry : fs::directory_iterator{versions, failed}) {
    auto numbers = numbers_of(entry.path().filename().string());
    auto fits = prefix.size() <= numbers.size() && std::equal(prefix.begin(), prefix.end(), numbers.begin());
    if (fits && numbers > best_numbers && is_folder(entry.path() / "bin")) {
      best = entry.path() / "bin";
      best_numbers = std::move(numbers);
    }
  }
  return best;
}

} // namespace

std::vector<std::string> usual_program_folders(const std::string& home) {
  std::vector<std::string> result;
  auto add = [&result](const fs::path& x) {
    if (!x.empty() && is_folder(x))
      result.push_back(x.string());
  };
  if (!home.empty()) {
    add(nvm_folder(home));
    for (auto folder : under_home)
      add(fs::path{home} / folder);
  }
  for (auto folder : elsewhere)
    add(folder);
  return result;
}

} // namespace hub
