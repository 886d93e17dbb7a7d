#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hub {

/// A program and its arguments as `exec` and `posix_spawn` want them.
class argument_list {
public:
  /// @param words The program first.
  explicit argument_list(std::vector<std::string> words) : words_(std::move(words)) {
    for (auto& word : words_)
      pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }

  argument_list(const argument_list&) = delete;
  argument_list& operator=(const argument_list&) = delete;

  const char* program() const noexcept {
    return pointers_.front();
  }

  /// Ends with a null pointer. Valid as long as this is.
  char* const* data() const noexcept {
    return pointers_.data();
  }

private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

} // namespace hub
