#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What a tool is to be found by, in words.
/// @param tool The tool as its server lists it, JSON.
std::string text_to_embed(std::string_view server, std::string_view tool);

/// The body of a request for vectors, as OpenAI's `/v1/embeddings` has it.
std::string embedding_request(std::string_view model, const std::vector<std::string>& texts);

/// The vectors of an answer, in the order of the texts; empty if it is not one for `count` texts.
std::vector<std::vector<float>> read_embeddings(std::string_view body, size_t count);

/// The address of an endpoint: as it is if it ends with `/embeddings`, else with what is missing of
/// `/v1/embeddings`.
std::string embeddings_url(std::string_view url);

} // namespace hub
