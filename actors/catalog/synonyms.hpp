#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hub {

/// Calls `f(const std::string&)` for each stem that means about the same as the
/// stem `term` where tools are described: `mail` for `email`.
template <class F>
void for_each_synonym(const std::string& term, F&& f);

/// The stems of one group of words that stand for each other.
using synonym_group = std::span<const std::string>;

/// The groups that the stem `term` is in, none for most.
std::span<const synonym_group> synonym_groups_of(const std::string& term);

// -- implementation -----------------------------------------------------------

template <class F>
void for_each_synonym(const std::string& term, F&& f) {
  for (auto group : synonym_groups_of(term))
    for (auto& other : group)
      if (other != term)
        f(other);
}

} // namespace hub
