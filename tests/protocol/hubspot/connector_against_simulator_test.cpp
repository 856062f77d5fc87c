// The connector and the simulator were written from the same sheet by different hands: here they
// meet. The engine's view must end as HubSpot's own.
#include "protocol/hubspot/provider.hpp"
#include "tests/protocol/hubspot/simulated.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

/// What a store would hold of one stream, and the way to the simulator.
class simulated_io final : public stream_io {
public:
  explicit simulated_io(simulated_hubspot& hubspot) : hubspot_(hubspot) {}

  struct held_record {
    std::string version;
    bool deleted = false;
    wall_time modified_at{};
    bool shown = false; ///< In the enumeration under way.
  };
  std::map<std::string, held_record> records;
  std::optional<std::string> checkpoint;
  size_t requests = 0;

  wall_time now() const override {
    return hubspot_.now;
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    ++requests;
    hubspot_.now += 200ms; // within five searches a second
    auto response = hubspot_.send(std::move(request));
    response.headers.set("Date", format_http_date(hubspot_.now));
    on_done(std::move(response));
  }

  void start_emit(page read, std::function<void(result<done_t>)> on_done) override {
    if (read.enumeration == sweep::first || read.enumeration == sweep::whole)
      for (auto& [id, held] : records)
        held.shown = false;
    for (const auto& record : read.records) {
      auto& held = records[std::string{record.id}];
      held.shown = true;
      if (read.lagging && held.modified_at > record.modified_at)
        continue;
      held = {std::string{record.version}, record.deleted, record.modified_at, true};
    }
    if (read.enumeration == sweep::last || read.enumeration == sweep::whole)
      for (auto& [id, held] : records)
        held.deleted = held.deleted || !held.shown;
    if (read.next_checkpoint)
      checkpoint = std::move(read.next_checkpoint);
    on_done(done_t{});
  }

private:
  simulated_hubspot& hubspot_;
};

void pull(simulated_io& io, simulated_hubspot& hubspot, std::string_view stream,
          bool full = false) {
  hubspot.token = hubspot.sim.issue_access_token(hubspot.now); // the last one has expired
  const auto& description = *hubspot::provider().stream(stream);
  auto work = description.pull(io, pull_request{hubspot.base, io.checkpoint, full});
  bool ended = false;
  work.start([&](result<bool> outcome) {
    ended = true;
    ASSERT_TRUE(outcome) << outcome.failure().line();
    EXPECT_TRUE(*outcome); // the end was proved
  });
  EXPECT_TRUE(ended);
}

/// Both sides hold the same live records in the same versions.
void expect_equal(const simulated_io& io, simulated_hubspot& hubspot, std::string_view stream) {
  std::map<std::string, std::string> ours;
  for (const auto& [id, held] : io.records)
    if (!held.deleted)
      ours[id] = held.version;
  std::map<std::string, std::string> theirs;
  for (const auto& [id, record] : hubspot.sim.snapshot(stream))
    if (!record.archived)
      theirs[id] = record.version;
  for (const auto& [id, version] : theirs)
    EXPECT_EQ(ours[id], version) << id;
  EXPECT_EQ(ours.size(), theirs.size());
}

class Connector : public ::testing::TestWithParam<const char*> {};

} // namespace

TEST_P(Connector, EndsWithHubspotsOwnViewAndFollowsItsChanges) {
  simulated_hubspot hubspot{500};
  simulated_io io{hubspot};
  const std::string_view stream = GetParam();
  pull(io, hubspot, stream);
  expect_equal(io, hubspot, stream);
  const auto after_first = io.requests;
  const auto snapshot = hubspot.sim.snapshot(stream);
  std::vector<std::string> live;
  for (const auto& [id, record] : snapshot)
    if (!record.archived)
      live.push_back(id);
  hubspot.now += 1h;
  hubspot.sim.edit(stream, live[0], {{"external_id", "x1"}}, hubspot.now);
  hubspot.create({{"external_id", "new"}}, stream);
  hubspot.sim.archive(stream, live[1], hubspot.now);
  hubspot.now += 1h; // past the index's lag
  pull(io, hubspot, stream);
  expect_equal(io, hubspot, stream);
  EXPECT_LE(io.requests - after_first, 3u);
  hubspot.sim.restore(stream, live[1], hubspot.now);
  hubspot.now += 1h;
  pull(io, hubspot, stream);
  expect_equal(io, hubspot, stream);
  EXPECT_EQ(hubspot.sim.quota().violations(), 0u);
}

TEST_P(Connector, EnumeratesAgainWhenAsked) {
  simulated_hubspot hubspot{200};
  simulated_io io{hubspot};
  const std::string_view stream = GetParam();
  pull(io, hubspot, stream);
  hubspot.now += 1h;
  hubspot.sim.admin("erase", // without a trace: only an enumeration can tell
                    R"({"type":")" + std::string{stream} + R"(","id":"713492000001"})",
                    hubspot.now);
  hubspot.sim.strictness().search_disorder = true;
  pull(io, hubspot, stream, true);
  expect_equal(io, hubspot, stream);
}

INSTANTIATE_TEST_SUITE_P(HubspotSimulator, Connector,
                         ::testing::Values("contacts", "companies", "deals"));
