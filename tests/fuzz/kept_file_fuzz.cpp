// What the hub reads of its own files, which others may have changed: tokens, and lines of the audit.
#include "actors/audit/audit_chain.hpp"
#include "messages/access.hpp"
#include "messages/glob.hpp"
#include "service/config/access_file.hpp"
#include "tests/fuzz/require.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

/// A private file in memory.
class memory_file {
public:
  memory_file() : file_(::memfd_create("access.json", MFD_CLOEXEC)), path_("/proc/self/fd/" + std::to_string(file_)) {
    ::fchmod(file_, 0600);
  }

  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  ~memory_file() {
    ::close(file_);
  }

  const std::string& path_of(std::string_view text) {
    require(::ftruncate(file_, 0) == 0 && ::pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()),
            "there is memory");
    return path_;
  }

private:
  int file_;
  std::string path_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  static memory_file file;
  if (auto tokens = read_tokens(file.path_of(text)); tokens) {
    require(tokens->size() <= tokens_limit, "there are no more tokens than may be");
    std::set<std::string> ids;
    for (auto& token : *tokens) {
      require(ids.insert(token.id).second, "no two tokens have one id");
      require(!wrong_word("name", token.name) && !wrong_word("role", token.role), "names and roles are words");
      require(token.sha256.size() == 64, "a hash has 64 digits");
    }
  } else {
    require(!tokens.errors().empty(), "a file that counts for nothing has an error");
  }
  auto bearer = bearer_of(text);
  require(bearer.empty() || std::search(text.begin(), text.end(), bearer.begin(), bearer.end()) != text.end(), "a token stands in its header");
  auto half = text.size() / 2;
  (void)matches_pattern(text.substr(0, half), text.substr(half));
  (void)read_position(text);
  // A line that is sealed is the next one, and no other text is.
  chain_position position;
  auto before = position;
  auto after_other = position;
  if (text.find('\n') != std::string_view::npos)
    return 0;
  std::string line;
  seal_line(line, R"("at":1)", position);
  require(!check_line(line, before, false), "what was sealed holds");
  if (text != line)
    require(check_line(text, after_other, false).has_value() || read_position(text), "what was not sealed does not hold");
  return 0;
}
