#pragma once

#include <string>

namespace hub::cli {

/// A field of CSV (RFC 4180). One that a spreadsheet would take for a formula is made a text.
std::string csv_field(std::string text);

} // namespace hub::cli
