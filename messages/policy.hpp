#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// What a rule says of what it matches, from the mildest to the hardest.
enum class permission : uint8_t { allow, warn, deny };

/// `allow`, `warn` or `deny`.
std::string_view to_string(permission x) noexcept;

/// One rule of the configuration. An empty member matches anything; those that are
/// there must all match. `client`, `server` and `tool` are patterns with `*` and `?`.
struct permission_rule {
  /// What users call it, such as `permissions[2]`.
  std::string name;

  // -- the scope: whom it holds for -------------------------------------------------

  /// The name that a client gives itself (`clientInfo.name`).
  std::string client{};

  /// The role of the token.
  std::string role{};

  /// A folder: it and what is below it. Absolute, without a `/` at the end.
  std::string project{};

  // -- what it is about ------------------------------------------------------------

  /// The configured name of the server.
  std::string server{};

  /// The name that the server gives the tool. Empty: the server as a whole, with its
  /// resources and prompts.
  std::string tool{};

  permission act = permission::deny;

  /// A global deny that no other rule overrides.
  bool final = false;

  /// Told to whoever is refused.
  std::string reason{};

  bool operator==(const permission_rule&) const = default;

  /// Whether it holds for everybody.
  bool is_global() const noexcept {
    return client.empty() && role.empty() && project.empty();
  }
};

/// Whether `a` counts before `b` where both match: first a final deny; then the
/// narrower scope (a project before a client before a role before none, compared in
/// this order); then the narrower tool and then the narrower server, where a name
/// counts before a pattern, a pattern before none, and among patterns the one with
/// more characters that are no `*` or `?`; then deny before warn before allow.
bool is_stronger(const permission_rule& a, const permission_rule& b) noexcept;

/// The rule in one line, such as `permissions[2] (deny server "github")`.
std::string describe(const permission_rule& x);

/// Who is asked about.
struct permission_subject {
  std::string_view client;
  std::string_view role;
  std::string_view project;
};

/// What was decided, and by which rule; null if it was the default, unless that warns.
struct permission_decision {
  permission act = permission::allow;
  const permission_rule* rule = nullptr;
};

class permission_table;

/// The rules that hold for one client, strongest first. It never changes.
class client_policy {
public:
  /// @param table Outlives the rules that decisions point to, because this holds it.
  client_policy(std::shared_ptr<const permission_table> table, const permission_subject& who);

  /// Whether a tool may be called. Nothing is allocated.
  /// @param tool As its server calls it.
  permission_decision decide(std::string_view server, std::string_view tool) const noexcept;

  /// Whether what belongs to the server as a whole may be used: its resources,
  /// prompts and completions. Rules that name tools do not count.
  permission_decision decide(std::string_view server) const noexcept;

  /// False if nothing of the server may be seen: the server as a whole is denied, and
  /// no rule lets any of its tools through.
  bool shows(std::string_view server) const noexcept;

  /// Whether anything may be hidden from the client.
  bool hides() const noexcept;

  /// All rules that match, strongest first: the first one decides.
  std::vector<const permission_rule*> matches(std::string_view server, std::string_view tool) const;

  /// Equal for clients for whom the same rules of the same table hold.
  const std::string& key() const noexcept {
    return key_;
  }

private:
  permission_decision by_default() const noexcept;

  std::shared_ptr<const permission_table> table_;
  std::vector<const permission_rule*> rules_;
  std::string key_;
};

using client_policy_ptr = std::shared_ptr<const client_policy>;

/// All rules of the configuration, and what counts where none matches. It never
/// changes; whoever decides holds it.
class permission_table : public std::enable_shared_from_this<permission_table> {
public:
  permission_table(std::vector<permission_rule> rules, permission otherwise);

  /// Strongest first.
  const std::vector<permission_rule>& rules() const noexcept {
    return rules_;
  }

  /// What counts where no rule matches.
  permission otherwise() const noexcept {
    return otherwise_;
  }

  /// What decisions point to that warn because no rule matches.
  const permission_rule& fallback() const noexcept {
    return fallback_;
  }

  /// Unlike that of any other table of this process.
  uint64_t serial() const noexcept {
    return serial_;
  }

  /// What holds for a client; null if everything is allowed and no rule is about it.
  client_policy_ptr policy_of(const permission_subject& who) const;

private:
  std::vector<permission_rule> rules_;
  permission otherwise_;
  permission_rule fallback_;
  uint64_t serial_;
};

using permission_table_ptr = std::shared_ptr<const permission_table>;

/// The rules in force, where the doors of all shards find them. Safe from any thread.
class permission_cell {
public:
  /// @param table Null if everything is allowed.
  explicit permission_cell(permission_table_ptr table) : table_(std::move(table)) {
    // nop
  }

  permission_table_ptr load() const {
    return table_.load();
  }

  /// Other rules count from now on.
  void store(permission_table_ptr table) {
    table_.store(std::move(table));
    ++version_;
  }

  /// Another number whenever other rules count.
  uint64_t version() const noexcept {
    return version_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<permission_table_ptr> table_;
  std::atomic<uint64_t> version_{0};
};

// -- actors ---------------------------------------------------------------------

/// Other rules count from now on; null if everything is allowed.
struct permissions_changed {
  permission_table_ptr table;
};

struct permissions_taken {};

/// Whoever has sessions that rules hold for.
using permission_reader = protocol<
  caf::replies_to<permissions_changed>::with<permissions_taken>>::handle;

/// Why something was refused, as two sentences for whoever asked.
struct denial {
  std::string cause;
  std::string fix;
};

/// @param what Such as `tool create_issue of server github`.
denial explain_denial(const permission_decision& x, std::string_view what);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::permissions_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::permissions_taken)
