// The reasons as a table: what is known, what the provider said, what a person is told.
#include "actors/explaining.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class Explaining : public testing::Test {
protected:
  Explaining() {
    pages.name = "pages";
    pages.title = "Pages";
    stream.what = &pages;
    stream.row.synced_at = stream.row.verified_at = stream.row.enumerated_at = now - 5min;
    known.provider_title = "Example";
    known.account = "Ada";
    known.stream = &stream;
    known.signed_in = true;
    known.next_sync_at = now + 5min;
  }
  std::string code() {
    why = explain_record(known, asked);
    EXPECT_FALSE(why.sentence.empty());
    EXPECT_FALSE(why.evidence.empty()) << why.code;
    for (const auto& fact : why.evidence)
      EXPECT_TRUE(fact.ends_with('.')) << fact;
    return why.code;
  }
  void seen(standing found, wall_time modified_at = now) {
    sighting one;
    one.found = found;
    one.modified_at = modified_at;
    one.rule = "pages in the bin are not read.";
    one.evidence = {"Example was asked."};
    asked.seen = one;
  }
  void stored(bool deleted) {
    record_row row;
    row.version = "v1";
    row.deleted = deleted;
    known.stored = row;
  }
  bool says(std::string_view part) const {
    return std::ranges::any_of(why.evidence, [&](const std::string& fact) {
      return fact.find(part) != std::string::npos;
    });
  }

  stream_description pages;
  stream_state stream;
  record_facts known;
  look_up_outcome asked;
  explanation why;
};

} // namespace

TEST_F(Explaining, HasACodeForEachWayARecordStandsAtTheProvider) {
  const std::pair<standing, const char*> codes[] = {{standing::shown, "not_yet_due"},
                                                    {standing::filtered, "filtered"},
                                                    {standing::archived, "archived_at_provider"},
                                                    {standing::hidden, "hidden_from_account"},
                                                    {standing::absent, "not_shown_by_provider"}};
  for (const auto& [found, expected] : codes) {
    seen(found);
    EXPECT_EQ(code(), expected);
    EXPECT_TRUE(says("Example was asked."));
    EXPECT_TRUE(says("never stored"));
  }
  seen(standing::filtered);
  code();
  EXPECT_NE(why.sentence.find("pages in the bin are not read."), std::string::npos);
  stored(true);
  seen(standing::absent);
  EXPECT_EQ(code(), "deleted");
}

TEST_F(Explaining, HasACodeForEachRefusal) {
  const std::pair<verdict_kind, const char*> codes[]
      = {{verdict_kind::scope_missing, "scope_missing"},
         {verdict_kind::forbidden, "hidden_from_account"},
         {verdict_kind::limited, "held_by_quota"},
         {verdict_kind::transient, "provider_not_asked"},
         {verdict_kind::token_expired, "provider_not_asked"}};
  for (const auto& [kind, expected] : codes) {
    asked.refusal.emplace();
    asked.refusal->kind = kind;
    asked.refusal->sentence = "Not today.";
    EXPECT_EQ(code(), expected);
    EXPECT_TRUE(says("Not today."));
  }
}

TEST_F(Explaining, AsksOnlyWhereTheStoreCannotTell) {
  EXPECT_TRUE(must_ask(known));
  stored(true);
  EXPECT_TRUE(must_ask(known));
  stored(false);
  EXPECT_FALSE(must_ask(known));
  known.stored.reset();
  known.signed_in = false;
  EXPECT_FALSE(must_ask(known));
  known.signed_in = true;
  stream.pause.emplace();
  EXPECT_FALSE(must_ask(known));
  stream.pause.reset();
  known.quarantined.emplace();
  EXPECT_FALSE(must_ask(known));
}

TEST_F(Explaining, SaysWhatIsKnownWhereTheProviderHasNoWayToBeAsked) {
  asked.not_asked = "it has no way to ask for one record.";
  EXPECT_EQ(code(), "provider_not_asked");
  EXPECT_TRUE(says("Example could not be asked: it has no way to ask for one record."));
  stored(true);
  EXPECT_EQ(code(), "deleted");
  known.stored.reset();
  stream.row = {};
  EXPECT_EQ(code(), "not_yet_due");
  known.paused = true;
  EXPECT_EQ(code(), "paused");
}

TEST_F(Explaining, TellsOfDeletionsThatAreHeldBack) {
  stored(false);
  stream.row.held_deletes = 30;
  EXPECT_EQ(code(), "synced");
  EXPECT_TRUE(says("30 deletions of this stream are held back"));
}

TEST_F(Explaining, TellsAnUnprovedRunFromAProvedOne) {
  stored(false);
  code();
  EXPECT_TRUE(says("with the provider's end marker"));
  stream.row.verified_at = {};
  code();
  EXPECT_TRUE(says("without proof of it"));
}

TEST_F(Explaining, NamesTheNextEnumerationForWhatTheChangesPassedBy) {
  seen(standing::shown, stream.row.synced_at - 30min);
  code();
  EXPECT_EQ(why.sentence.find("It comes with the next sync"), 0u) << "an index may trail";
  seen(standing::shown, stream.row.synced_at - 30min - 1ms);
  code();
  EXPECT_NE(why.sentence.find(format_iso_time(stream.row.enumerated_at + 24h)), std::string::npos);
}
