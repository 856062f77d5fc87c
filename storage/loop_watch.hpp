// Notices a field that two sides in turn set back to what each of them wants. Pure.
#pragma once

#include "storage/conflict.hpp"

#include <string_view>
#include <vector>

namespace nexte {

/// What is remembered of a field that was edited here.
struct field_turns {
  std::string field;
  uint64_t before = 0;               ///< Hash of the value it had before its present one.
  edit_side last = edit_side::local; ///< Who set it.
  milliseconds changed{0};           ///< Elapsed time of the last change.
  std::vector<milliseconds> turns;   ///< Elapsed times at which a side set it back.
  friend bool operator==(const field_turns&, const field_turns&) = default;
};

class loop_watch {
public:
  explicit loop_watch(std::vector<field_turns>& memory, milliseconds elapsed)
      : memory_(memory), elapsed_(elapsed) {}
  /// Whether this side's change would be one turn too many.
  bool would_loop(std::string_view field, std::string_view from, std::string_view to,
                  edit_side side) const;
  /// Remembers a change; of a field never edited here, only one made here.
  void note(std::string_view field, std::string_view from, std::string_view to, edit_side side);
  /// Forgets fields that did not change for `loop_span`.
  void prune();

private:
  field_turns* find(std::string_view field) const;
  bool is_turn(const field_turns& known, std::string_view to, edit_side side) const;
  std::vector<field_turns>& memory_;
  milliseconds elapsed_;
};

} // namespace nexte
