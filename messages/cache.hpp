#pragma once

#include "messages/answer.hpp"
#include "messages/protocol.hpp"
#include "messages/sha256.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// What the cache does with one kind of request.
struct cache_rule {
  enum class kind : uint8_t {
    pass, ///< Nothing.
    read, ///< Its results may be shared and kept.
    write ///< What was read of the server before may not be true any more.
  };
  kind what = kind::pass;

  /// How long a result is kept that says nothing; zero is not at all.
  std::chrono::milliseconds ttl{0};

  bool is_public = false;

  /// SHA-256 over the server's fingerprint, the method, the tool and its definition.
  sha256_digest subject{};
};

/// Lives in the rules of its server, which it keeps alive.
using cache_rule_ptr = std::shared_ptr<const cache_rule>;

/// Names a result.
struct cache_key {
  /// Over the subject and the canonical arguments: the same for all principals.
  sha256_digest common{};

  /// The same with the principal.
  sha256_digest own{};

  bool operator==(const cache_key&) const = default;
};

/// A digest is as good a hash as any part of it.
struct digest_hash {
  size_t operator()(const sha256_digest& x) const noexcept {
    size_t result = 0;
    std::memcpy(&result, x.data(), sizeof result);
    return result;
  }
};

/// Asks for a kept result.
struct look_up {
  cache_key key;
  std::string server;
};

struct looked_up {
  /// Nothing if there is none that is fresh.
  std::optional<rpc_answer> answer;

  /// How long it is good for.
  std::chrono::milliseconds left{0};
};

/// A read of a server has ended.
struct read_ended {
  cache_key key;
  std::string server;

  /// What is to be kept, in memory of its own; nothing if nothing is.
  std::optional<rpc_answer> keep;
  std::chrono::milliseconds ttl{0};
  bool is_public = false;

  /// How many others had the same answer.
  uint64_t shared = 0;
};

/// Forgets the results of a server, or all if `server` is empty.
struct drop_results {
  std::string server;
};

struct results_dropped {
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

struct get_cache_figures {};

/// What the cache did for one server.
struct cache_figures {
  std::string server;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t shared = 0;
  uint64_t evicted = 0;
};

struct cache_figures_told {
  std::vector<cache_figures> servers;
};

/// One shard of the results that are kept.
using cache_shard_actor = protocol<
  caf::replies_to<look_up>::with<looked_up>,
  caf::reacts_to<read_ended>,
  caf::replies_to<drop_results>::with<results_dropped>,
  caf::replies_to<get_cache_figures>::with<cache_figures_told>>::handle;

/// What speaks for all shards.
using cache_control_actor = protocol<
  // Results of reads that are in flight are not kept either.
  caf::replies_to<drop_results>::with<results_dropped>,
  caf::replies_to<get_cache_figures>::with<cache_figures_told>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::look_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::looked_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::read_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::drop_results)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::results_dropped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_cache_figures)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cache_figures_told)
