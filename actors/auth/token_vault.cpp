#include "actors/auth/token_vault.hpp"

#include "messages/whole_file.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace hub {

namespace {

namespace fs = std::filesystem;

constexpr size_t key_size = 32;
constexpr size_t nonce_size = 12;
constexpr size_t tag_size = 16;
constexpr size_t file_max = 256 * 1024;
constexpr std::string_view mark = "slm-hub sealed 1\n";

struct open_file {
  int fd = -1;

  explicit open_file(int x) : fd(x) {
    // nop
  }

  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  ~open_file() {
    if (fd >= 0)
      ::close(fd);
  }
};

vault_error failed(const fs::path& file, const char* what, int error) {
  return {file.string() + " cannot be " + what + ": " + std::generic_category().message(error),
          error == ENOSPC ? "Make room on the disk." : "Check the rights of the file and its folder."};
}

/// The content of a file; nothing if it cannot be read or is too large.
std::optional<std::string> content_of(int fd) {
  std::string result(file_max + 1, '\0');
  size_t size = 0;
  while (size < result.size()) {
    auto n = ::read(fd, result.data() + size, result.size() - size);
    if (n < 0 && errno != EINTR)
      return std::nullopt;
    if (n == 0)
      break;
    size += n > 0 ? static_cast<size_t>(n) : 0;
  }
  if (size > file_max)
    return std::nullopt;
  result.resize(size);
  return result;
}

bool fill_random(std::string& bytes) {
  return ::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

struct free_context {
  void operator()(EVP_CIPHER_CTX* x) const {
    EVP_CIPHER_CTX_free(x);
  }
};

const unsigned char* bytes_of(std::string_view x) {
  return reinterpret_cast<const unsigned char*>(x.data());
}

unsigned char* bytes_of(std::string& x) {
  return reinterpret_cast<unsigned char*>(x.data());
}

/// Runs AES-256-GCM over `text`; `tag` is written when sealing and checked when
/// opening. Returns false if something is wrong.
bool run_gcm(bool seal, std::string_view key, std::string_view nonce, std::string_view context, std::string_view text,
             std::string& out, std::string& tag) {
  std::unique_ptr<EVP_CIPHER_CTX, free_context> x{EVP_CIPHER_CTX_new()};
  int size = 0;
  out.assign(text.size(), '\0');
  auto direction = seal ? 1 : 0;
  if (!x || EVP_CipherInit_ex(x.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce), direction) != 1
      || EVP_CipherUpdate(x.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) != 1
      || EVP_CipherUpdate(x.get(), bytes_of(out), &size, bytes_of(text), static_cast<int>(text.size())) != 1)
    return false;
  auto tag_bytes = static_cast<int>(tag_size);
  if (!seal && EVP_CIPHER_CTX_ctrl(x.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) != 1)
    return false;
  unsigned char none[tag_size];
  if (EVP_CipherFinal_ex(x.get(), none, &size) != 1)
    return false;
  tag.resize(tag_size);
  return !seal || EVP_CIPHER_CTX_ctrl(x.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag.data()) == 1;
}

} // namespace

token_vault::token_vault(fs::path folder) : folder_(std::move(folder)) {
  // nop
}

fs::path token_vault::file_of(const std::string& name) const {
  return folder_ / (name + ".sealed");
}

std::optional<vault_error> token_vault::open_key(bool make) {
  if (!key_.empty())
    return std::nullopt;
  auto file = folder_ / "key";
  if (make) {
    std::error_code ignored;
    if (fs::create_directories(folder_, ignored))
      fs::permissions(folder_, fs::perms::owner_all, ignored);
    std::string fresh(key_size, '\0');
    if (!fill_random(fresh))
      return failed(file, "made", errno);
    auto error = write_whole_file(file, fresh, existing_file::kept);
    OPENSSL_cleanse(fresh.data(), fresh.size());
    if (error != 0 && error != EEXIST)
      return failed(file, "written", error);
  }
  open_file in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (in.fd < 0)
    return failed(file, "read", errno);
  struct stat info = {};
  if (::fstat(in.fd, &info) != 0)
    return failed(file, "read", errno);
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
    return vault_error{"the key " + file.string() + " may be read by others, so the logins it seals count as known to them",
                       "Delete the folder " + folder_.string() + " and log in again."};
  auto key = content_of(in.fd);
  if (!key || key->size() != key_size)
    return vault_error{"the key " + file.string() + " is broken",
                       "Delete the folder " + folder_.string() + " and log in again."};
  key_ = std::move(*key);
  return std::nullopt;
}

std::variant<std::optional<std::string>, vault_error> token_vault::load(const std::string& name,
                                                                        std::string_view context) {
  auto file = file_of(name);
  open_file in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (in.fd < 0) {
    if (errno == ENOENT)
      return std::nullopt;
    return failed(file, "read", errno);
  }
  auto sealed = content_of(in.fd);
  if (!sealed)
    return failed(file, "read", errno);
  if (auto wrong = open_key(false))
    return *wrong;
  std::string_view rest = *sealed;
  std::string text;
  auto whole = rest.starts_with(mark) && rest.size() >= mark.size() + nonce_size + tag_size;
  if (whole) {
    rest.remove_prefix(mark.size());
    auto nonce = rest.substr(0, nonce_size);
    std::string tag{rest.substr(rest.size() - tag_size)};
    auto body = rest.substr(nonce_size, rest.size() - nonce_size - tag_size);
    whole = run_gcm(false, key_, nonce, context, body, text, tag);
  }
  if (!whole)
    return vault_error{"the login in " + file.string() + " cannot be opened: it is broken, or for another address",
                       "Log in again."};
  return std::optional{std::move(text)};
}

std::optional<vault_error> token_vault::keep(const std::string& name, std::string_view context,
                                             std::string_view text) {
  auto file = file_of(name);
  if (auto wrong = open_key(true))
    return wrong;
  std::string nonce(nonce_size, '\0');
  std::string body;
  std::string tag;
  if (!fill_random(nonce) || !run_gcm(true, key_, nonce, context, text, body, tag))
    return vault_error{"the login could not be sealed", "Check that OpenSSL works on this machine."};
  auto sealed = std::string{mark} + nonce + body + tag;
  auto error = write_whole_file(file, sealed, existing_file::replaced);
  return error == 0 ? std::nullopt : std::optional{failed(file, "written", error)};
}

std::optional<vault_error> token_vault::forget(const std::string& name) {
  auto file = file_of(name);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return failed(file, "removed", errno);
  return std::nullopt;
}

} // namespace hub
