// Every actor of the engine and what it can be told, on one page.
#pragma once

#include "actors/caf_compat.hpp"
#include "actors/messages.hpp"

#include <caf/actor_cast.hpp>
#include <caf/type_id.hpp>

namespace nexte {

// Narrow views of an actor, so that a service need not know who uses it.
using sleeper_actor = caf::typed_actor<rpc<void, timer_due>>;
using committer_actor = caf::typed_actor<rpc<void, committed>>;
using spender_actor = caf::typed_actor<rpc<void, quota_granted>, rpc<void, quota_waits>>;

/// Wakes `who` with `what` at `due`, replacing the timer it has in that slot. A sleeper that has
/// died is forgotten.
struct set_timer {
  caf::weak_actor_ptr who;
  steady_time due;
  timer_due what;
};
/// Rings what is due; the timers' own.
struct tick {};
using timers_actor = caf::typed_actor<rpc<void, set_timer>, rpc<void, tick>>;

/// Commits `writes` together with whatever else waits, and answers `committed`.
struct commit_request {
  uint64_t ticket = 0;
  std::shared_ptr<std::vector<store_write>> writes;
  caf::weak_actor_ptr who; ///< A committer_actor.
};
/// Commits what was gathered; the writer's own.
struct flush {};
using store_writer_actor
    = caf::typed_actor<rpc<void, commit_request>, rpc<void, flush>, rpc<void, timer_due>>;

/// Asks for quota. The same (integration, ticket) may be used again once its use was reported.
struct quota_request {
  integration_id integration;
  uint64_t ticket = 0;
  workspace_id workspace;
  std::string account; ///< Whose counters: the account at the provider; empty: its own.
  quota_class cost;
  quota_lane lane = quota_lane::background;
  caf::weak_actor_ptr who; ///< A spender_actor.
};
/// Gives back what was asked for or granted.
struct quota_report {
  integration_id integration;
  uint64_t ticket = 0;
  quota_use use;
};
struct quota_withdrawn {
  integration_id integration;
  uint64_t ticket = 0;
};
/// A person waits for it now: it goes on in their lane.
struct quota_hurried {
  integration_id integration;
  uint64_t ticket = 0;
};
/// The granted request has left: from here on its answer is told whoever dies meanwhile.
struct quota_sent {
  integration_id integration;
  uint64_t ticket = 0;
};
/// An integration is gone: what it waits for and what it never sent is dropped. What it sent counts
/// until its use is reported all the same, or lapses.
struct quota_forget {
  integration_id integration;
};
using rate_limiter_actor
    = caf::typed_actor<rpc<void, quota_request>, rpc<void, quota_report>,
                       rpc<void, quota_withdrawn>, rpc<void, quota_hurried>, rpc<void, quota_sent>,
                       rpc<void, quota_forget>, rpc<void, timer_due>>;

/// One account at one provider: owns its token, its state, its streams' runs.
using integration_actor
    = caf::typed_actor<rpc<void, integration_command>, rpc<void, timer_due>, rpc<void, committed>,
                       rpc<void, quota_granted>, rpc<void, quota_waits>, rpc<void, call_done>>;

/// One consent attempt, from the authorization URL to tokens.
struct callback_hit {
  std::string query;
};
/// The attempt is void: it ends as failed.
struct abandon {
  std::string code;
  std::string sentence;
};
using authorizer_actor = caf::typed_actor<rpc<void, callback_hit>, rpc<void, call_done>,
                                          rpc<void, timer_due>, rpc<void, abandon>>;

/// Spawns, routes to and restarts the integrations.
using supervisor_actor = caf::typed_actor<
    rpc<void, addressed_command>, rpc<void, add_command>, rpc<void, connect_command>,
    rpc<void, callback_command>, rpc<void, acknowledge_command>, rpc<void, list_query>,
    rpc<void, consent_ended>, rpc<void, committed>, rpc<void, timer_due>, rpc<void, stop>>;

/// Keeps one incident per problem, raises its stage with age, tells the host.
using incidents_actor = caf::typed_actor<rpc<void, trouble>, rpc<void, trouble_over>,
                                         rpc<void, committed>, rpc<void, timer_due>>;

/// A weak pointer to an actor, for messages that must not keep it alive.
template <class Self>
caf::weak_actor_ptr weak(Self* self) {
  return caf::actor_cast<caf::weak_actor_ptr>(self->ctrl());
}

} // namespace nexte

// Far from a host's own numbers: from CAF 0.18 on they are global in the process.
CAF_BEGIN_TYPE_ID_BLOCK(nexte_sync, caf::first_custom_type_id + 700)
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::timer_due))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::set_timer))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::tick))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::commit_request))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::committed))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::flush))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_request))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_report))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_withdrawn))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_hurried))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_sent))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_forget))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_granted))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::quota_waits))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::call_done))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::integration_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::callback_hit))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::abandon))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::addressed_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::add_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::connect_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::callback_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::acknowledge_command))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::list_query))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::consent_ended))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::stop))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::trouble))
  CAF_ADD_TYPE_ID(nexte_sync, (nexte::trouble_over))
CAF_END_TYPE_ID_BLOCK(nexte_sync)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::timer_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::set_timer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::commit_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_withdrawn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_hurried)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_sent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_forget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::quota_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::call_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::integration_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::callback_hit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::abandon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::addressed_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::add_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::connect_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::callback_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::acknowledge_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::list_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::consent_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::trouble)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nexte::trouble_over)
