#include "actors/learning/project_kind.hpp"

#include <system_error>

namespace hub {

namespace {

namespace fs = std::filesystem;

struct project_mark {
  const char* file;
  const char* kind;
};

/// What says more comes first: many projects have a `package.json` or a `Dockerfile` besides.
constexpr project_mark marks[] = {
  {"Cargo.toml", "rust"},         {"go.mod", "go"},
  {"pom.xml", "java"},            {"build.gradle", "java"},
  {"build.gradle.kts", "java"},   {"Package.swift", "swift"},
  {"mix.exs", "elixir"},          {"pubspec.yaml", "dart"},
  {"Gemfile", "ruby"},            {"composer.json", "php"},
  {"global.json", "dotnet"},      {"Directory.Build.props", "dotnet"},
  {"build.zig", "zig"},           {"CMakeLists.txt", "cpp"},
  {"meson.build", "cpp"},         {"pyproject.toml", "python"},
  {"setup.py", "python"},         {"requirements.txt", "python"},
  {"deno.json", "node"},          {"package.json", "node"},
  {"main.tf", "terraform"},       {"Chart.yaml", "kubernetes"},
  {"docker-compose.yml", "docker"}, {"compose.yaml", "docker"},
  {"Dockerfile", "docker"},
};

constexpr int most_folders = 7;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) && !error;
}

} // namespace

std::string project_kind(const fs::path& folder) {
  if (!folder.is_absolute())
    return {};
  auto here = folder.lexically_normal();
  for (int i = 0; i < most_folders; ++i) {
    for (auto& mark : marks)
      if (is_there(here / mark.file))
        return mark.kind;
    if (is_there(here / ".git") || here == here.parent_path())
      break;
    here = here.parent_path();
  }
  return {};
}

} // namespace hub
