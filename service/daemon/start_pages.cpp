#include "service/daemon/start_pages.hpp"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace hub {

namespace {

/// Whether the loader has written into what is not writable, so that it is not as it lies in the file.
bool is_changed(const dl_phdr_info& object, const ElfW(Phdr)& dynamic) noexcept {
  for (auto i = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + dynamic.p_vaddr); i->d_tag != DT_NULL; ++i)
    if (i->d_tag == DT_TEXTREL || (i->d_tag == DT_FLAGS && (i->d_un.d_val & DF_TEXTREL) != 0))
      return true;
  return false;
}

} // namespace

void give_back_start_pages(const dl_phdr_info& object) noexcept {
  std::span<const ElfW(Phdr)> segments{object.dlpi_phdr, object.dlpi_phnum};
  for (auto& x : segments)
    if (x.p_type == PT_DYNAMIC && is_changed(object, x))
      return;
  auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (auto& x : segments) {
    if (x.p_type != PT_LOAD || (x.p_flags & PF_W) != 0)
      continue;
    // Whole pages only: others may hold the end of another segment.
    auto begin = (object.dlpi_addr + x.p_vaddr + page - 1) / page * page;
    auto end = (object.dlpi_addr + x.p_vaddr + x.p_filesz) / page * page;
    // Fails for pages that are locked, which then stay.
    if (begin < end)
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
}

void give_back_start_pages() noexcept {
  // The loader lets no object go while it shows one.
  ::dl_iterate_phdr(
    [](dl_phdr_info* object, size_t, void*) {
      // What the kernel lends to each process lies in no file.
      if (object->dlpi_addr != ::getauxval(AT_SYSINFO_EHDR))
        give_back_start_pages(*object);
      return 0;
    },
    nullptr);
}

} // namespace hub
