#include "storage/outbox.hpp"

namespace nexte {

result<write_outcome> apply(write_context&, const put_edit&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const begin_push&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const confirm_edit&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const reject_edit&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const requeue_edits&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const drop_edit&) {
  return error{ec::bug, "two-way sync is not built yet"};
}
result<write_outcome> apply(write_context&, const restore_conflict&) {
  return error{ec::bug, "two-way sync is not built yet"};
}

std::vector<edit_row> read_edits(const lmdb::transaction&, const tables&, integration_id, uint64_t,
                                 size_t) {
  return {};
}
edit_counts read_edit_counts(const lmdb::transaction&, const tables&, integration_id) {
  return {};
}
std::optional<edit_to_push> read_edit(const lmdb::transaction&, const tables&, integration_id,
                                      uint64_t) {
  return {};
}
std::vector<conflict_row> read_conflicts(const lmdb::transaction&, const tables&,
                                         const conflict_filter&, size_t) {
  return {};
}
std::optional<conflict_row> read_conflict(const lmdb::transaction&, const tables&, uint64_t) {
  return {};
}
} // namespace nexte
