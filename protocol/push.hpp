// Local edits on their way to a provider, and what became of each. Values only.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexte {

enum class edit_kind : uint8_t { create, update, erase };

/// What one local edit asks of the provider.
struct outgoing_edit {
  edit_kind kind = edit_kind::update;
  std::string record; ///< The provider's id; of a create: empty.
  /// Of a create: ours, never used for another one; 1 to 64 of a-z, 0-9 and '-'. What an earlier
  /// attempt made is found by it.
  std::string key;
  /// The fields to set, as a JSON object in the provider's names; null clears. Of an erase: empty.
  std::string fields;
  std::string base; ///< The body that both sides last agreed on; of a create: empty.
  std::string base_version;
  /// An earlier attempt may have reached the provider: a create is looked up before it is made.
  bool attempted = false;
  wall_time first_sent_at{}; ///< The first attempt, by the provider's clock.
};

/// A record as the provider has it. `record_view` with texts of its own.
struct remote_record {
  std::string id;
  std::string version;
  wall_time modified_at{};
  bool deleted = false;
  std::string body;
};

/// What became of one edit. Whoever gets none for an edit knows nothing of it: it may be pushed
/// again as it is, with `attempted`.
enum class push_verdict : uint8_t {
  confirmed, ///< The provider has it; `record` as it is there now (deleted, of an erase).
  conflict,  ///< Not written: it was changed there since the base; `record` as it is there now.
  gone,      ///< Not written: it was deleted there; `record` if the provider still shows it.
  rejected,  ///< Never as it stands: `code` and `sentence` say why and what a person can do.
};

struct push_outcome {
  push_verdict what = push_verdict::rejected;
  std::optional<remote_record> record;
  std::string code;     ///< For programs, e.g. "duplicate", "INVALID_EMAIL".
  std::string sentence; ///< For people; no secret, at most 500 bytes.
};

struct push_request {
  std::string api_base;             ///< No trailing slash.
  std::vector<outgoing_edit> edits; ///< 1 to `push_edits_max`, at most one of each record.
};

/// Edits in one push; providers take at least as many in a batch.
inline constexpr size_t push_edits_max = 100;

} // namespace nexte
