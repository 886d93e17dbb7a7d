#include "service/config/fingerprint.hpp"

#include "messages/sha256.hpp"

#include <string>
#include <string_view>

namespace hub {

namespace {

/// Hashes fields so that no two sequences of them look the same.
class field_hash {
public:
  void add(std::string_view field) {
    text_ += std::to_string(field.size());
    text_ += ':';
    text_ += field;
  }

  std::string hex() const {
    return sha256_hex(text_);
  }

private:
  std::string text_;
};

} // namespace

std::string fingerprint_of(const server_config& server) {
  field_hash hash;
  auto add_pairs = [&](const auto& pairs) {
    hash.add(std::to_string(pairs.size()));
    for (auto& [key, value] : pairs) {
      hash.add(key);
      hash.add(value);
    }
  };
  hash.add(std::to_string(static_cast<int>(server.transport)));
  hash.add(server.command);
  hash.add(std::to_string(server.args.size()));
  for (auto& arg : server.args)
    hash.add(arg);
  add_pairs(server.env);
  hash.add(server.env_file);
  hash.add(server.cwd);
  hash.add(server.url);
  add_pairs(server.headers);
  // What was learnt before these fields existed stays good.
  auto& tls = server.tls;
  if (!tls.ca.empty() || !tls.cert.empty() || !tls.key.empty() || !tls.verify || !server.proxy.empty()) {
    for (auto* field : {&tls.ca, &tls.cert, &tls.key, &server.proxy})
      hash.add(*field);
    hash.add(tls.verify ? "verified" : "any");
  }
  if (auto& names = server.inherit_env; !names.empty()) {
    hash.add("inherit_env");
    for (auto& name : names)
      hash.add(name);
  }
  if (auto& sandbox = server.sandbox; !sandbox.profile.empty()) {
    hash.add("sandbox");
    hash.add(sandbox.profile);
    hash.add(!sandbox.network ? "" : *sandbox.network ? "network" : "no network");
    for (auto& path : sandbox.write)
      hash.add(path);
  }
  return hash.hex();
}

} // namespace hub
