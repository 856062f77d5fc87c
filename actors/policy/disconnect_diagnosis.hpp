// Why an integration keeps disconnecting, told from its history. No CAF, no clock, no I/O.
#pragma once

#include "storage/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

/// So many disconnects within the window are an incident.
inline constexpr size_t disconnects_min = 3;
inline constexpr std::chrono::days disconnects_window{7};
/// Google's cap of 100 tokens per account ends the oldest (google.md §1.6): a sign-in that ended
/// without a reason within this time was probably pushed out by others.
inline constexpr std::chrono::hours capped_life_max{24};

struct disconnect_diagnosis {
  std::string code;     ///< The cause, e.g. "sign_in_policy"; "unknown_cause" where none shows.
  std::string sentence; ///< For a person.
  std::string next_step;
  std::vector<std::string> evidence; ///< One sentence each, oldest first; no secret.
};

/// Names the one cause that most of the disconnects of the last 7 days speak for (of equals: the
/// latest). Consents that failed on this computer in that time speak too. Nullopt for fewer than 3
/// disconnects. Entries up to 7 days in the future count (the clock was set back); those further
/// off were written by a wrong clock and do not. `provider_title` is for the texts.
std::optional<disconnect_diagnosis>
diagnose_disconnects(const integration_row& row, std::string_view provider_title, wall_time now);

} // namespace nexte
