#pragma once

#include "demo/notebook.hpp"
#include "demo/tool.hpp"

#include <vector>

namespace hub::demo {

/// All tools of this server. `notes` must outlive them.
std::vector<tool> make_toolbox(notebook& notes);

} // namespace hub::demo
