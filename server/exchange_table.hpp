#pragma once

#include "messages/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hub {

/// The exchanges of one shard by their ids. An id is never used twice: it holds
/// the shard (8 bits), the place in the table (16 bits) and how often the place
/// was used (40 bits, which last for years).
template <class T>
class exchange_table {
public:
  /// The most exchanges at a time.
  static constexpr size_t capacity = 65'536;

  /// @param shard The index of the shard, less than 256.
  explicit exchange_table(size_t shard) : shard_(static_cast<uint64_t>(shard) << 56) {
    // nop
  }

  /// Takes a place. Returns 0 if all are taken.
  exchange_id insert(std::shared_ptr<T> x) {
    if (free_.empty()) {
      if (places_.size() == capacity)
        return 0;
      free_.push_back(static_cast<uint32_t>(places_.size()));
      places_.emplace_back();
    }
    auto at = free_.back();
    free_.pop_back();
    auto& place = places_[at];
    ++place.uses;
    place.what = std::move(x);
    return id_of(at);
  }

  /// The exchange, or null if it is over.
  const std::shared_ptr<T>& find(exchange_id id) const noexcept {
    static const std::shared_ptr<T> none;
    auto at = index_of(id);
    return at < places_.size() && id_of(at) == id ? places_[at].what : none;
  }

  /// Gives a place back. Returns what was there; null if the exchange was over.
  std::shared_ptr<T> erase(exchange_id id) {
    if (!find(id))
      return nullptr;
    auto at = index_of(id);
    free_.push_back(static_cast<uint32_t>(at));
    return std::exchange(places_[at].what, nullptr);
  }

  /// How many exchanges there are.
  size_t size() const noexcept {
    return places_.size() - free_.size();
  }

private:
  struct place {
    uint64_t uses = 0;
    std::shared_ptr<T> what;
  };

  static size_t index_of(exchange_id id) noexcept {
    return static_cast<size_t>(id & 0xffff);
  }

  exchange_id id_of(size_t at) const noexcept {
    return shard_ | ((places_[at].uses & 0xff'ffff'ffff) << 16) | at;
  }

  uint64_t shard_;
  std::vector<place> places_;
  std::vector<uint32_t> free_;
};

} // namespace hub
