#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace hub::test {

/// A folder of its own for a test, which goes with all that is in it.
class scratch_folder {
public:
  scratch_folder() {
    auto name = (std::filesystem::temp_directory_path() / "hub-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  ~scratch_folder() {
    std::error_code failed;
    std::filesystem::remove_all(path_, failed);
    WARN_MESSAGE(!failed, "could not remove " << path_);
  }

  const std::string& path() const noexcept {
    return path_;
  }

  /// The path of `name` in the folder.
  std::string at(const std::string& name) const {
    return path_ + "/" + name;
  }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0644) const {
    std::ofstream{at(name)} << text;
    std::filesystem::permissions(at(name), static_cast<std::filesystem::perms>(mode));
    return at(name);
  }

  /// The text of a file; empty if there is none.
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{at(name)}.rdbuf();
    return text.str();
  }

private:
  std::string path_;
};

} // namespace hub::test
