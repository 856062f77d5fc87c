// The connection of an integration as a table. No CAF, no clock, no I/O.
//
//                        tokens_adopted
//      ┌───────────────────────────────────────────────┐
//      │              consent_begun                    ▼   call_limited
//  disconnected ──────────────────────► reconnecting  connected ─────────► rate_limited
//      ▲  ▲            consent_failed    │  ▲   ▲  │   │  ▲  ▲   recovered    │    │
//      │  └──────────────────────────────┘  │   │  └───│──┘  └───────────────┘    │
//      │                          call_failed, defect  │ recovered               │
//      │                                    └──────────┴─────────────────────────┘
//      └── token_refused, stopped_by_person: from everywhere
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nexte {

enum class phase : uint8_t { disconnected, reconnecting, connected, rate_limited };
inline constexpr int phase_count = 4;

enum class signal : uint8_t {
  consent_begun,     ///< A person was sent to the consent screen.
  consent_failed,    ///< … and came back without consent, or not at all.
  tokens_adopted,    ///< … and came back with it: new tokens are durable.
  call_limited,      ///< The provider refused a request for quota.
  call_failed,       ///< Provider or network fail again and again.
  recovered,         ///< A request succeeded and no other one is waiting out a failure.
  token_refused,     ///< The provider takes neither our access nor our refresh token.
  stopped_by_person, ///< Disconnect.
  defect,            ///< Our own failure: the actor was started again.
};
inline constexpr int signal_count = 9;

enum class effect : uint8_t {
  none,
  start_sync, ///< Run every stream from its checkpoint.
  stop_sync,  ///< End every run and call at once.
};

/// The state's word in storage, API and texts.
constexpr std::string_view to_string(phase at) {
  constexpr std::array<std::string_view, phase_count> words
      = {"disconnected", "reconnecting", "connected", "rate_limited"};
  return words[static_cast<size_t>(at)];
}

constexpr std::string_view to_string(signal on) {
  constexpr std::array<std::string_view, signal_count> words
      = {"consent_begun", "consent_failed", "tokens_adopted",    "call_limited", "call_failed",
         "recovered",     "token_refused",  "stopped_by_person", "defect"};
  return words[static_cast<size_t>(on)];
}

constexpr std::string_view to_string(effect then) {
  constexpr std::array<std::string_view, 3> words = {"none", "start_sync", "stop_sync"};
  return words[static_cast<size_t>(then)];
}

/// Green, amber, red: what a person sees first.
constexpr std::string_view badge_of(phase at) {
  constexpr std::array<std::string_view, phase_count> colours = {"red", "amber", "green", "amber"};
  return colours[static_cast<size_t>(at)];
}

/// Disconnected for a word that is none of ours.
constexpr phase parse_phase(std::string_view word) {
  for (int p = 0; p < phase_count; ++p)
    if (to_string(static_cast<phase>(p)) == word)
      return static_cast<phase>(p);
  return phase::disconnected;
}

struct transition {
  phase from;
  signal on;
  phase to;
  effect then;
};

/// Every legal step; an absent pair is impossible: it is dropped and counted.
inline constexpr transition transitions[] = {
    {phase::disconnected, signal::consent_begun, phase::reconnecting, effect::none},
    {phase::disconnected, signal::tokens_adopted, phase::connected, effect::start_sync},
    {phase::disconnected, signal::stopped_by_person, phase::disconnected, effect::stop_sync},

    {phase::reconnecting, signal::consent_begun, phase::reconnecting, effect::none},
    {phase::reconnecting, signal::consent_failed, phase::disconnected, effect::none},
    {phase::reconnecting, signal::tokens_adopted, phase::connected, effect::start_sync},
    {phase::reconnecting, signal::call_limited, phase::rate_limited, effect::none},
    {phase::reconnecting, signal::call_failed, phase::reconnecting, effect::none},
    {phase::reconnecting, signal::recovered, phase::connected, effect::none},
    {phase::reconnecting, signal::token_refused, phase::disconnected, effect::stop_sync},
    {phase::reconnecting, signal::stopped_by_person, phase::disconnected, effect::stop_sync},
    {phase::reconnecting, signal::defect, phase::reconnecting, effect::start_sync},

    {phase::connected, signal::consent_begun, phase::connected, effect::none},
    {phase::connected, signal::tokens_adopted, phase::connected, effect::start_sync},
    {phase::connected, signal::call_limited, phase::rate_limited, effect::none},
    {phase::connected, signal::call_failed, phase::reconnecting, effect::none},
    {phase::connected, signal::recovered, phase::connected, effect::none},
    {phase::connected, signal::token_refused, phase::disconnected, effect::stop_sync},
    {phase::connected, signal::stopped_by_person, phase::disconnected, effect::stop_sync},
    {phase::connected, signal::defect, phase::reconnecting, effect::start_sync},

    {phase::rate_limited, signal::consent_begun, phase::rate_limited, effect::none},
    {phase::rate_limited, signal::tokens_adopted, phase::connected, effect::start_sync},
    {phase::rate_limited, signal::call_limited, phase::rate_limited, effect::none},
    {phase::rate_limited, signal::call_failed, phase::reconnecting, effect::none},
    {phase::rate_limited, signal::recovered, phase::connected, effect::none},
    {phase::rate_limited, signal::token_refused, phase::disconnected, effect::stop_sync},
    {phase::rate_limited, signal::stopped_by_person, phase::disconnected, effect::stop_sync},
    {phase::rate_limited, signal::defect, phase::reconnecting, effect::start_sync},
};

/// The row for (`from`, `on`), or nullopt when that step is not legal.
constexpr std::optional<transition> step(phase from, signal on) {
  for (const auto& row : transitions)
    if (row.from == from && row.on == on)
      return row;
  return std::nullopt;
}

} // namespace nexte
