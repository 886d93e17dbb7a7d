// Bytes as what an endpoint answers with vectors, as vectors that were kept, and as a tool.
#include "actors/embedding/embedding_text.hpp"
#include "actors/embedding/tool_vectors.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace hub;
using hub::fuzz::require;

namespace {

/// @param most The largest similarity that there can be.
void compare(const tool_vectors& vectors, const std::vector<float>& request, float most) {
  std::vector<std::optional<uint32_t>> rows{std::nullopt};
  for (uint32_t row = 0; row < vectors.size(); ++row)
    rows.emplace_back(row);
  auto before = most;
  for (auto& near : vectors.nearest(request, rows, 2, 0.2f)) {
    require(near.place > 0 && near.place < rows.size(), "what is near has a vector");
    require(near.similarity >= 0.2f, "it is near enough");
    require(near.similarity <= before, "the nearest is the first, and as near as can be");
    before = near.similarity;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  size_t count = 1 + data[0] % 4;
  auto answer = read_embeddings(text, count);
  require(answer.empty() || answer.size() == count, "there is a vector for each text, or none");
  tool_vectors vectors;
  for (auto& vector : answer) {
    require(!vector.empty() && vector.size() <= tool_vectors::longest && vector.size() == answer.front().size(), "all are of one length");
    vectors.add(vectors.size() + 1, vector);
  }
  if (!answer.empty())
    compare(vectors, answer.back(), 1.1f);
  auto again = tool_vectors::read(vectors.write("model"), "model");
  require(again.size() == vectors.size(), "what is kept is read as it was");
  require(tool_vectors::read(vectors.write("model"), "other").size() == 0, "vectors of another model are none");
  auto kept = tool_vectors::read(text, "m");
  require(kept.size() <= tool_vectors::most, "there are no more than may be");
  // Somebody else may have written what they stand for.
  compare(kept, {1, 0.5f}, std::numeric_limits<float>::infinity());
  auto spoken = text_to_embed("a-server", text);
  if (rpc::is_utf8(text))
    require(rpc::is_utf8(spoken), "what stands for a tool is of whole characters");
  require(!rpc::check_json(embedding_request(text, {spoken, std::string{text}})), "what the endpoint is asked is JSON");
  require(embeddings_url(text).ends_with("/embeddings"), "it is asked where it answers");
  return 0;
}
