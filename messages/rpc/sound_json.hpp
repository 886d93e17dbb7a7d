#pragma once

#include "messages/rpc/json_scan.hpp"

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <string_view>

namespace hub::rpc {

/// More than an envelope has.
using json_members = boost::container::static_vector<json_member, 16>;

/// Whether `text` is surely one well-formed JSON value (RFC 8259) that is nested at most
/// `depth` deep; its UTF-8 is not looked at. False says that it has to be looked at more
/// closely: besides what is broken, these are numbers of more than 15 digits or with an
/// exponent, and escaped surrogates.
bool is_surely_json(std::string_view text, size_t depth) noexcept;

/// The same for an object, whose members are put into `members`; false for what is none, and
/// for one with more members.
bool is_surely_object(std::string_view text, size_t depth, json_members& members) noexcept;

} // namespace hub::rpc
