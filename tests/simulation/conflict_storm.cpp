// Both sides edit the same records every second, and the engine is killed in between: afterwards
// both sides are equal, each version that lost is in the audit log once, and nothing more is
// written.
//
// usage: conflict_storm [RECORDS SECONDS [SEED]]
//
// Every value that anybody writes is written once only, so each can be traced:
// - One written there that a push wrote over must have been seen here before, or be archived.
// - One written here that another took the place of must have reached the provider, or be archived.
// - Nothing is archived twice.
//
// The quota is out of reach, so that a push writes in the moment in which it looked: HubSpot knows
// no conditional write, and what is edited there between the two is written over (hubspot.md §4).
#include "tests/support/edit_world.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <unordered_set>

using namespace nexte;
using namespace nexte::test;

namespace {

struct {
  size_t records = 60;
  unsigned seconds = 120;
  unsigned seed = 1;
} asked;

constexpr std::string_view field = "firstname";
constexpr unsigned crash_every = 47; // seconds
constexpr size_t puts_at_once = 100;
constexpr milliseconds moment{300};
constexpr double quota_scale = 1e4;

/// What is known of one record from outside the engine.
struct traced {
  std::string there; ///< The provider's value.
  std::string put;   ///< The last one of this side; empty: none since another was seen.
  uint64_t seen = 0; ///< Number of the last value of theirs that this side was shown.
};

/// "o12" of this side, "t12" of theirs; 0 for what was there from the beginning.
uint64_t number_in(std::string_view value, char side) {
  if (value.size() < 2 || value.front() != side
      || value.find_first_not_of("0123456789", 1) != std::string_view::npos)
    return 0;
  return std::stoull(std::string{value.substr(1)});
}

std::string value_in(std::string_view body) {
  const auto mark = "\"" + std::string{field} + "\":\"";
  const auto at = body.find(mark);
  if (at == std::string_view::npos)
    return {};
  const auto begin = at + mark.size();
  return std::string{body.substr(begin, body.find('"', begin) - begin)};
}

/// HubSpot, of which the engine expects no limit either.
const provider_description& unlimited() {
  static const auto hubspot = [] {
    auto copy = *find_provider("hubspot");
    for (auto& window : copy.quota)
      window.limit *= static_cast<unsigned>(quota_scale);
    return copy;
  }();
  return hubspot;
}

class ConflictStorm : public edit_world {
protected:
  ConflictStorm() {
    options.records = asked.records;
    options.accounts = 1;
    options.quota_scale = quota_scale; // see above
    find = [](std::string_view name) { return name == "hubspot" ? &unlimited() : nullptr; };
  }
  void begin() {
    boot();
    id = synced();
    for (const auto& [record, state] : hubspot().snapshot("contacts"))
      if (!state.archived)
        records_[record].there = theirs(record, std::string{field});
    net->intercept = [this](const http_request& request) -> std::optional<http_answer> {
      if (request.url.ends_with("/contacts/batch/update"))
        note_write(request.body);
      return std::nullopt;
    };
  }
  /// What a push is about to write. None is refused: the limiter sees to that.
  void note_write(std::string_view body) {
    const auto batch = json::parse_value(body);
    ASSERT_TRUE(batch);
    for (const auto& input : batch->find("inputs")->items) {
      auto& one = records_.at(std::string{input.string_or_empty("id")});
      const auto* value = input.find("properties")->find(field);
      if (!value)
        continue;
      if (number_in(one.there, 't') > one.seen)
        overwritten_.insert(one.there);
      delivered_.insert(number_in(value->text, 'o'));
      one.there = value->text;
    }
  }
  void edit_here(traced& one, const std::string& record) {
    const auto shown = value_in(row(record)->body);
    if (!one.put.empty() && shown != one.put)
      replaced_.insert(one.put);
    one.seen = std::max(one.seen, number_in(shown, 't'));
    one.put = "o" + std::to_string(++made_);
    engine().put(id, "contacts", record, R"({"firstname":")" + one.put + "\"}",
                 {[this](const auto& done) { refused_ += done ? 0 : 1; }});
    if (made_ % puts_at_once == 0)
      settle();
  }
  void edit_remotely(traced& one, const std::string& record) {
    one.there = "t" + std::to_string(++made_);
    edit_there(record, {{std::string{field}, one.there}});
  }
  /// One side first, the other a moment later: which one differs from record to record.
  void edit_all() {
    std::vector<bool> ours_first;
    for (auto& [record, one] : records_) {
      ours_first.push_back(random_() % 2 == 0);
      ours_first.back() ? edit_here(one, record) : edit_remotely(one, record);
    }
    settle();
    advance(moment);
    size_t index = 0;
    for (auto& [record, one] : records_)
      ours_first[index++] ? edit_remotely(one, record) : edit_here(one, record);
    settle();
  }
  /// The provider has acted on what was sent, and nobody hears of it.
  void crash() {
    net->hold = true;
    edit_all();
    advance(milliseconds{random_() % 1000});
    stop();
    net->hold = false;
    net->release();
    boot();
    net->clear_log();
    ++crashes_;
  }
  void take_last_looks() {
    for (auto& [record, one] : records_) {
      const auto shown = value_in(row(record)->body);
      if (!one.put.empty() && shown != one.put)
        replaced_.insert(one.put);
    }
  }
  /// Losers by value, with how often each is there.
  std::map<std::string, unsigned> losers() {
    std::map<std::string, unsigned> lost;
    for (conflict_filter page;;) {
      const auto rows = engine().data().conflicts(page, 10'000);
      EXPECT_TRUE(rows);
      if (!rows || rows->empty())
        return lost;
      for (const auto& one : *rows)
        ++lost[value_in(one.loser.body)];
      page.before = rows->back().id;
    }
  }

  std::map<std::string, traced> records_;
  std::set<std::string> overwritten_; ///< Theirs, unseen here.
  std::set<std::string> replaced_;    ///< Ours, that another took the place of.
  std::unordered_set<uint64_t> delivered_;
  std::minstd_rand random_{asked.seed};
  uint64_t made_ = 0;
  unsigned crashes_ = 0;
  uint64_t refused_ = 0;
};

} // namespace

TEST_F(ConflictStorm, EndsInEqualSidesWithATraceOfEachLoser) {
  begin();
  for (unsigned second = 0; second < asked.seconds; ++second) {
    edit_all();
    advance(1s - moment);
    if (second % crash_every == crash_every - 1)
      crash();
    if (second % 60 == 59)
      net->clear_log();
  }
  expect_settled();
  take_last_looks();
  const auto lost = losers();
  for (const auto& [value, times] : lost)
    EXPECT_EQ(times, 1u) << value << " is archived more than once";
  for (const auto& value : overwritten_)
    EXPECT_TRUE(lost.contains(value)) << value << " was written over unseen";
  for (const auto& value : replaced_)
    EXPECT_TRUE(delivered_.contains(number_in(value, 'o')) || lost.contains(value))
        << value << " went without a trace";
  EXPECT_EQ(refused_, 0u);
  EXPECT_EQ(status(id).rejected_edits, 0u);
  EXPECT_EQ(hubspot().quota().violations(), 0u);
  EXPECT_GT(overwritten_.size(), records_.size()) << "it was no storm";
  EXPECT_FALSE(replaced_.empty());
  std::cout << records_.size() << " records, " << asked.seconds << " s, " << crashes_
            << " crashes: " << made_ << " edits, " << delivered_.size() << " delivered, "
            << lost.size() << " archived, each once (" << overwritten_.size()
            << " of theirs written over unseen, " << replaced_.size() << " of ours replaced)\n";
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 2) {
    asked.records = std::strtoul(argv[1], nullptr, 10);
    asked.seconds = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  }
  if (argc > 3)
    asked.seed = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
  return RUN_ALL_TESTS();
}
