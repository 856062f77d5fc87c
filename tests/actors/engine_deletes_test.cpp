// Records that vanish at the provider: what is deleted, what the brake holds back, and its release.
#include "tests/support/world_view.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class EngineDeletes : public virtual_world {
protected:
  /// Removes `count` contacts without a trace, which only a complete enumeration shows.
  void vanish(size_t count) {
    for (const auto& [id, state] : hubspot().snapshot("contacts")) {
      if (state.archived || count == 0)
        continue;
      hubspot().admin("erase", R"({"type":"contacts","id":")" + id + "\"}", wall_now());
      --count;
    }
    EXPECT_EQ(count, 0u);
  }
  void refresh(integration_id id) {
    EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
    advance(10s);
  }
  size_t live(integration_id id) {
    const auto rows = engine().data().records(id, "contacts", {}, ~size_t{0});
    EXPECT_TRUE(rows);
    return static_cast<size_t>(std::ranges::count(*rows, false, &record_row::deleted));
  }
  std::optional<incident_row> held(integration_id id) {
    for (const auto& one : status(id).incidents)
      if (one.kind == "mass_delete_held")
        return one;
    return std::nullopt;
  }
  /// Connected, read to the end, then `count` of `records` contacts vanish and Refresh looks.
  integration_id after_vanishing(size_t count, uint64_t records) {
    options.records = records;
    boot();
    const auto id = connected();
    advance(1min);
    EXPECT_EQ(live(id), records);
    vanish(count);
    refresh(id);
    return id;
  }
  size_t told(std::string_view kind) {
    return static_cast<size_t>(std::ranges::count(notifications, kind, &notification_row::kind));
  }
};

} // namespace

TEST_F(EngineDeletes, AreCarriedOutUpToHalfOfAStream) {
  const auto id = after_vanishing(21, 42);
  EXPECT_EQ(live(id), 21u);
  EXPECT_FALSE(held(id));
}

TEST_F(EngineDeletes, AreHeldPastHalfOfAStream) {
  const auto id = after_vanishing(22, 42);
  EXPECT_EQ(live(id), 42u) << "everything stays visible";
  EXPECT_TRUE(held(id));
}

TEST_F(EngineDeletes, AreCarriedOutUpToTwentyRecords) {
  const auto id = after_vanishing(20, 20);
  EXPECT_EQ(live(id), 0u);
  EXPECT_FALSE(held(id));
}

TEST_F(EngineDeletes, AreHeldPastTwentyRecords) {
  const auto id = after_vanishing(21, 21);
  EXPECT_EQ(live(id), 21u);
  EXPECT_TRUE(held(id));
}

TEST_F(EngineDeletes, StayHeldAndVisibleUntilAPersonReleasesThem) {
  const auto id = after_vanishing(30, 40);
  const auto incident = held(id);
  ASSERT_TRUE(incident);
  EXPECT_EQ(incident->stream, "contacts");
  EXPECT_NE(incident->sentence.find("30 of Contacts"), std::string::npos) << incident->sentence;
  EXPECT_EQ(told("mass_delete_held"), 1u);
  EXPECT_EQ(status(id).streams[0].held_deletes, 30u);
  EXPECT_EQ(status(id).streams[0].records, 40u);
  advance(1h); // increments show nothing of it
  refresh(id); // and another enumeration finds the same
  EXPECT_EQ(live(id), 40u);
  ASSERT_TRUE(held(id));
  EXPECT_EQ(held(id)->id, incident->id) << "the same problem";
  EXPECT_EQ(told("mass_delete_held"), 1u);

  stop(); // a restart keeps it
  boot();
  EXPECT_EQ(status(id).streams[0].held_deletes, 30u);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().release(incident->id, done); }));
  EXPECT_EQ(live(id), 10u);
  const auto panel = status(id);
  EXPECT_EQ(panel.streams[0].held_deletes, 0u);
  EXPECT_EQ(panel.streams[0].records, 10u) << "shown at once";
  EXPECT_FALSE(held(id));
  EXPECT_FALSE(ask<void>([&](auto done) { engine().release(incident->id, done); }));
}

TEST_F(EngineDeletes, AreForgottenWhenTheRecordsComeBack) {
  options.records = 40;
  boot();
  const auto id = connected();
  advance(1min);
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/contacts?") == std::string::npos
        || request.url.find("archived=true") != std::string::npos)
      return std::nullopt; // the provider shows an empty list for a while
    return http_answer{http_response{200, R"({"results":[]})", "application/json"}};
  };
  refresh(id);
  EXPECT_TRUE(held(id));
  net->intercept = {};
  refresh(id);
  EXPECT_FALSE(held(id));
  EXPECT_EQ(live(id), 40u);
  EXPECT_EQ(status(id).streams[0].held_deletes, 0u);
}

TEST_F(EngineDeletes, AreReleasedInTheMiddleOfARunWithoutAnError) {
  const auto id = after_vanishing(30, 40);
  const auto incident = held(id);
  ASSERT_TRUE(incident);
  hubspot().create("contacts", {{"email", "new@north.example"}}, wall_now());
  net->hold = true;
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  ASSERT_GT(net->held(), 0u);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().release(incident->id, done); }));
  net->hold = false;
  net->release();
  advance(1min);
  EXPECT_EQ(live(id), 11u);
  EXPECT_FALSE(held(id));
  const auto errors = engine().data().errors(id, 10);
  ASSERT_TRUE(errors);
  EXPECT_TRUE(errors->empty()) << errors->front().sentence;
}

TEST_F(EngineDeletes, DoNotFollowFromACursorThatExpired) {
  options.records = 500;
  boot();
  const auto id = connected();
  advance(20min);
  unsigned lists = 0;
  net->intercept = [&lists](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/contacts?") == std::string::npos
        || request.url.find("archived=true") != std::string::npos || ++lists != 4)
      return std::nullopt; // the fourth page's cursor is too old
    return http_answer{http_response{410, R"({"category":"EXPIRED"})", "application/json"}};
  };
  const auto before = engine().data().changes(0, 1'000'000);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  for (int step = 0; step < 100; ++step) {
    advance(100ms);
    EXPECT_EQ(live(id), 500u);
  }
  EXPECT_EQ(lists, 4u + 5u) << "begun anew, whole";
  const auto after = engine().data().changes(0, 1'000'000);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->back().sequence, after->back().sequence) << "nothing changed";
  EXPECT_TRUE(status(id).streams[0].verified);
}
