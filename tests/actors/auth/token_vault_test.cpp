#include "actors/auth/token_vault.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace hub;
namespace fs = std::filesystem;

namespace {

std::optional<std::string> text_of(std::variant<std::optional<std::string>, vault_error> x) {
  REQUIRE_MESSAGE(x.index() == 0, std::get<vault_error>(x).cause);
  return std::get<0>(std::move(x));
}

bool is_refused(const std::variant<std::optional<std::string>, vault_error>& x) {
  return x.index() == 1;
}

} // namespace

TEST_CASE("what is kept is read again by the next hub, and is not readable on disk") {
  test::scratch_folder folder;
  auto where = fs::path{folder.at("tokens")};
  {
    token_vault vault{where};
    CHECK_FALSE(text_of(vault.load("a", "ctx")));
    CHECK_FALSE(fs::exists(where));
    REQUIRE_FALSE(vault.keep("a", "ctx", "first"));
    REQUIRE_FALSE(vault.keep("a", "ctx", "the secret text"));
  }
  token_vault vault{where};
  CHECK(text_of(vault.load("a", "ctx")) == "the secret text");
  CHECK(folder.read("tokens/a.sealed").find("secret") == std::string::npos);
  auto rights = [&](const char* name) { return fs::status(where / name).permissions() & fs::perms::mask; };
  CHECK(rights("a.sealed") == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(rights("key") == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(rights("") == fs::perms::owner_all);
  // No temporary file stays.
  CHECK(std::distance(fs::directory_iterator{where}, fs::directory_iterator{}) == 2);
}

TEST_CASE("a sealed text opens only for what it is about, and whole") {
  test::scratch_folder folder;
  token_vault vault{folder.at("tokens")};
  REQUIRE_FALSE(vault.keep("a", "https://one", "text"));
  CHECK(is_refused(vault.load("a", "https://two")));
  fs::copy_file(folder.at("tokens/a.sealed"), folder.at("tokens/b.sealed"));
  CHECK(text_of(vault.load("b", "https://one")) == "text");
  auto sealed = folder.read("tokens/a.sealed");
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  folder.write("tokens/a.sealed", sealed, 0600);
  CHECK(is_refused(vault.load("a", "https://one")));
  folder.write("tokens/a.sealed", "short", 0600);
  CHECK(is_refused(vault.load("a", "https://one")));
}

TEST_CASE("a key that others may read is refused") {
  test::scratch_folder folder;
  REQUIRE_FALSE(token_vault{folder.at("tokens")}.keep("a", "", "text"));
  fs::permissions(folder.at("tokens/key"), static_cast<fs::perms>(0640));
  token_vault vault{folder.at("tokens")};
  CHECK(is_refused(vault.load("a", "")));
  auto wrong = vault.keep("a", "", "more");
  REQUIRE(wrong);
  CHECK(wrong->cause.find("may be read by others") != std::string::npos);
  CHECK_FALSE(wrong->fix.empty());
}

TEST_CASE("what is forgotten is gone, and forgetting nothing is fine") {
  test::scratch_folder folder;
  token_vault vault{folder.at("tokens")};
  REQUIRE_FALSE(vault.keep("a", "", "text"));
  CHECK_FALSE(vault.forget("a"));
  CHECK_FALSE(vault.forget("a"));
  CHECK_FALSE(text_of(vault.load("a", "")));
}
