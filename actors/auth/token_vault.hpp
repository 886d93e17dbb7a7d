#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hub {

/// Why something could not be kept or read.
struct vault_error {
  std::string cause;
  std::string fix;
};

/// Texts sealed on disk, a file each, with AES-256-GCM (NIST SP 800-38D). The key
/// lies beside them in a file of mode 0600, which is made when first needed: that
/// keeps tokens out of backups and copies of single files, and is as safe as the
/// user's account. A key that others may read is refused. OpenSSL's providers are
/// loaded by the first use, not before.
///
/// Functions read and write files and are not for a shard.
class token_vault {
public:
  /// @param folder Made with mode 0700 when something is kept.
  explicit token_vault(std::filesystem::path folder);

  /// The text that was kept as `name`; nothing if there is none.
  /// @param context What the text is about; it must be the same as when it was
  ///                kept, so that one file cannot be put in place of another.
  std::variant<std::optional<std::string>, vault_error> load(const std::string& name, std::string_view context);

  /// Keeps `text` in place of what there was, in one step.
  std::optional<vault_error> keep(const std::string& name, std::string_view context, std::string_view text);

  /// Forgets it.
  std::optional<vault_error> forget(const std::string& name);

private:
  std::filesystem::path file_of(const std::string& name) const;
  std::optional<vault_error> open_key(bool make);

  std::filesystem::path folder_;

  /// 32 bytes, or empty before the first use.
  std::string key_;
};

} // namespace hub
