// Each rule of the watch is seen to be broken, by a world in which it is.
#include "actors/program/simulate/watch.hpp"

#include "actors/program/scratch_folder.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/simulation/observer.hpp"

#include <gtest/gtest.h>

#include <fstream>

using namespace nexte;
using namespace nexte::program;
using namespace std::chrono_literals;
using deed = simulation::observer::deed;

namespace {

class Watch : public ::testing::Test {
protected:
  Watch() : folder_(*scratch_folder::make_in_memory()) {
    world_options options;
    options.accounts = 3;
    options.records = 10;
    options.folder = folder_.path();
    world_ = std::make_unique<simulated_world>(options, faults_, told_, rules_);
    sees_ = std::make_unique<watch>(*world_, rules_);
  }
  simulation::observer& seen() {
    return *world_->provider("hubspot")->observed();
  }
  /// An integration of the first account, synced.
  integration_id connected() {
    world_->boot();
    const auto id = world_->ask<integration_id>(
        [&](auto done) { world_->running().add(*workspace_id::parse("acme"), "hubspot", done); });
    EXPECT_TRUE(world_->consent(*id, seen().login(0)));
    live(1min);
    return *id;
  }
  void live(milliseconds span) {
    const auto until = world_->elapsed() + span;
    while (world_->step(until))
      sees_->follow();
    sees_->follow();
  }
  /// Writes behind the engine's back, while it stands.
  void meddle(std::vector<store_write> writes) {
    world_->stop();
    {
      store_options options;
      options.directory = world_->data_dir();
      const auto data = store::open(options, secret{std::string(32, 'k')});
      EXPECT_TRUE(data && (*data)->commit(writes, world_->wall_now()));
    }
    world_->boot();
  }
  integration_row row_of(integration_id id) {
    return **world_->running().data().integration(id);
  }
  /// A page that shows one record of contacts.
  put_page shows(integration_id id, uint64_t sequence, const record_row& record) {
    page shown;
    shown.records.push_back(
        {record.id, record.version, record.modified_at, record.deleted, record.body});
    return {id, "contacts", sequence, std::move(shown)};
  }
  void act(deed what) {
    seen().act(what, "contacts", 0, chance_, world_->net().provider_now());
  }
  /// Yields the record's id.
  std::string put(integration_id id, const std::string& record, const std::string& text) {
    const auto done = world_->ask<edit_receipt>([&](auto reply) {
      world_->running().put(id, "contacts", record, seen().local_edit("contacts", text), reply);
    });
    EXPECT_TRUE(done) << done.failure().line();
    return done ? done->record : std::string{};
  }
  std::string broken() const {
    return rules_.first() ? rules_.first()->invariant : std::string{};
  }

  scratch_folder folder_;
  fault_draw faults_{1, *fault_mix::parse("none")};
  trace told_{100};
  ruling rules_;
  simulation::seeded_random chance_{7};
  std::unique_ptr<simulated_world> world_;
  std::unique_ptr<watch> sees_;
};

} // namespace

TEST_F(Watch, FindsNothingWhereAllIsWell) {
  connected();
  sees_->look_around();
  sees_->compare();
  EXPECT_EQ(broken(), "");
  EXPECT_GT(sees_->last_change(), 0u);
}

TEST_F(Watch, SeesWhatIsMissingOrOld) {
  connected();
  act(deed::edit); // and no time to fetch it
  sees_->compare();
  EXPECT_EQ(broken(), invariant::nothing_lost);
}

TEST_F(Watch, SeesWhatIsStillThere) {
  connected();
  act(deed::remove);
  sees_->compare();
  EXPECT_EQ(broken(), invariant::nothing_lost);
}

TEST_F(Watch, SeesADeletionThatNobodyAskedFor) {
  connected();
  act(deed::remove); // of which the watch is not told
  const auto until = world_->elapsed() + 6min;
  while (world_->step(until)) {}
  act(deed::restore);
  sees_->follow();
  EXPECT_EQ(broken(), invariant::absence_is_not_deletion);
}

TEST_F(Watch, TakesADeletionThatAPersonAskedFor) {
  connected();
  const auto gone = seen().act(deed::remove, "contacts", 0, chance_, world_->net().provider_now());
  sees_->was_removed("hubspot", "contacts", 0, gone->id);
  live(6min);
  act(deed::restore);
  live(6min);
  sees_->compare();
  EXPECT_EQ(broken(), "");
}

TEST_F(Watch, SeesWhoDoesNotHeal) {
  connected();
  seen().revoke(0);
  live(10min);
  sees_->compare();
  EXPECT_EQ(broken(), invariant::heals);
}

TEST_F(Watch, FindsAnEditOnOurSideAtTheProvider) {
  const auto id = connected();
  const auto receipt = put(id, {}, mark_of(1));
  sees_->was_edited({id, "contacts", receipt, 1, true, false});
  live(1min);
  sees_->compare();
  EXPECT_EQ(broken(), "");
  EXPECT_GT(sees_->writes_seen(), 0u);
}

TEST_F(Watch, SeesAnEditThatNeverArrived) {
  const auto id = connected();
  const auto receipt = put(id, {}, mark_of(1));
  sees_->was_edited({id, "contacts", receipt, 2, true, false}); // of which nobody ever heard
  live(1min);
  sees_->compare();
  EXPECT_EQ(broken(), invariant::no_edit_lost);
}

TEST_F(Watch, SeesAnEditThatStillWaits) {
  const auto id = connected();
  EXPECT_TRUE(
      world_->ask<void>([&](auto done) { world_->running().set_mode(id, "paused", done); }));
  put(id, {}, mark_of(1));
  sees_->compare();
  EXPECT_EQ(broken(), invariant::edits_arrive);
}

TEST_F(Watch, SeesARecordThatWasMadeTwice) {
  const auto id = connected();
  const auto receipt = put(id, {}, mark_of(1));
  sees_->was_edited({id, "contacts", receipt, 1, true, false});
  auto& there = dynamic_cast<simulation::hubspot_simulator&>(*world_->provider("hubspot"));
  there.create("contacts", {{"firstname", mark_of(1)}}, world_->net().provider_now());
  live(6min);
  sees_->compare();
  EXPECT_EQ(broken(), invariant::one_object_per_create);
}

TEST_F(Watch, SeesAnAccountThatChanged) {
  auto row = row_of(connected());
  row.account.id = seen().account_id(1);
  meddle({put_integration{row}});
  sees_->compare();
  EXPECT_EQ(broken(), invariant::nothing_foreign);
}

TEST_F(Watch, SeesTwoIntegrationsOfOneAccount) {
  auto row = row_of(connected());
  row.id = integration_id::make(simulation::seeded_source(1));
  meddle({put_integration{row}});
  sees_->look_around();
  EXPECT_EQ(broken(), invariant::one_per_account);
}

TEST_F(Watch, SeesNewsOfNothing) {
  const auto id = connected();
  const auto stands = world_->running().data().stream(id, "contacts")->sequence;
  const auto record = world_->running().data().records(id, "contacts", {}, 1)->front();
  auto gone = record;
  gone.deleted = true;
  meddle({shows(id, stands, gone), shows(id, stands + 1, record)});
  sees_->follow();
  EXPECT_EQ(broken(), invariant::no_empty_news);
}

TEST_F(Watch, SeesAChangeWhileDisconnected) {
  const auto id = connected();
  const auto stands = world_->running().data().stream(id, "contacts")->sequence;
  auto record = world_->running().data().records(id, "contacts", {}, 1)->front();
  record.version = "another";
  EXPECT_TRUE(world_->ask<void>([&](auto done) { world_->running().disconnect(id, done); }));
  sees_->look_around();
  EXPECT_EQ(broken(), "");
  meddle({shows(id, stands, record)});
  sees_->follow();
  EXPECT_EQ(broken(), invariant::still_when_disconnected);
}

TEST_F(Watch, SeesAQuestionWithoutAnAnswer) {
  world_->boot();
  EXPECT_FALSE(world_->ask<void>([](const auto&) {}));
  EXPECT_EQ(broken(), invariant::answers_everyone);
}

TEST_F(Watch, SeesATokenInAText) {
  connected();
  world_->log.push_back("a warning about " + *world_->net().secrets.all().begin());
  sees_->follow();
  EXPECT_EQ(broken(), invariant::no_secret_told);
}

TEST_F(Watch, SeesAnEngineThatDoesNotStart) {
  std::ofstream{world_->data_dir()} << "a file where the folder should be";
  world_->boot();
  sees_->look_around();
  EXPECT_EQ(broken(), invariant::starts_again);
}

TEST_F(Watch, FindsTheSameAfterADeathInTheMidstOfWork) {
  const auto id = connected();
  for (uint64_t messages = 1; messages < 40; messages += 3) {
    const auto starts = told_.events();
    bool died = false;
    put(id, {}, mark_of(messages));
    world_->kill_after(messages, [&] { died = true; });
    act(deed::edit);
    live(6min);
    EXPECT_TRUE(died);
    EXPECT_GT(told_.events(), starts);
  }
  live(6min);
  sees_->compare();
  EXPECT_EQ(broken(), "");
}

TEST_F(Watch, FindsTheSameAfterADeath) {
  connected();
  act(deed::edit);
  live(6min);
  world_->kill();
  world_->boot();
  live(6min);
  sees_->compare();
  EXPECT_EQ(broken(), "");
}
