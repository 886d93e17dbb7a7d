#include "actors/runtime/small_blocks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define HUB_PLAIN_NEW 1
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#    define HUB_PLAIN_NEW 1
#  endif
#endif

namespace hub {

#ifdef HUB_PLAIN_NEW

void small_blocks::keep() noexcept {
  // nop
}

void small_blocks::release() noexcept {
  // nop
}

#else

namespace {

/// Sizes are multiples of what `malloc` aligns to.
constexpr size_t step = 16;

constexpr size_t largest = 1024;

constexpr uint32_t kept_of_a_size = 128;

struct free_block {
  free_block* next;
};

struct shelf {
  free_block* first = nullptr;
  uint32_t count = 0;
};

struct shelves {
  std::array<shelf, largest / step> of_size;

  /// How many blocks of a size may be kept: none before `keep`.
  uint32_t room = 0;
};

constinit thread_local shelves own_shelves;

/// The place of a size from 1 to `largest`.
constexpr size_t place_of(size_t size) noexcept {
  return (size - 1) / step;
}

void* allocate(size_t size) {
  for (;;) {
    if (auto block = std::malloc(size))
      return block;
    auto handler = std::get_new_handler();
    if (!handler)
      throw std::bad_alloc{};
    handler();
  }
}

} // namespace

void small_blocks::keep() noexcept {
  own_shelves.room = kept_of_a_size;
}

void small_blocks::release() noexcept {
  own_shelves.room = 0;
  for (auto& x : own_shelves.of_size)
    while (auto block = x.first) {
      x.first = block->next;
      --x.count;
      std::free(block);
    }
}

#endif

} // namespace hub

#ifndef HUB_PLAIN_NEW

void* operator new(size_t size) {
  using namespace hub;
  // Zero wraps around and is no small size.
  if (size - 1 >= largest)
    return allocate(size);
  auto place = place_of(size);
  auto& from = own_shelves.of_size[place];
  if (auto block = from.first) {
    from.first = block->next;
    --from.count;
    return block;
  }
  // Any block of a place fits all sizes of that place.
  return allocate((place + 1) * step);
}

void operator delete(void* block) noexcept {
  std::free(block);
}

void operator delete(void* block, size_t size) noexcept {
  using namespace hub;
  if (block && size - 1 < largest) {
    auto& to = own_shelves.of_size[place_of(size)];
    if (to.count < own_shelves.room) {
      to.first = ::new (block) free_block{to.first};
      ++to.count;
      return;
    }
  }
  std::free(block);
}

#endif
