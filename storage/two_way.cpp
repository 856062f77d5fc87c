#include "storage/two_way.hpp"

#include <array>

namespace nexte {
namespace {

constexpr std::string_view local_prefix = "local:";
constexpr std::string_view ulid_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base32
constexpr size_t ulid_length = 26;

} // namespace

std::string_view to_string(edit_kind kind) {
  constexpr std::array<std::string_view, 3> names = {"create", "update", "delete"};
  return names[static_cast<size_t>(kind)];
}

std::string_view to_string(edit_state state) {
  constexpr std::array<std::string_view, 3> names = {"pending", "in_flight", "rejected"};
  return names[static_cast<size_t>(state)];
}

std::string_view to_string(conflict_winner winner) {
  constexpr std::array<std::string_view, 3> names = {"local", "remote", "both"};
  return names[static_cast<size_t>(winner)];
}

merge_preview preview_merge(const conflict_row& row) {
  merge_preview preview;
  preview.conflict = row.winner.deleted != row.loser.deleted;
  if (preview.conflict) // a deletion is of the whole record, by either rule
    return preview;
  for (const auto& found : row.differences) {
    if (found.loser == found.base || found.loser == found.winner)
      continue;
    (found.winner == found.base ? preview.kept : preview.decided).push_back(found.field);
  }
  preview.conflict = !preview.decided.empty();
  return preview;
}

std::string make_local_id(wall_time at, const random_source& random) {
  std::array<uint8_t, ulid_length> bytes{};
  random(bytes);
  std::string id{local_prefix};
  const auto time = static_cast<uint64_t>(at.time_since_epoch().count());
  for (int shift = 45; shift >= 0; shift -= 5)
    id += ulid_digits[(time >> shift) & 31];
  for (size_t i = 10; i < ulid_length; ++i)
    id += ulid_digits[bytes[i] & 31];
  return id;
}

bool is_local_id(std::string_view record) {
  return record.starts_with(local_prefix) && record.size() == local_prefix.size() + ulid_length
         && record.find_first_not_of(ulid_digits, local_prefix.size()) == std::string_view::npos;
}

} // namespace nexte
