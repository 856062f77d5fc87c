// What becomes of a record's local edits when the other side is heard of. Pure: values in, values
// out; outbox.cpp and streams.cpp make it durable.
#pragma once

#include "storage/loop_watch.hpp"
#include "storage/two_way.hpp"

#include <optional>
#include <vector>

namespace nexte {

/// A write of ours that the provider confirmed and no page has shown yet.
struct own_write {
  wall_time modified_at{};
  uint64_t before_hash = 0; ///< content_hash of what it replaced; 0: nothing.
  milliseconds elapsed{0};  ///< When it was confirmed.
  friend bool operator==(const own_write&, const own_write&) = default;
};

/// An edit that was sent, got no answer, and was not there when the other side was heard of: it was
/// decided, and may arrive all the same.
struct late_write {
  edit_row sent;
  milliseconds elapsed{0}; ///< When it was decided.
};

/// So long (elapsed) a confirmed write tells its echo, and older states, from changes, and a write
/// without an answer is expected to arrive.
inline constexpr std::chrono::hours own_write_kept{24};
/// So long a request without an answer may still arrive; afterwards the same values are a person's.
inline constexpr std::chrono::minutes late_write_kept{15};

/// What is kept beside a record that was edited here.
struct edited_record {
  std::optional<record_copy> base; ///< While edits are under way; none of a mere create.
  std::vector<uint64_t> edits;     ///< In order; at most two.
  std::optional<record_copy> seen; ///< Came while the first was in flight.
  std::optional<own_write> own;
  std::optional<late_write> late;
  std::vector<field_turns> turns;

  bool is_empty() const {
    return edits.empty() && !own && !late && turns.empty();
  }
};

/// Where a record's two sides stand after a settlement.
struct settlement {
  std::optional<record_copy> base; ///< Absent: no edit is left (or it is a mere create's).
  std::vector<edit_row> edits;     ///< Those left, in order; id 0: a new one.
  record_copy view;
  std::vector<conflict_row> archived; ///< Without id, time and age; none or one.
  bool echo = false;                  ///< The other side's version was our own write.
  std::optional<edit_row> unanswered; ///< Sent, and decided without its having arrived.
};

/// Fields of a copy. @pre its body was checked with read_fields
field_map fields_of(const record_copy& copy, const field_shape& shape);
/// What is gone has no fields: an edit that revives it says all of them.
record_base content_of(const record_copy& copy, const field_shape& shape);
record_base applied(record_base content, const edit_row& edit);
/// `like` as the edit that makes `wanted` of `below` (absent: nothing is there yet); nullopt when
/// nothing is left to do. A field keeps its time if `like` has it with that value.
std::optional<edit_row> rephrased(edit_row like, const std::optional<record_base>& below,
                                  const record_base& wanted);
/// Hash of the fields of a copy, and of whether it is deleted.
uint64_t content_hash(const record_copy& copy, const field_shape& shape);
bool is_same_content(const record_copy& a, const record_copy& b, const field_shape& shape);

/// What a deletion does not say, from the version it ended.
record_copy completed(record_copy copy, const record_copy& from);

/// The base with the edits on it. @pre `edits` belong to one record
record_copy view_of(const std::optional<record_copy>& base, const std::vector<edit_row>& edits,
                    const field_shape& shape);

/// Whether the provider's side has what the edit says.
bool has_landed(const edit_row& edit, const record_copy& remote, const field_shape& shape);

/// The provider's `remote` meets edits of which none is in flight. `now` stands in for the time of
/// a change the provider gave none of.
settlement settle(const record_copy& base, const std::vector<edit_row>& edits,
                  const record_copy& remote, const two_way_rules& rules, wall_time now);

/// As `settle`, where `remote` shows `late` arrived after it was decided without it: what was
/// decided then is written over it.
settlement settle_late(const record_copy& base, const std::vector<edit_row>& edits,
                       const record_copy& remote, const edit_row& late, const two_way_rules& rules,
                       wall_time now);

/// The provider has the first of `edits`, and answered `answer` (whole); `seen` came meanwhile.
settlement settle_confirmed(const std::optional<record_copy>& base,
                            const std::vector<edit_row>& edits, const record_copy& answer,
                            const std::optional<record_copy>& seen, const two_way_rules& rules,
                            wall_time now);

} // namespace nexte
