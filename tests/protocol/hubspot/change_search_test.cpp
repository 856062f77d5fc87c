#include "protocol/hubspot/change_search.hpp"

#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace nexte;
using namespace nexte::hubspot;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view properties[] = {"email", "phone"};
constexpr object_type contacts{"contacts", "lastmodifieddate", properties};

const wall_time began = *parse_iso_time("2026-03-01T10:00:00Z");
const wall_time horizon = began - index_lag_max;

struct row {
  std::string_view id;
  wall_time modified_at;
};

object_page answer_of(std::initializer_list<row> rows, bool more) {
  object_page answer;
  for (const auto& r : rows)
    answer.objects.records.push_back({r.id, {}, r.modified_at, false, {}});
  if (more)
    answer.after = "200";
  return answer;
}

std::string millis(wall_time at) {
  return std::to_string(at.time_since_epoch().count());
}

std::string walking(wall_time since) {
  return R"({"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE",)"
         R"("value":")"
         + millis(since) + R"("}]}],"sorts":[{"propertyName":"lastmodifieddate",)"
         + R"("direction":"ASCENDING"}],"properties":["email","phone"],"limit":200})";
}

std::string draining(wall_time at, std::string_view id) {
  return R"({"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE",)"
         R"("value":")"
         + millis(at) + R"("},{"propertyName":"lastmodifieddate","operator":"LT","value":")"
         + millis(at + 1ms) + R"("},{"propertyName":"hs_object_id","operator":"GT","value":")"
         + std::string{id} + R"("}]}],"sorts":[{"propertyName":"hs_object_id",)"
         + R"("direction":"ASCENDING"}],"properties":["email","phone"],"limit":200})";
}

} // namespace

TEST(ChangeSearch, EndsAtAnAnswerWithoutANextPage) {
  change_search search{horizon - 1h, ""};
  EXPECT_EQ(search.request_body(contacts), walking(horizon - 1h));
  EXPECT_FALSE(search.done());
  ASSERT_TRUE(search.advance(answer_of({}, false), began));
  EXPECT_TRUE(search.done());
  EXPECT_EQ(search.known(), horizon - 1h); // nothing seen: nothing moved
}

TEST(ChangeSearch, StandsOnePastTheLastSettledChangeAtItsEnd) {
  change_search search{horizon - 1h, ""};
  ASSERT_TRUE(search.advance(answer_of({{"1", horizon - 1ms}}, false), began));
  EXPECT_EQ(search.known(), horizon);
}

TEST(ChangeSearch, NeverKnowsBeyondTheHorizon) {
  for (const auto late : {horizon, horizon + 1ms, began, began + 24h}) {
    change_search search{horizon - 1h, ""};
    ASSERT_TRUE(search.advance(answer_of({{"1", horizon - 5min}, {"2", late}}, false), began));
    EXPECT_EQ(search.known(), horizon);
  }
}

TEST(ChangeSearch, StepsBackWhenTheProvidersClockDid) {
  change_search search{horizon + 5min, ""};
  ASSERT_TRUE(search.advance(answer_of({}, false), began));
  EXPECT_EQ(search.known(), horizon);
}

TEST(ChangeSearch, NeverFiltersAtTheEpoch) {
  const change_search search{wall_time{}, "7"};
  EXPECT_EQ(search.request_body(contacts), walking(wall_time{1s}));
  EXPECT_EQ(change_search(wall_time{999ms}, "").known(), wall_time{1s});
  EXPECT_EQ(change_search(wall_time{1s}, "7").request_body(contacts), draining(wall_time{1s}, "7"));
}

TEST(ChangeSearch, BeginsAnewAtTheLastTimeRatherThanAtAnOffset) {
  change_search search{horizon - 1h, ""};
  // The second answer stands a little out of order, the first a hair before what was asked.
  ASSERT_TRUE(search.advance(
      answer_of({{"1", horizon - 1h - 1ms}, {"3", horizon - 30min}, {"2", horizon - 31min}}, true),
      began));
  EXPECT_EQ(search.request_body(contacts), walking(horizon - 30min - 1ms));
  EXPECT_EQ(search.known(), horizon - 30min - 1ms);
  EXPECT_FALSE(search.done());
}

TEST(ChangeSearch, IsNotLedAstrayByAnObjectThatIsNewerThanItsPlace) {
  change_search search{horizon - 1h, ""};
  ASSERT_TRUE(search.advance(answer_of({{"1", horizon - 50min}, {"2", began}}, true), began));
  EXPECT_EQ(search.known(), horizon - 50min - 1ms);
}

TEST(ChangeSearch, KeepsWhereItStoodWhenAWholeAnswerIsNewerThanItsPlace) {
  change_search search{horizon - 1h, ""};
  ASSERT_TRUE(
      search.advance(answer_of({{"1", horizon + 1ms}, {"2", horizon + 5min}}, true), began));
  EXPECT_EQ(search.request_body(contacts), walking(horizon + 5min - 1ms));
  ASSERT_TRUE(search.advance(answer_of({{"2", horizon + 5min}}, false), began));
  EXPECT_TRUE(search.done());
  EXPECT_EQ(search.known(), horizon - 1h);
}

TEST(ChangeSearch, DrainsAMillisecondThatFillsAPageInIdOrder) {
  const auto at = horizon - 1h;
  change_search search{at, ""};
  ASSERT_TRUE(search.advance(answer_of({{"9", at}, {"8", at + 1ms}}, true), began));
  EXPECT_EQ(search.request_body(contacts), draining(at, "0"));
  ASSERT_TRUE(search.advance(answer_of({{"8", at}, {"10", at}, {"9", at}}, true), began));
  EXPECT_EQ(search.request_body(contacts), draining(at, "10"));
  EXPECT_EQ(search.known(), at);
  EXPECT_EQ(search.known_id(), "10"); // a killed run goes on from here
  const change_search again{search.known(), search.known_id()};
  EXPECT_EQ(again.request_body(contacts), draining(at, "10"));
  ASSERT_TRUE(search.advance(answer_of({{"11", at}}, false), began));
  EXPECT_FALSE(search.done());
  EXPECT_EQ(search.request_body(contacts), walking(at + 1ms));
  EXPECT_EQ(search.known_id(), "");
}

TEST(ChangeSearch, RefusesAnAnswerThatWouldNotMoveItOn) {
  const auto at = horizon - 1h;
  change_search search{at, "10"};
  const auto stuck = search.advance(answer_of({{"9", at}, {"10", at}}, true), began);
  ASSERT_FALSE(stuck);
  EXPECT_EQ(stuck.failure().code, ec::malformed);
  change_search empty{at, ""};
  EXPECT_FALSE(empty.advance(answer_of({}, true), began));
}

TEST(ChangeSearch, EndsAtTheTimeItBeganHoweverMuchFollows) {
  change_search search{horizon, ""};
  ASSERT_TRUE(search.advance(answer_of({{"1", began + 1ms}}, true), began));
  EXPECT_FALSE(search.done()); // it stands at `began` itself
  ASSERT_TRUE(
      search.advance(answer_of({{"1", began + 1ms}, {"2", began + 2ms}}, true), began + 1s));
  EXPECT_TRUE(search.done());
  EXPECT_EQ(search.known(), horizon);
}

namespace {

/// A search index that trails its objects, shows them with their newest time, and answers in pages
/// of five.
class indexed_objects {
public:
  struct object {
    wall_time modified_at;
    wall_time indexed_as; ///< The time it is sorted by.
    wall_time indexed_at; ///< When the index learns `modified_at`.
  };
  explicit indexed_objects(uint64_t seed) : random_(seed) {}

  unsigned below(unsigned n) {
    return static_cast<unsigned>(random_() % n);
  }
  /// Edits one object at `now`, or imports many in one millisecond.
  void change(wall_time now) {
    const unsigned imported = below(20) == 0 ? 8 + below(10) : 1;
    for (unsigned i = 0; i < imported; ++i) {
      auto& edited = objects_[1 + below(60)];
      edited.modified_at = now;
      edited.indexed_at = now + milliseconds{below(599'000)};
    }
  }
  object_page answer(const std::string& body, wall_time now) {
    const auto request = *json::parse_value(body);
    const auto& filters = request.find("filterGroups")->items[0].find("filters")->items;
    const auto bound = [&](size_t i) { return std::stoll(filters[i].find("value")->text); };
    std::vector<std::pair<std::pair<int64_t, uint64_t>, uint64_t>> hits;
    for (auto& [id, o] : objects_) {
      if (o.indexed_at <= now)
        o.indexed_as = o.modified_at;
      const auto sorted_by = o.indexed_as.time_since_epoch().count();
      if (o.indexed_as == wall_time{} || sorted_by < bound(0))
        continue;
      if (filters.size() == 1)
        hits.push_back({{sorted_by, id * 7 % 61}, id});
      else if (sorted_by < bound(1) && id > static_cast<uint64_t>(bound(2)))
        hits.push_back({{0, id}, id});
    }
    std::ranges::sort(hits);
    object_page out;
    for (size_t i = 0; i < hits.size() && i < 5; ++i) {
      const auto id = hits[i].second;
      out.objects.records.push_back(
          {out.objects.keep(std::to_string(id)), {}, objects_[id].modified_at, false, {}});
    }
    if (hits.size() > 5)
      out.after = "5";
    return out;
  }
  const std::map<uint64_t, object>& objects() const {
    return objects_;
  }

private:
  std::mt19937_64 random_;
  std::map<uint64_t, object> objects_;
};

} // namespace

TEST(ChangeSearch, FindsEveryChangeHoweverTheIndexTrails) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    indexed_objects provider{seed};
    std::map<uint64_t, wall_time> found;
    auto now = began;
    auto known = began - index_lag_max;
    std::string known_id;
    const auto poll = [&](bool killed) {
      change_search search{known, known_id};
      for (unsigned requests = 0; !search.done(); ++requests) {
        ASSERT_LT(requests, 400u) << "seed " << seed;
        const auto answer = provider.answer(search.request_body(contacts), now);
        for (const auto& object : answer.objects.records)
          found[std::stoull(std::string{object.id})] = object.modified_at;
        ASSERT_TRUE(search.advance(answer, now)) << "seed " << seed;
        known = search.known();
        known_id = search.known_id();
        if (killed && provider.below(4) == 0)
          return;
        now += milliseconds{provider.below(300)};
        if (provider.below(2) == 0)
          provider.change(now);
      }
    };
    for (unsigned polls = 0; polls < 12; ++polls) {
      for (unsigned changes = provider.below(30); changes > 0; --changes) {
        now += milliseconds{provider.below(10'000)};
        provider.change(now);
      }
      poll(provider.below(3) == 0);
      now += 5min;
    }
    now += index_lag_max;
    poll(false);
    now += index_lag_max; // changes went on during that one
    const auto indexed = now - index_lag_max;
    poll(false);
    for (const auto& [id, object] : provider.objects()) {
      if (object.modified_at < indexed) {
        EXPECT_EQ(found[id], object.modified_at) << "seed " << seed << " id " << id;
      }
    }
  }
}
