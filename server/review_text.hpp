#pragma once

#include "messages/tool_changes.hpp"

#include <string>

namespace hub {

/// The JSON of `/api/changes`: for each server with something to look at its tools, each
/// as it was pinned and as it is now.
std::string changes_text(const tool_changes_listed& x);

/// The JSON of an approval.
std::string approval_text(const tools_approved& x);

/// `text`, an object, with the member `tool_changes`: how many tools of which servers are to
/// be looked at.
std::string with_review_counts(std::string text, const tool_changes_listed& x);

} // namespace hub
