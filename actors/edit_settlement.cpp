#include "actors/edit_settlement.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace nexte {
namespace {

/// The same in every attempt, and never of another create: the local id, or, where a record that
/// was deleted is made anew, that with what tells this time from another.
std::string key_of(const edit_row& edit) {
  constexpr size_t key_bytes_max = 64;
  auto key = edit.revives ? std::to_string(edit.id) + "-"
                                + std::to_string(edit.first_sent_at.time_since_epoch().count())
                                + "-" + edit.record
                          : edit.record.substr(edit.record.find(':') + 1);
  for (auto& c : key)
    c = std::isalnum(static_cast<unsigned char>(c))
            ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
            : '-';
  key.resize(std::min(key.size(), key_bytes_max));
  return key;
}

} // namespace

outgoing_edit outgoing(const edit_to_push& stored, const field_shape& shape) {
  const auto& edit = stored.edit;
  outgoing_edit out;
  out.kind = edit.kind;
  out.attempted = edit.attempts > 1; // this one included
  out.first_sent_at = edit.first_sent_at + edit.skew;
  if (edit.kind == edit_kind::create)
    out.key = key_of(edit);
  else
    out.record = edit.record;
  if (edit.kind != edit_kind::erase) {
    field_map fields;
    for (const auto& [name, field] : edit.fields)
      fields.emplace(name, field.value);
    out.fields = write_patch(fields, shape);
  }
  if (stored.base) {
    out.base = stored.base->body;
    out.base_version = stored.base->version;
  }
  return out;
}

namespace {

record_copy copy_of(const push_outcome& outcome) {
  record_copy copy;
  if (!outcome.record) {
    copy.deleted = true; // there is nothing left to be shown
    return copy;
  }
  copy.version = outcome.record->version;
  copy.modified_at = outcome.record->modified_at;
  copy.deleted = outcome.record->deleted;
  copy.body = outcome.record->body;
  return copy;
}

} // namespace

void add_settlement(std::vector<store_write>& writes, const edit_row& edit,
                    const push_outcome& outcome, const two_way_rules& rules) {
  const auto confirm = [&](uint64_t which) {
    writes.push_back(confirm_edit{edit.integration, edit.stream, which,
                                  outcome.record ? outcome.record->id : edit.record,
                                  copy_of(outcome), rules});
  };
  const bool is_create = edit.kind == edit_kind::create;
  switch (outcome.what) {
    case push_verdict::confirmed: return confirm(edit.id);
    case push_verdict::rejected:
      writes.push_back(
          reject_edit{edit.integration, edit.id, outcome.code, outcome.sentence, rules});
      return;
    case push_verdict::conflict:
    case push_verdict::gone:
      if (is_create && outcome.record)
        return confirm(edit.id); // it was made, and is gone again
      writes.push_back(requeue_edits{edit.integration, edit.stream, edit.id, rules});
      if (!is_create)
        confirm(0);
      return;
  }
}

} // namespace nexte
