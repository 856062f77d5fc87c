// What the tests of two-way sync share: a stream whose fields are its bodies' members, edits and
// the provider's answers from few words.
#pragma once

#include "tests/storage/support.hpp"

namespace nexte::test {

class TwoWayTest : public StoreTest {
protected:
  /// Bodies are flat; "updated" is the provider's own.
  two_way_rules rules(conflict_rule rule = conflict_rule::last_write_wins) const {
    two_way_rules made;
    made.shape.computed = {"updated"};
    made.rule = rule;
    return made;
  }
  write_outcome put(const std::vector<item>& items, sweep enumeration = sweep::none,
                    bool lagging = false) {
    auto write = on_top(make_page(items, enumeration));
    write.records.lagging = lagging;
    write.rules = rules_;
    return done(std::move(write), now_);
  }
  put_edit edit(const std::string& record, const std::string& fields, int64_t edited) const {
    return {id_, "contacts", record, edit_kind::update, fields, at(edited), rules_};
  }
  put_edit create(const std::string& record, const std::string& fields, int64_t edited) const {
    return {id_, "contacts", record, edit_kind::create, fields, at(edited), rules_};
  }
  put_edit erase(const std::string& record, int64_t edited) const {
    return {id_, "contacts", record, edit_kind::erase, "", at(edited), rules_};
  }
  write_outcome sent(uint64_t number) {
    return done(begin_push{id_, number}, now_);
  }
  confirm_edit answer(uint64_t number, const item& record) const {
    return {id_,
            "contacts",
            number,
            record.id,
            {record.version, at(record.modified), record.deleted, record.body},
            rules_};
  }
  write_outcome confirmed(uint64_t number, const item& record) {
    return done(answer(number, record), now_);
  }
  write_outcome requeued(uint64_t number = 0) {
    return done(requeue_edits{id_, "contacts", number, rules_}, now_);
  }
  std::vector<edit_row> edits() const {
    return *store_->edits(id_, 0, 1'000'000);
  }
  edit_to_push edit_of(uint64_t number) const {
    const auto found = store_->edit(id_, number);
    EXPECT_TRUE(found && *found) << number;
    return **found;
  }
  std::vector<conflict_row> conflicts() const {
    return *store_->conflicts({}, 1'000'000);
  }
  std::string body(const std::string& record_id) const {
    return record(record_id).body;
  }
  /// The fields of an entry, "x=1 y=null".
  static std::string text(const edit_row& row) {
    std::string all;
    for (const auto& [field, change] : row.fields)
      all += (all.empty() ? "" : " ") + field + "=" + change.value;
    return all;
  }
  static std::string local(char last) {
    return "local:0000000000000000000000000" + std::string(1, last);
  }
  size_t changes_of(const std::string& record_id, uint64_t after) const {
    size_t count = 0;
    for (const auto& entry : changes(after))
      count += entry.record == record_id ? 1 : 0;
    return count;
  }
  uint64_t feed_end() const {
    const auto all = changes();
    return all.empty() ? 0 : all.back().sequence;
  }

  two_way_rules rules_ = rules();
  wall_time now_ = at(1000);
};

} // namespace nexte::test
