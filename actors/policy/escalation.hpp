// What is said about an ongoing problem as it grows older. No CAF, no clock, no I/O.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte {

/// One stage of one kind of incident, reached by age. In the texts `{provider}` stands for its
/// title and `{dashboard}` for where its quota is shown.
struct escalation_row {
  std::string_view kind;         ///< `incident_row::kind`
  std::chrono::minutes from_age; ///< Ascending within a kind, from 0; the stage is its place.
  std::string_view notification; ///< `notification_row::kind`
  std::string_view title;        ///< A few words for a person: the notification's headline.
  std::string_view next_step;    ///< What to do, or what happens by itself.
};

/// The whole table, kinds in groups.
std::span<const escalation_row> escalation_table();

/// What the texts say of a provider, as in provider_description.
struct provider_words {
  std::string title;
  std::string quota_dashboard; ///< Empty: "its administration pages".
};

/// How an open incident stands.
struct escalation {
  unsigned stage = 0;
  std::string_view notification;
  std::string_view title;
  std::string next_step; ///< Ready to be shown.
  /// When the next stage begins; nullopt: this is the last one.
  std::optional<wall_time> next_stage_at;
};

/// The stage of an incident at `now`. Never below `stage_before`, the one it has reached already: a
/// clock that is set back takes nothing back. A kind that the table does not know has one stage,
/// told under its own name.
escalation escalate(std::string_view kind, const provider_words& provider, wall_time opened_at,
                    wall_time now, unsigned stage_before = 0);

} // namespace nexte
