#pragma once

#include <link.h>

namespace hub {

/// Takes what is not writable of the program and its libraries, code, symbols and constants, out of this process. What
/// it uses comes back from the kernel's cache of files, a microsecond for 64 KB; what only the start needed stays away,
/// which is most of the memory that the process takes by then. Safe from any thread, while others run.
void give_back_start_pages() noexcept;

/// The same for one program or library, which must not be unloaded meanwhile. Does nothing if the loader has changed
/// what is not writable.
void give_back_start_pages(const dl_phdr_info& object) noexcept;

} // namespace hub
