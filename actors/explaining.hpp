// Why a record is, or is not, here: decided from what the store holds and what the provider said.
// No CAF, no clock, no I/O.
#pragma once

#include "actors/engine.hpp"
#include "actors/sync_desk.hpp"
#include "protocol/provider.hpp"
#include "storage/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nexte {

/// What is known here of one record and its stream.
struct record_facts {
  std::string provider_title;
  std::string account; ///< For people.
  const stream_state* stream = nullptr;
  std::optional<record_row> stored;
  std::optional<quarantine_row> quarantined;
  std::vector<std::string> granted_scopes;
  bool signed_in = false;
  bool paused = false;  ///< The mode.
  bool limited = false; ///< The provider refuses for quota, or a request waits for it.
  std::optional<wall_time> quota_back_at;
  wall_time next_sync_at{};              ///< Of the stream; epoch: none is planned.
  std::optional<error_entry> last_error; ///< Of the stream's runs, while they fail.
};

/// How the provider was asked, and what came of it.
struct look_up_outcome {
  std::optional<sighting> seen;
  std::optional<verdict> refusal; ///< The provider refused the request, for this reason.
  std::string not_asked;          ///< Why there is no answer, for people; empty: there is one.
};

/// Whether only the provider can tell.
bool must_ask(const record_facts& known);

/// The codes, in the order in which they are looked for:
///
/// | code | |
/// |---|---|
/// | `quarantined` | stepped over, because it cannot be read or broke the connector |
/// | `synced` | it is here |
/// | `archived_at_provider`, `deleted` | it was here, or never was, and is archived or gone there |
/// | `scope_missing`, `hidden_from_account` | the account may not read it |
/// | `disconnected` | nobody is signed in |
/// | `filtered` | the stream's rule leaves it out |
/// | `not_shown_by_provider` | the provider shows this account none of that id |
/// | `paused`, `held_by_quota`, `failed_to_parse`, `sync_failing`, `not_yet_due` | not read yet |
/// | `provider_not_asked` | never stored, and the provider could not be asked |
///
/// `asked`: what a look-up brought where `must_ask`; else ignored.
/// @pre `known.stream` is not null
explanation explain_record(const record_facts& known, const look_up_outcome& asked);

} // namespace nexte
