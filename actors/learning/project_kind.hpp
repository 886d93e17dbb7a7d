#pragma once

#include <filesystem>
#include <string>

namespace hub {

/// What kind of project a folder belongs to, by the files that mark one: `rust` for a
/// `Cargo.toml`, `node` for a `package.json` and so on; empty if there is none. The nearest folder
/// with a mark decides, up to the root of the repository, and six folders up at most. Reads
/// the disk, which may wait.
std::string project_kind(const std::filesystem::path& folder);

} // namespace hub
