#include "messages/access.hpp"

#include <algorithm>

namespace hub {

namespace {

bool is_over(const principal& x, int64_t now) noexcept {
  return x.expires_at != 0 && x.expires_at <= now;
}

} // namespace

principal_ptr access_table::find(std::string_view token, int64_t now) const {
  auto digest = sha256_of(token);
  principal_ptr result;
  for (auto& x : tokens_)
    if (same_digest(x.digest, digest) && !is_over(*x.owner, now))
      result = x.owner;
  return result;
}

bool access_table::holds(std::string_view id, int64_t now) const noexcept {
  return std::ranges::any_of(tokens_, [&](auto& x) { return x.owner->id == id && !is_over(*x.owner, now); });
}

int64_t access_table::next_expiry(int64_t now) const noexcept {
  int64_t result = 0;
  for (auto& x : tokens_)
    if (auto at = x.owner->expires_at; at > now && (result == 0 || at < result))
      result = at;
  return result;
}

std::string_view bearer_of(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer";
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ')
    return {};
  for (size_t i = 0; i < scheme.size(); ++i)
    if ((authorization[i] | 0x20) != scheme[i])
      return {};
  auto token = authorization.substr(scheme.size());
  auto first = token.find_first_not_of(' ');
  if (first == std::string_view::npos)
    return {};
  return token.substr(first, token.find_last_not_of(' ') - first + 1);
}

} // namespace hub
