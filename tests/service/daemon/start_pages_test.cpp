#include "service/daemon/start_pages.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("start pages");

namespace {

const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));

/// A library as the loader leaves it: a page of code, a page of data that it has written into and then protected, and
/// what it knows of the library.
class loaded_library {
public:
  loaded_library() : file_(std::tmpfile()) {
    std::string bytes = std::string(page, 'c') + std::string(page, 'd');
    REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size());
    REQUIRE(std::fflush(file_) == 0);
    auto where = ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, ::fileno(file_), 0);
    REQUIRE(where != MAP_FAILED);
    bytes_ = static_cast<volatile char*>(where);
    data() = 'D';
    REQUIRE(::mprotect(where, 2 * page, PROT_READ) == 0);
    REQUIRE(code() == 'c');
    add(PT_LOAD, PF_R | PF_X, 0);
    add(PT_LOAD, PF_R | PF_W, page);
  }

  loaded_library(const loaded_library&) = delete;
  loaded_library& operator=(const loaded_library&) = delete;

  ~loaded_library() {
    ::munmap(const_cast<char*>(bytes_), 2 * page);
    std::fclose(file_);
  }

  /// The loader found `tag` among what it has to do.
  void has_tag(ElfW(Sxword) tag, ElfW(Xword) value) {
    tags_ = {{tag, {value}}, {DT_NULL, {0}}};
    add(PT_DYNAMIC, PF_R, reinterpret_cast<uintptr_t>(tags_.data()) - base());
  }

  dl_phdr_info info() const {
    dl_phdr_info result{};
    result.dlpi_addr = base();
    result.dlpi_phdr = segments_.data();
    result.dlpi_phnum = static_cast<ElfW(Half)>(segments_.size());
    return result;
  }

  volatile char& code() {
    return bytes_[0];
  }

  volatile char& data() {
    return bytes_[page];
  }

  bool code_is_resident() const {
    return is_resident(base());
  }

  bool data_is_resident() const {
    return is_resident(base() + page);
  }

private:
  uintptr_t base() const {
    return reinterpret_cast<uintptr_t>(bytes_);
  }

  void add(ElfW(Word) type, ElfW(Word) flags, uintptr_t offset) {
    ElfW(Phdr) segment{};
    segment.p_type = type;
    segment.p_flags = flags;
    segment.p_vaddr = offset;
    segment.p_filesz = segment.p_memsz = page;
    segments_.push_back(segment);
  }

  /// Whether this process has a page in memory: the highest bit of what the kernel says of it.
  static bool is_resident(uintptr_t address) {
    auto pages = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    REQUIRE(pages >= 0);
    uint64_t entry = 0;
    auto got = ::pread(pages, &entry, sizeof(entry), static_cast<off_t>(address / page * sizeof(entry)));
    ::close(pages);
    REQUIRE(got == sizeof(entry));
    return entry >> 63 != 0;
  }

  std::FILE* file_;
  volatile char* bytes_;
  std::vector<ElfW(Dyn)> tags_;
  std::vector<ElfW(Phdr)> segments_;
};

} // namespace

TEST_CASE("code goes and comes back, data stay") {
  loaded_library library;
  REQUIRE(library.code_is_resident());
  give_back_start_pages(library.info());
  CHECK_FALSE(library.code_is_resident());
  CHECK(library.data_is_resident());
  CHECK(library.code() == 'c');
  CHECK(library.data() == 'D');
}

TEST_CASE("code that the loader has changed stays") {
  loaded_library by_tag;
  by_tag.has_tag(DT_TEXTREL, 0);
  give_back_start_pages(by_tag.info());
  CHECK(by_tag.code_is_resident());
  loaded_library by_flag;
  by_flag.has_tag(DT_FLAGS, DF_STATIC_TLS | DF_TEXTREL);
  give_back_start_pages(by_flag.info());
  CHECK(by_flag.code_is_resident());
  loaded_library other;
  other.has_tag(DT_FLAGS, DF_STATIC_TLS);
  give_back_start_pages(other.info());
  CHECK_FALSE(other.code_is_resident());
}

TEST_CASE("this program goes on without its pages") {
  static int (*const functions[])(int) = {std::abs, nullptr};
  give_back_start_pages();
  CHECK(functions[0](-7) == 7);
}

TEST_SUITE_END();
