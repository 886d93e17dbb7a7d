#pragma once

#include "tests/sim/world.hpp"

namespace hub::sim {

// Each of these writes what is wrong into the ledger of the world.

/// Every answer so far came once, to its asker, and has a reason to be what it is.
void check_answers(world& x);

/// Everything that was asked is answered, except streams that are still open.
void check_all_answered(world& x);

/// Notifications about a request went to the exchange of that request alone.
void check_events(world& x);

/// No child lives whose backend is gone, and no backend has two.
void check_children(world& x);

/// Nothing is left in any table: no call in flight, nobody in a queue, no actor
/// that nobody owns. For a world that is calm.
void check_tables(world& x);

} // namespace hub::sim
