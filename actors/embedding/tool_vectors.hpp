#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub {

/// Vectors of tools, of one length and a byte a number, by the hash of the text that they stand for.
class tool_vectors {
public:
  /// The most vectors, and numbers in one.
  static constexpr size_t most = 20'000;
  static constexpr size_t longest = 4'096;

  size_t size() const noexcept {
    return keys_.size();
  }

  bool has(uint64_t key) const noexcept {
    return rows_.contains(key);
  }

  /// The place of a vector; nothing if there is none.
  std::optional<uint32_t> row_of(uint64_t key) const noexcept;

  /// Takes a vector in. One of another length than those before takes the place of all of them, since
  /// it is of another model; an empty one, one of zeros and one too many are ignored.
  void add(uint64_t key, std::span<const float> vector);

  /// A tool that is near to a request.
  struct near_tool {
    /// The place in `rows`.
    uint32_t place;

    /// The cosine of the angle between them.
    float similarity;
  };

  /// The nearest first.
  /// @param rows What is compared; nothing where a tool has no vector.
  /// @param least The least similarity.
  std::vector<near_tool> nearest(std::span<const float> request, std::span<const std::optional<uint32_t>> rows,
                                 size_t limit, float least) const;

  /// Forgets what is none of `keys`.
  void keep_only(const std::unordered_map<uint64_t, bool>& keys);

  /// As bytes for `read` on this machine.
  /// @param model What made them.
  std::string write(std::string_view model) const;

  /// What `write` wrote for the same model; empty for anything else.
  static tool_vectors read(std::string_view bytes, std::string_view model);

private:
  /// A vector as it is kept: numbers from -127 to 127, and what one of these stands for.
  struct packed {
    std::vector<int8_t> numbers;
    float unit = 0;
  };

  static packed pack(std::span<const float> vector);

  size_t length_ = 0;
  std::vector<uint64_t> keys_;
  std::vector<float> units_;
  std::vector<int8_t> numbers_;
  std::unordered_map<uint64_t, uint32_t> rows_;
};

} // namespace hub
