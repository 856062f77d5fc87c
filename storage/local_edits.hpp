// The local edits of one stream while a write changes them.
#pragma once

#include "storage/stream_writer.hpp"
#include "storage/streams.hpp"

#include <string>

namespace nexte {

/// A change made here, before it is an entry of the outbox.
struct local_change {
  std::string record; ///< As it is called now.
  edit_kind kind = edit_kind::update;
  std::map<std::string, edited_field, std::less<>> fields;
  bool revives = false; ///< create: of a record that is gone; `fields` are all it shall have.
  wall_time edited_at{};
  milliseconds skew{0};
  uint64_t id = 0; ///< The entry to make of it, where one must be made; 0: a new one.
};

/// Why an edit will not be pushed.
struct rejection {
  std::string code;
  std::string sentence;
};

class local_edits {
public:
  local_edits(write_context& in, integration_id id, std::string_view stream,
              const two_way_rules& rules)
      : in_(in),
        id_(id),
        stream_(stream),
        rules_(rules),
        state_(read_stream(in.txn, in.at, id, stream)),
        writer_(in, id, stream, state_, rules) {}

  /// Puts a change into the outbox and the view; yields its entry, 0 where nothing changes. Checks
  /// first: a refused one leaves no trace. Errors as of put_edit.
  result<uint64_t> add(local_change change);
  /// Takes an entry out of those under way: rejected for a reason, or, without one, forgotten.
  /// What follows a create goes the same way. The view is what is left.
  void withdraw(edit_row row, const std::optional<rejection>& why);
  /// The provider has the entry. @pre it is the first of its record
  void confirm(edit_row row, const std::string& record, const record_copy& answer);
  /// Nobody knows whether the provider has the entry: it is to be pushed again.
  void requeue(edit_row row);
  /// What the provider's side says of one record, outside a page.
  result<void> hear(std::string_view record, const record_copy& shown);

  /// The record's present id.
  std::string resolve(std::string_view record) const {
    return nexte::resolve(in_.txn, in_.at, id_, stream_, record);
  }
  std::optional<record_copy> view(std::string_view record) {
    return writer_.read(record);
  }
  /// Saves the stream; what was done.
  write_outcome finish(uint64_t id = 0);

private:
  key key_of(std::string_view record) const {
    return record_prefix(id_, stream_).rest(record);
  }
  edited_record kept_of(std::string_view record) const {
    return read_edited(in_.txn, in_.at, key_of(record)).value_or(edited_record{});
  }
  std::optional<error> refuse(const local_change& change, const std::optional<record_copy>& view,
                              size_t new_entries) const;
  std::vector<std::string> looping_fields(const local_change& change, edited_record& kept,
                                          const field_map& before) const;
  edit_row joined(const local_change& change, const edit_row* to) const;
  void reject(edit_row row, const rejection& why);
  std::optional<edit_row> stopped_before(const std::string& record) const;
  uint64_t put_stopped(const local_change& change, const std::vector<std::string>& names,
                       std::optional<edit_row> before);
  void move_on(const edit_row& row, std::vector<edit_row> left, const std::string& record,
               const record_copy& there, const own_write& own);
  void join_behind(const std::vector<edit_row>& left, const std::vector<edit_row>& others);

  write_context& in_;
  const integration_id id_;
  const std::string stream_;
  const two_way_rules& rules_;
  stream_standing state_;
  stream_writer writer_;
  uint64_t stopped_ = 0;
};

} // namespace nexte
