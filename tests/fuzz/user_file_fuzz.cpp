// Files of other clients in JSON, TOML and YAML, and files of NAME=value lines.
#include "service/config/env_file.hpp"
#include "service/import/document.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace hub;
using hub::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text{reinterpret_cast<const char*>(data), size};
  for (auto format : {document_format::json, document_format::toml, document_format::yaml})
    if (auto found = read_document(text, "file", format); !found)
      require(!found.errors().empty(), "a file that cannot be read has an error");
  auto lines = read_env_lines(text, "file");
  for (auto& [name, value] : lines.values) {
    require(is_variable_name(name), "what is set is a variable");
    require(value.find('\n') == std::string::npos, "a value is of one line");
  }
  return 0;
}
