// The few spellings that differ between CAF 0.17 and 1.x, in one place.
#pragma once

#include <caf/replies_to.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace nexte {

namespace detail {
template <class Out, class... In>
struct rpc_of {
  using type = typename caf::replies_to<In...>::template with<Out>;
};
template <class... In>
struct rpc_of<void, In...> {
  using type = caf::reacts_to<In...>;
};
} // namespace detail

/// A message signature: `rpc<Out, In>`; 1.x writes it `result<Out>(In)`.
template <class Out, class... In>
using rpc = typename detail::rpc_of<Out, In...>::type;

/// The state of a stateful actor; 1.x writes it `self->state()`.
template <class Self>
auto& state_of(Self* self) {
  return self->state;
}

} // namespace nexte
