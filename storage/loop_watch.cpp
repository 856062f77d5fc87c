#include "storage/loop_watch.hpp"

#include "storage/checksum.hpp"
#include "storage/two_way.hpp"

#include <algorithm>

namespace nexte {
namespace {

uint64_t hash_of(std::string_view text) {
  return uint64_t{crc32c(text)} << 32 | (text.size() & 0xFFFFFFFF);
}

} // namespace

field_turns* loop_watch::find(std::string_view field) const {
  const auto found = std::ranges::find(memory_, field, &field_turns::field);
  return found == memory_.end() ? nullptr : &*found;
}

/// A side sets the field back to what it was before the other side set it.
bool loop_watch::is_turn(const field_turns& known, std::string_view to, edit_side side) const {
  return side != known.last && hash_of(to) == known.before;
}

bool loop_watch::would_loop(std::string_view field, std::string_view from, std::string_view to,
                            edit_side side) const {
  const auto* known = find(field);
  if (!known || from == to || !is_turn(*known, to, side))
    return false;
  const auto recent = std::ranges::count_if(
      known->turns, [&](milliseconds turn) { return turn + loop_span > elapsed_; });
  return recent >= static_cast<ptrdiff_t>(loop_turns_max);
}

void loop_watch::note(std::string_view field, std::string_view from, std::string_view to,
                      edit_side side) {
  auto* known = find(field);
  if (from == to || (!known && side == edit_side::remote))
    return;
  if (!known) {
    known = &memory_.emplace_back();
    known->field = field;
  } else if (is_turn(*known, to, side)) {
    known->turns.push_back(elapsed_);
    std::erase_if(known->turns, [&](milliseconds turn) { return turn + loop_span <= elapsed_; });
  } else if (side != known->last) {
    known->turns.clear(); // a new value: no loop
  }
  known->before = hash_of(from);
  known->last = side;
  known->changed = elapsed_;
}

void loop_watch::prune() {
  std::erase_if(memory_,
                [&](const field_turns& known) { return known.changed + loop_span <= elapsed_; });
}

} // namespace nexte
