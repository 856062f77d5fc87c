// The store between a host and a small provider: whatever is edited where, answered or lost, and
// whenever the process ends, both sides end equal and no edit goes without a trace.
#include "tests/storage/two_way_support.hpp"

#include <map>
#include <random>
#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

using values = std::map<std::string, std::string>; ///< Field → JSON text.

struct remote_record {
  values fields;
  bool deleted = false;
  int64_t changed = 0; ///< Seconds: a coarse clock, which is the version too.
  std::string token;   ///< The client's, of a create.
};

class TwoWayModel : public TwoWayTest, public testing::WithParamInterface<unsigned> {
protected:
  uint64_t any(uint64_t below) {
    return random_() % below;
  }
  field_map fields_in(const std::string& body) const {
    auto fields = read_fields(body, rules_.shape);
    return fields ? *std::move(fields) : field_map{};
  }
  // ---- the provider
  item shown(const std::string& id) const {
    const auto& r = there_.at(id);
    std::string body = "{";
    for (const auto& [field, value] : r.fields)
      body += (body.size() == 1 ? "\"" : ",\"") + field + "\":" + value;
    return {id, body + "}", std::to_string(r.changed), r.changed, r.deleted};
  }
  std::string new_value(const char* who) {
    return "\"" + std::string{who} + std::to_string(++made_) + "\"";
  }
  void tick() {
    clock_ += static_cast<int64_t>(any(2)); // so that two changes often share a second
    now_ = at(clock_);
  }
  void edit_there() {
    const auto live = live_there();
    if (live.empty() || any(6) == 0) {
      there_["n" + std::to_string(++made_)] = {{{"x", new_value("t")}}, false, clock_, {}};
      return;
    }
    change_there(live[any(live.size())]);
  }
  /// Whether it is there to be changed.
  bool change_there(const std::string& id) {
    const auto found = there_.find(id);
    if (found == there_.end() || found->second.deleted)
      return false;
    auto& r = found->second;
    r.changed = clock_;
    if (any(8) == 0)
      r.deleted = true;
    else
      r.fields[any(2) == 0 ? "x" : "y"] = new_value("t");
    return true;
  }
  std::vector<std::string> live_there() const {
    std::vector<std::string> ids;
    for (const auto& [id, r] : there_)
      if (!r.deleted)
        ids.push_back(id);
    return ids;
  }
  /// What a push does there; the id of the record.
  std::string apply(const edit_row& edit) {
    std::string id = edit.record;
    if (edit.kind == edit_kind::create) {
      id = "n" + std::to_string(++made_);
      there_[id].token = edit.record + "/" + std::to_string(edit.id);
    }
    auto& r = there_[id];
    r.changed = clock_;
    r.deleted = edit.kind == edit_kind::erase;
    for (const auto& [field, change] : edit.fields) {
      note_overwritten(id, field);
      if (change.value == no_value)
        r.fields.erase(field);
      else
        r.fields[field] = change.value;
    }
    if (r.deleted)
      for (const auto& [field, value] : r.fields)
        note_overwritten(id, field);
    return id;
  }
  void note_overwritten(const std::string& id, const std::string& field) {
    const auto& fields = there_[id].fields;
    if (const auto old = fields.find(field); old != fields.end())
      if (!seen_here_.contains(old->second))
        overwritten_.insert(old->second);
  }
  // ---- the host
  void edit_here() {
    std::vector<std::string> live;
    for (const auto& row : records())
      if (!row.deleted)
        live.push_back(row.id);
    note_seen();
    if (live.empty() || any(6) == 0) {
      const auto value = new_value("o");
      const auto id = make_local_id(now_, [&](std::span<uint8_t> out) {
        for (auto& byte : out)
          byte = static_cast<uint8_t>(any(256));
      });
      done(create(id, "{\"x\":" + value + "}", clock_), now_);
      return;
    }
    const auto& id = live[any(live.size())];
    if (any(8) == 0) {
      done(erase(id, clock_), now_);
      return;
    }
    const auto value = new_value("o");
    const std::string field = any(2) == 0 ? "x" : "y";
    done(edit(id, "{\"" + field + "\":" + value + "}", clock_), now_);
  }
  /// Values that the host could see: to write over these is no loss.
  void note_seen() {
    for (const auto& row : records())
      for (const auto& [field, value] : fields_in(row.body))
        seen_here_.insert(value);
  }
  // ---- the engine
  void poll() {
    std::vector<item> items;
    for (const auto& [id, r] : there_)
      if (r.changed >= polled_)
        items.push_back(shown(id));
    polled_ = clock_ - 1; // a coarse clock: the last second again
    put(items, sweep::none);
    note_seen();
  }
  /// One push, or a part of it when the answer is lost or the process ends.
  void push(bool whole) {
    for (const auto& row : edits()) {
      if (row.state == edit_state::rejected)
        continue;
      if (row.state == edit_state::in_flight)
        requeued(row.id);
      else if (push_one(row.id, whole) && !whole)
        return;
    }
  }
  bool push_one(uint64_t number, bool whole) {
    auto found = *store_->edit(id_, number);
    if (!found)
      return false;
    if (found->edit.kind == edit_kind::create && found->edit.attempts > 0)
      if (const auto id = by_token(found->edit); !id.empty()) {
        confirmed(number, shown(id));
        return true;
      }
    if (there_.contains(found->edit.record)) { // read, compare
      confirmed(0, shown(found->edit.record));
      found = *store_->edit(id_, number);
    }
    if (!found)
      return true;
    auto begun = write(begin_push{id_, number}, now_);
    if (!begun)
      return false; // it follows another
    if (!whole && any(5) == 0)
      return end_and_start();
    if (!whole && any(3) == 0 && change_there(found->edit.record))
      poll();                   // a page that comes in between
    if (is_gone(found->edit)) { // the provider says 404
      requeued(number);
      confirmed(0, shown(found->edit.record));
      return true;
    }
    ++writes_;
    tick();
    const auto id = apply(found->edit);
    if (!whole && any(4) == 0)
      return end_and_start();
    if (!whole && any(4) == 0)
      poll(); // the echo comes first
    confirmed(number, shown(id));
    return true;
  }
  bool is_gone(const edit_row& edit) const {
    const auto found = there_.find(edit.record);
    return edit.kind == edit_kind::update && found != there_.end() && found->second.deleted;
  }
  std::string by_token(const edit_row& edit) const {
    for (const auto& [id, r] : there_)
      if (r.token == edit.record + "/" + std::to_string(edit.id))
        return id;
    return {};
  }
  bool end_and_start() {
    open();
    requeued();
    return true;
  }
  void expect_both_sides_equal() {
    std::map<std::string, field_map> here;
    for (const auto& row : records())
      if (!row.deleted)
        here[row.id] = fields_in(row.body);
    std::map<std::string, field_map> there;
    for (const auto& id : live_there())
      there[id] = fields_in(shown(id).body);
    EXPECT_EQ(here, there);
    for (const auto& row : edits()) // of a record that was gone when its create was found
      EXPECT_EQ(row.state, edit_state::rejected);
    EXPECT_EQ(stands().live_records, there.size());
    EXPECT_EQ(*store_->count_edits(id_), (edit_counts{0, edits().size()}));
  }
  void expect_a_trace_of_everything() {
    std::set<std::string> archived;
    for (const auto& row : conflicts()) // the winner, too: a late push may pass over it
      for (const auto* copy : {&row.winner, &row.loser})
        for (const auto& [field, value] : fields_in(copy->body))
          archived.insert(value);
    for (const auto& value : overwritten_)
      EXPECT_TRUE(archived.contains(value)) << value << " was written over unseen";
    std::set<std::string> tokens;
    for (const auto& [id, r] : there_) {
      EXPECT_TRUE(r.token.empty() || tokens.insert(r.token).second) << r.token << " came twice";
    }
  }

  std::minstd_rand random_{GetParam()};
  std::map<std::string, remote_record> there_;
  std::set<std::string> seen_here_;
  std::set<std::string> overwritten_;
  int64_t clock_ = 1000;
  int64_t polled_ = 0;
  uint64_t made_ = 0;
  uint64_t writes_ = 0;
};

} // namespace

TEST_P(TwoWayModel, EndsWithBothSidesEqualAndATraceOfEachEdit) {
  rules_
      = rules(GetParam() % 2 == 0 ? conflict_rule::last_write_wins : conflict_rule::merge_fields);
  for (int step = 0; step < 120; ++step) {
    tick();
    switch (any(8)) {
      case 0:
      case 1: edit_there(); break;
      case 2:
      case 3:
      case 4: edit_here(); break;
      case 5:
      case 6: push(false); break;
      default: poll();
    }
    if (HasFailure())
      FAIL() << "seed " << GetParam() << ", step " << step;
  }
  for (int quiet = 0; quiet < 4; ++quiet) {
    clock_ += 2;
    poll();
    push(true);
  }
  const auto written = writes_;
  clock_ += 2;
  poll();
  push(true);
  EXPECT_EQ(writes_, written) << "writes go on after the edits stopped";
  expect_both_sides_equal();
  expect_a_trace_of_everything();
  if (HasFailure())
    FAIL() << "seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, TwoWayModel, testing::Range(1u, 17u));
/// Creates whose answers were lost, edited on both sides before they were found.
INSTANTIATE_TEST_SUITE_P(OnceLost, TwoWayModel, testing::Values(25u, 39u, 57u, 995u));
