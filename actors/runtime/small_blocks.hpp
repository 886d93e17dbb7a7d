#pragma once

namespace hub {

/// Memory for the many small objects of a call. A thread that keeps small blocks takes
/// them again without going through the allocator, whose own cache of seven blocks a
/// size is too small for more than a few calls at a time. Blocks of up to 1 KiB are
/// kept, 128 of each size: 4 MiB at most.
///
/// The global `operator new` and sized `operator delete` do it for all code; in builds
/// with a sanitizer they stay as they are.
class small_blocks {
public:
  /// From now on the calling thread keeps what it frees.
  static void keep() noexcept;

  /// Gives back what the calling thread has kept, and keeps no more.
  static void release() noexcept;
};

} // namespace hub
