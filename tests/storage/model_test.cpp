// The store against a few lines that say the same without speed or durability.
#include "tests/storage/support.hpp"

#include <map>
#include <random>
#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

struct model_stream {
  std::map<std::string, item> records;
  std::optional<std::set<std::string>> unseen; ///< Live before the sweep, not shown in it.
  std::set<std::string> held;
  uint64_t live_at_first = 0;
  uint64_t sequence = 0;

  uint64_t live() const {
    uint64_t count = 0;
    for (const auto& [id, record] : records)
      count += record.deleted ? 0 : 1;
    return count;
  }
};

class model {
public:
  std::vector<std::string> feed; ///< "stream/record", oldest change first.

  write_outcome put(const std::string& name, const std::vector<item>& items, sweep enumeration,
                    bool lagging) {
    auto& s = streams[name];
    write_outcome outcome;
    if (enumeration == sweep::first || enumeration == sweep::whole) {
      s.unseen.emplace();
      for (const auto& [id, record] : s.records)
        if (!record.deleted)
          s.unseen->insert(id);
      s.live_at_first = s.unseen->size();
    }
    for (const auto& shown : items)
      take(name, shown, lagging, outcome);
    if (enumeration == sweep::last || enumeration == sweep::whole) {
      const auto absent = *s.unseen;
      s.unseen.reset();
      s.held.clear();
      const bool brake
          = absent.size() > 20 && 2 * absent.size() > std::min(s.live_at_first, s.live());
      if (brake)
        s.held = absent;
      else
        bury(name, absent, outcome);
      outcome.held_deletes = s.held.size();
    }
    outcome.sequence = ++s.sequence;
    return outcome;
  }
  write_outcome release(const std::string& name) {
    auto& s = streams[name];
    write_outcome outcome;
    const auto held = std::exchange(s.held, {});
    bury(name, held, outcome);
    outcome.sequence = s.sequence;
    return outcome;
  }
  std::map<std::string, model_stream> streams;

private:
  void bury(const std::string& name, const std::set<std::string>& ids, write_outcome& outcome) {
    auto& s = streams[name];
    for (const auto& id : ids) {
      s.records[id].deleted = true;
      ++outcome.deleted;
      changed(name, id);
      if (s.unseen)
        s.unseen->erase(id);
    }
  }
  void changed(const std::string& name, const std::string& id) {
    std::erase(feed, name + "/" + id);
    feed.push_back(name + "/" + id);
  }
  void take(const std::string& name, item shown, bool lagging, write_outcome& outcome) {
    auto& s = streams[name];
    const auto found = s.records.find(shown.id);
    if (s.unseen)
      s.unseen->erase(shown.id);
    s.held.erase(shown.id);
    if (found == s.records.end()) {
      ++(shown.deleted ? outcome.deleted : outcome.inserted);
      s.records[shown.id] = shown;
      return changed(name, shown.id);
    }
    auto& old = found->second;
    const bool stale = lagging
                       && (shown.modified < old.modified
                           || (old.deleted && !shown.deleted && shown.modified == old.modified));
    if (shown.deleted) {
      shown.body = shown.body.empty() ? old.body : shown.body;
      shown.version = shown.version.empty() ? old.version : shown.version;
      shown.modified = shown.modified == 0 ? old.modified : shown.modified;
    }
    const bool same
        = shown.deleted == old.deleted && shown.body == old.body && shown.version == old.version;
    if (stale || same) {
      ++outcome.unchanged;
      return;
    }
    if (shown.deleted == old.deleted)
      ++outcome.updated;
    else
      ++(shown.deleted ? outcome.deleted : outcome.inserted);
    old = shown;
    changed(name, shown.id);
  }
};

class Model : public StoreTest, public testing::WithParamInterface<unsigned> {
protected:
  uint64_t any(uint64_t below) {
    return random_() % below;
  }
  std::vector<item> any_items() {
    std::vector<item> items;
    for (uint64_t left = any(40); left > 0; --left) {
      item made{"r" + std::to_string(any(90)), "body" + std::to_string(any(2)),
                "v" + std::to_string(any(2)), static_cast<int64_t>(any(4)), any(12) == 0};
      if (made.deleted && any(2) == 0)
        made.body.clear();
      if (made.deleted && any(2) == 0)
        made.version.clear();
      items.push_back(std::move(made));
    }
    return items;
  }
  void compare(const model& expected) {
    for (const auto& [name, s] : expected.streams) {
      const auto row = stands(name);
      ASSERT_EQ(row.sequence, s.sequence);
      ASSERT_EQ(row.live_records, s.live());
      ASSERT_EQ(row.sweeping, s.unseen.has_value());
      ASSERT_EQ(row.held_deletes, s.held.size());
      const auto rows = records(name);
      ASSERT_EQ(rows.size(), s.records.size());
      for (const auto& stored : rows) {
        const auto& r = s.records.at(stored.id);
        ASSERT_EQ(stored.body, r.body);
        ASSERT_EQ(stored.version, r.version);
        ASSERT_EQ(stored.modified_at, at(r.modified));
        ASSERT_EQ(stored.deleted, r.deleted);
      }
    }
    std::vector<std::string> feed;
    for (const auto& entry : changes())
      feed.push_back(entry.stream + "/" + entry.record);
    ASSERT_EQ(feed, expected.feed);
  }
  std::minstd_rand random_{GetParam()};
};

} // namespace

TEST_P(Model, AgreesAfterAnySequenceOfPages) {
  model expected;
  const std::string names[] = {"contacts", "deals"};
  for (size_t step = 0; step < 120; ++step) {
    std::vector<store_write> writes;
    std::vector<write_outcome> outcomes;
    for (uint64_t left = 1 + any(4); left > 0; --left) {
      const auto& name = names[any(2)];
      auto& s = expected.streams[name];
      if (any(10) == 0) {
        writes.push_back(release_deletes{id_, name});
        s.sequence += s.held.empty() ? 0 : 1;
        outcomes.push_back(expected.release(name));
        continue;
      }
      static constexpr sweep outside[] = {sweep::none, sweep::none, sweep::first, sweep::whole};
      static constexpr sweep inside[] = {sweep::none, sweep::more, sweep::more, sweep::last};
      const auto enumeration = any(12) == 0 ? sweep::first : (s.unseen ? inside : outside)[any(4)];
      const auto items = any_items();
      auto records = make_page(items, enumeration);
      records.lagging = any(3) == 0;
      outcomes.push_back(expected.put(name, items, enumeration, records.lagging));
      writes.push_back(put_page{id_, name, s.sequence - 1, std::move(records)});
    }
    const auto done = store_->commit(writes, at(1));
    ASSERT_TRUE(done) << done.failure().line();
    for (size_t i = 0; i < outcomes.size(); ++i) {
      const auto& o = (*done)[i];
      ASSERT_TRUE(o) << o.failure().line();
      ASSERT_EQ(o->inserted, outcomes[i].inserted);
      ASSERT_EQ(o->updated, outcomes[i].updated);
      ASSERT_EQ(o->unchanged, outcomes[i].unchanged);
      ASSERT_EQ(o->deleted, outcomes[i].deleted);
      ASSERT_EQ(o->held_deletes, outcomes[i].held_deletes);
      ASSERT_EQ(o->sequence, outcomes[i].sequence);
    }
    if (any(10) == 0)
      open();
    compare(expected);
    if (HasFatalFailure())
      FAIL() << "seed " << GetParam() << ", step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model, testing::Range(1u, 13u));
