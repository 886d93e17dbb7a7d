#pragma once

#include <span>
#include <string>

namespace hub {

/// Terms that say in another language what the term `term` says where tools are
/// described: of an English word those in other languages, of such a word the
/// English ones. None for most.
std::span<const std::string> translations_of(const std::string& term);

} // namespace hub
