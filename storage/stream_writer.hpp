// One stream while a write changes it: its records, feed, sweeps, and what meets local edits.
#pragma once

#include "storage/records.hpp"
#include "storage/two_way_rows.hpp"

namespace nexte {

/// One stream while a write changes it. The caller saves `state` afterwards.
class stream_writer {
public:
  stream_writer(write_context& in, integration_id id, std::string_view stream,
                stream_standing& state, const two_way_rules& rules);

  /// What the provider shows of a record. @pre `refuse` has nothing against it
  void take(const record_view& item, bool lagging);
  /// Where local edits need a record's fields, they must be there to read: else `malformed`.
  std::optional<error> refuse(const record_view& item);
  /// Deletes, keeping what is known of it.
  void bury(std::string_view record_id);
  /// A record was shown and could not be read: what is known of it stays. `record_id` empty: it may
  /// be any of them.
  void pass_over(std::string_view record_id);
  void begin_sweep();
  void finish_sweep();
  void release_held();
  /// Brings the counts in line with the records, after damage made them unsure. With
  /// `next_sequence` the stream's sequence rises: a run that stands at the old one starts over.
  void finish(bool next_sequence = true);

  /// The record as it is stored; nullopt when there is none. Throws `damage`.
  std::optional<record_copy> read(std::string_view record_id);
  /// Stores the view of a record, with a change in the feed if `changed`.
  void show(std::string_view record_id, const record_copy& view, bool changed);
  /// Stores where the two sides stand after the other side was heard of: edits, base, conflicts,
  /// view. What came while an edit was in flight is done with.
  void settle_down(std::string_view record_id, edited_record kept, const settlement& now_stands);
  /// Stores the edits of a record in place of those of `kept`, and its view.
  void put_edits(std::string_view record_id, edited_record kept, const std::vector<edit_row>& edits,
                 const record_copy& view);

  write_outcome outcome;

private:
  void take_edited(const record_view& item, bool lagging, edited_record kept);
  void take_remembered(const record_copy& shown, bool lagging, const record_copy& view,
                       edited_record kept);
  settlement settle_with(edited_record& kept, const record_copy& base,
                         const std::vector<edit_row>& edits, const record_copy& shown) const;
  bool is_older(const record_copy& shown, bool lagging, const record_copy& than,
                edited_record& kept) const;
  void note_turns(edited_record& kept, const record_copy& from, const record_copy& to) const;
  void leave();
  void leave(const stored_record& old);
  void inserted(bool deleted);
  void replace(const stored_record& old, stored_record fresh);
  void heal(stored_record fresh);
  void append_to_feed(bool deleted);
  void seen(sweep_state& sweep, bool unchanged, const stored_record& old);
  void see_creates();
  void discard(sweep_state& sweep);
  void recount();
  void stand_at(std::string_view record_id) {
    key_.cut(prefix_).rest(record_id);
  }
  std::string_view prefix() const {
    return std::string_view{key_}.substr(0, prefix_);
  }
  std::string_view record_id() const {
    return std::string_view{key_}.substr(prefix_);
  }

  write_context& in_;
  stream_standing& state_;
  const two_way_rules& rules_;
  const integration_id id_;
  key key_; ///< Of the record at hand.
  const size_t prefix_;
  bool any_edited_ = false; ///< The stream has records that were edited here.
  bool counts_unsure_ = false;
};

} // namespace nexte
