#pragma once

#include "messages/secret.hpp"
#include "service/config/environment.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub {

/// What placeholders may name. It holds secrets: never log it.
struct variables {
  /// The hub's own environment. It wins over the secrets.
  variable_map environment;

  /// What the secrets files say.
  variable_map secrets;

  /// Names that a secrets file has which is not used because others can read it, each with
  /// that file.
  variable_map withheld;

  /// The user's home, for `${userHome}` and `~`.
  std::string home;

  /// What programs and the keyring said; see `secrets_to_fetch`.
  fetched_secrets fetched;

  /// The value of `name`, or null.
  const std::string* find(std::string_view name) const;
};

/// Why a placeholder has no value.
struct unresolved_placeholder {
  /// As in `names ${GITHUB_TOKEN}, which is not set`; follows the name of a field.
  std::string cause;
  std::string fix;
};

/// One piece of a text with placeholders.
struct text_piece {
  /// Plain text, or the placeholder from `${` to `}`.
  std::string_view text;

  bool is_placeholder = false;
};

/// Cuts `text` into plain pieces and placeholders. `$${` stays as it is in the
/// plain piece; a `${` that is not closed is a placeholder up to the end.
std::vector<text_piece> split_placeholders(std::string_view text);

/// `text` with each placeholder replaced:
/// - `${NAME}` and `${env:NAME}`: the variable;
/// - `${NAME:-default}`, also with `env:`: the default (which may have
///   placeholders itself) if the variable is not set or empty;
/// - `${file:path}`: the text of a file that nobody else may read, without the line end behind it;
/// - `${cmd:...}` and `${keyring:...}`: what was fetched before;
/// - `${userHome}`, `${pathSeparator}` and `${/}`;
/// - `$${`: a plain `${`.
/// All others need a client that is there to ask, and are errors.
std::variant<std::string, unresolved_placeholder> resolve(std::string_view text,
                                                          const variables& known);

/// Adds the `cmd:...` and `keyring:...` of the placeholders in `text` to `names`, each once.
void add_secrets_to_fetch(std::string_view text, std::vector<std::string>& names);

/// The first placeholder of `text` that no variable can resolve, such as
/// `${input:token}`; nothing if there is none.
std::optional<unresolved_placeholder> find_unusable(std::string_view text);

/// A placeholder as it may be shown: its default is masked by `***`.
std::string without_default(std::string_view placeholder);

} // namespace hub
