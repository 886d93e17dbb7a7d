#pragma once

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>

namespace hub {

/// The signatures that an actor answers to. A header that names an actor by its
/// protocol needs no `caf/typed_actor.hpp` to be included.
template <class... Signatures>
struct protocol {
  template <class Handle>
  struct joined;

  template <class... More>
  struct joined<caf::typed_actor<More...>> {
    using type = protocol<Signatures..., More...>;
  };

  /// These signatures and those of another actor.
  template <class Handle>
  using also = typename joined<Handle>::type;

  /// The handle to an actor with these signatures.
  using handle = caf::typed_actor<Signatures...>;
};

} // namespace hub
