#include "protocol/pipedrive/simulator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::simulation;
using namespace std::chrono_literals;
using deed = observer::deed;

namespace {

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

class PipedriveObserver : public ::testing::TestWithParam<const char*> {
protected:
  PipedriveObserver() : there_(options()), seen_(*there_.observed()) {}
  static simulator_options options() {
    simulator_options made;
    made.accounts = 2;
    made.records = 20;
    return made;
  }
  /// As the connector will read it.
  std::string version(const std::string& id, size_t account) {
    return there_.holdings(GetParam(), account).at(id).version;
  }

  pipedrive_simulator there_;
  observer& seen_;
  seeded_random chance_{3};
};

} // namespace

TEST_P(PipedriveObserver, SeesWhatItsPeopleDo) {
  const auto before = seen_.records(GetParam(), 0).size();
  const auto made = seen_.act(deed::create, GetParam(), 0, chance_, now);
  ASSERT_TRUE(made);
  EXPECT_EQ(seen_.records(GetParam(), 0).size(), before + 1);
  EXPECT_FALSE(seen_.find(GetParam(), 1, made->id)) << "of another company";
  const auto edited = seen_.act(deed::edit, GetParam(), 0, chance_, now + 1min);
  ASSERT_TRUE(edited);
  EXPECT_TRUE(edited->live);
  EXPECT_EQ(edited->version, version(edited->id, 0));
  EXPECT_EQ(edited->modified_at, now + 1min);
  const auto gone = seen_.act(deed::remove, GetParam(), 0, chance_, now + 2min);
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->live);
  EXPECT_FALSE(seen_.find(GetParam(), 0, gone->id)->live);
  const auto all = seen_.records(GetParam(), 0);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &observed_record::id));
}

TEST_P(PipedriveObserver, RestoresOnlyWhatIsDeleted) {
  const auto gone = seen_.act(deed::remove, GetParam(), 0, chance_, now);
  ASSERT_TRUE(gone);
  std::optional<observed_record> back;
  for (int i = 0; i < 5; ++i)
    if (const auto restored = seen_.act(deed::restore, GetParam(), 0, chance_, now))
      back = restored->id == gone->id ? restored : back;
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->live);
  EXPECT_FALSE(there_.holdings(GetParam(), 0).at(gone->id).gone);
}

TEST_P(PipedriveObserver, KnowsWhoseATokenIs) {
  const auto issued = there_.issue_tokens(now, 1);
  EXPECT_EQ(seen_.owner_of(issued.access_token), 1u);
  EXPECT_EQ(seen_.owner_of("never issued"), std::nullopt);
  EXPECT_EQ(seen_.account_id(1), there_.accounts()[1]);
}

INSTANTIATE_TEST_SUITE_P(Streams, PipedriveObserver,
                         ::testing::Values("persons", "organizations", "deals"));
