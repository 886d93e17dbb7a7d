#pragma once

#include "messages/call_record.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace hub {

/// Lists of records that go to observers and come back, so that whoever makes records frees what they hold and
/// uses their room again: memory that another thread frees is slow to get anew. It belongs to one thread; shared
/// lists may end on any, and may outlive it.
class record_pool {
public:
  using list = std::vector<call_record>;

  /// The most empty lists that are kept.
  static constexpr size_t most_spare = 4;

  record_pool();

  record_pool(const record_pool&) = delete;
  record_pool& operator=(const record_pool&) = delete;

  ~record_pool();

  /// An empty list.
  list take();

  /// Gives a list to observers. When the last of them is done with it, it waits for `collect`.
  std::shared_ptr<const list> share(list records);

  /// Empties the lists that have come back.
  void collect();

  /// Whether some have not been collected yet.
  bool holds() const noexcept {
    return out_ > 0;
  }

  /// Frees the room of empty lists.
  void rest() noexcept {
    spare_.clear();
  }

private:
  /// A list that is shared.
  struct node {
    list records;
    node* next = nullptr;
  };

  /// Those that have come back, the last one first. Observers put nodes in, this thread takes all out at once.
  struct returned {
    std::atomic<node*> top{nullptr};

    ~returned();

    void put(node* x) noexcept;
  };

  std::shared_ptr<returned> returned_;
  std::vector<list> spare_;
  size_t out_ = 0;
};

} // namespace hub
