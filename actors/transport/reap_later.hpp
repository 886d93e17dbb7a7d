#pragma once

#include "actors/transport/child_process.hpp"
#include "actors/transport/child_record.hpp"

#include <boost/asio/io_context.hpp>

namespace hub {

/// Kills a child and its group at once and reaps it when it has ended, without
/// anybody waiting. The note goes with it.
void reap_later(boost::asio::io_context& context, child_process child, child_record record);

} // namespace hub
