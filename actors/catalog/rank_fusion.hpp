#pragma once

#include "actors/catalog/search_index.hpp"

#include <cstdint>
#include <vector>

namespace hub {

/// How many of the first hits take part in a fusion.
inline constexpr size_t fusion_depth = 50;

/// Joins the hits of a search with tools that were found in another way, by reciprocal ranks: a tool counts
/// 1 / (10 + its place) among the hits, and half of that in the other list. Names that stand in the request stay first, and
/// no hit is lost but by `limit`.
/// @param others The best first; places among the documents of the index.
void fuse_ranks(search_result& result, const std::vector<uint32_t>& others, size_t limit);

} // namespace hub
