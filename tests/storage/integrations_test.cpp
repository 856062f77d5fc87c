#include "tests/storage/support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Integrations : public StoreTest {};

transition_entry transition(int64_t n) {
  return {at(n), "disconnected", "code" + std::to_string(n), "because"};
}

} // namespace

TEST_F(Integrations, RowsAreReadAsTheyWereWritten) {
  auto put = integration(id_);
  put.row.account = {"hub-7", "acme.test"};
  put.row.mode = "hourly";
  put.row.granted_scopes = {"a", "b"};
  put.row.created_at = at(-5);
  put.row.history = {transition(1), transition(2)};
  put.row.disconnects = {transition(3)};
  done(put);
  done(integration(integration_id{7}));
  open();
  const auto row = **store_->integration(id_);
  EXPECT_EQ(row.id, id_);
  EXPECT_EQ(row.workspace.str(), "acme");
  EXPECT_EQ(row.provider, "hubspot");
  EXPECT_EQ(row.account.id, "hub-7");
  EXPECT_EQ(row.account.name, "acme.test");
  EXPECT_EQ(row.mode, "hourly");
  EXPECT_EQ(row.granted_scopes, put.row.granted_scopes);
  EXPECT_EQ(row.created_at, at(-5));
  ASSERT_EQ(row.history.size(), 2u);
  EXPECT_EQ(row.history[1].code, "code2");
  EXPECT_EQ(row.history[1].state, "disconnected");
  EXPECT_EQ(row.history[1].because, "because");
  EXPECT_EQ(row.history[1].at, at(2));
  EXPECT_EQ(row.disconnects.at(0).code, "code3");
  EXPECT_EQ(store_->integrations()->size(), 2u);
  EXPECT_FALSE(*store_->integration(integration_id{8}));
}

TEST_F(Integrations, KeepTheLastTransitionsOnly) {
  auto put = integration(id_);
  for (int64_t n = 0; n < 21; ++n) {
    put.row.history.push_back(transition(n));
    if (n < 11)
      put.row.disconnects.push_back(transition(n));
  }
  done(put);
  const auto row = **store_->integration(id_);
  ASSERT_EQ(row.history.size(), transitions_kept_max);
  EXPECT_EQ(row.history.front().code, "code1");
  EXPECT_EQ(row.history.back().code, "code20");
  ASSERT_EQ(row.disconnects.size(), disconnects_kept_max);
  EXPECT_EQ(row.disconnects.front().code, "code1");
}

TEST_F(Integrations, TokensComeBackAsTheyWere) {
  done(integration(id_));
  EXPECT_FALSE(*store_->tokens(id_));
  done(put_tokens{id_, tokens("access-1", "refresh-1")});
  open();
  const auto read = **store_->tokens(id_);
  EXPECT_EQ(read.access_token.reveal(), "access-1");
  EXPECT_EQ(read.refresh_token.reveal(), "refresh-1");
  EXPECT_EQ(read.expires_at, at(5000));
  EXPECT_EQ(read.scopes, (std::vector<std::string>{"crm.read", "crm.write"}));
  done(put_tokens{id_, tokens("access-2", "")});
  EXPECT_EQ((**store_->tokens(id_)).access_token.reveal(), "access-2");
  EXPECT_TRUE((**store_->tokens(id_)).refresh_token.empty());
}

TEST_F(Integrations, TokensNeedTheIntegration) {
  auto outcome = write(put_tokens{id_, tokens("a", "r")});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.failure().code, ec::not_found);
  EXPECT_FALSE(*store_->tokens(id_));
}

TEST_F(Integrations, TokensAreForgottenWhenErased) {
  done(integration(id_));
  done(put_tokens{id_, tokens("a", "r")});
  done(erase_tokens{id_});
  EXPECT_FALSE(*store_->tokens(id_));
  done(erase_tokens{id_}); // again is no error
  EXPECT_TRUE(*store_->integration(id_));
}

TEST_F(Integrations, TokensOfAnotherWorkspaceDoNotOpen) {
  done(integration(id_));
  done(put_tokens{id_, tokens("a", "r")});
  auto moved = integration(id_);
  moved.row.workspace = workspace("other");
  done(moved);
  auto read = store_->tokens(id_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.failure().code, ec::storage);
  EXPECT_NE(read.failure().line().find(id_.str()), std::string::npos);
}

TEST_F(Integrations, TokensAreNowhereInClear) {
  done(integration(id_));
  const std::string clear[]
      = {"CLEAR-access-0123456789", "CLEAR-refresh-0123456789", "CLEAR-rotated-0123456789"};
  done(put_tokens{id_, tokens(clear[0], clear[1])});
  done(put_tokens{id_, tokens(clear[2], clear[1])});
  done(erase_tokens{id_});
  done(put_tokens{id_, tokens(clear[0], clear[2])});
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{options_.directory}) {
    const auto bytes = bytes_of(entry.path());
    ++files;
    for (const auto& text : clear)
      EXPECT_EQ(bytes.find(text), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find(master_key().reveal()), std::string::npos) << entry.path();
  }
  EXPECT_EQ(files, 3u); // data, LMDB's lock, ours
}

TEST_F(Integrations, RefreshIsNotedUntilTokensCome) {
  done(integration(id_));
  EXPECT_FALSE(*store_->refresh_noted_at(id_));
  done(note_refresh{id_, at(5)});
  open();
  EXPECT_EQ(**store_->refresh_noted_at(id_), at(5));
  done(note_refresh{id_, at(6)});
  EXPECT_EQ(**store_->refresh_noted_at(id_), at(6));
  done(put_tokens{id_, tokens("a", "r")});
  EXPECT_FALSE(*store_->refresh_noted_at(id_));
  done(note_refresh{id_, at(7)});
  done(erase_tokens{id_});
  EXPECT_FALSE(*store_->refresh_noted_at(id_));
}

TEST_F(Integrations, ErrorLogKeepsTheNewest) {
  std::vector<store_write> writes;
  for (size_t n = 1; n <= errors_kept_max + 2; ++n)
    writes.push_back(append_error{id_, {at(1), "contacts", std::to_string(n), "sentence"}});
  writes.push_back(append_error{integration_id{43}, {at(1), "", "other", "sentence"}});
  ASSERT_TRUE(store_->commit(writes, at(1)));
  const auto all = *store_->errors(id_, 5000);
  ASSERT_EQ(all.size(), errors_kept_max);
  EXPECT_EQ(all.front().code, "3");
  EXPECT_EQ(all.back().code, "1002");
  EXPECT_EQ(all.back().stream, "contacts");
  EXPECT_EQ(all.back().sentence, "sentence");
  const auto newest = *store_->errors(id_, 2);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest.front().code, "1001");
  EXPECT_EQ(newest.back().code, "1002");
  EXPECT_EQ(store_->errors(integration_id{43}, 9)->size(), 1u);
  EXPECT_TRUE(store_->errors(integration_id{41}, 9)->empty());
  EXPECT_TRUE(store_->errors(integration_id{44}, 9)->empty());
}

TEST_F(Integrations, QuarantineHoldsARecordUntilItIsLifted) {
  done(put_quarantine{id_, {"contacts", "a", at(1), "first"}});
  done(put_quarantine{id_, {"contacts", "a", at(2), "second"}});
  done(put_quarantine{id_, {"deals", "a", at(3), "third"}});
  auto rows = *store_->quarantine(id_);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].stream + rows[1].record + rows[1].reason, "contactsasecond");
  EXPECT_EQ(rows[1].at, at(2));
  done(put_quarantine{id_, {"deals", "a", at(3), "third", "v7", true}});
  const auto killer = (*store_->quarantine(id_)).front();
  EXPECT_EQ(killer.version, "v7");
  EXPECT_TRUE(killer.killed);
  EXPECT_FALSE(rows[0].killed);
  done(lift_quarantine{id_, "contacts", "a"});
  done(lift_quarantine{id_, "contacts", "a"}); // again is no error
  rows = *store_->quarantine(id_);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].stream, "deals");
  EXPECT_TRUE(store_->quarantine(integration_id{43})->empty());
}

TEST_F(Integrations, QuarantineTakesAThousandRecords) {
  std::vector<store_write> writes;
  for (const auto& item : numbered(0, quarantined_max))
    writes.push_back(put_quarantine{id_, {"contacts", item.id, at(1), "why"}});
  auto outcomes = store_->commit(writes, at(1));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->back());
  auto over = write(put_quarantine{id_, {"contacts", "one more", at(1), "why"}});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.failure().code, ec::refused);
  done(put_quarantine{id_, {"contacts", "000007", at(2), "again"}}); // one of them
  done(put_quarantine{integration_id{43}, {"contacts", "a", at(1), "why"}});
  EXPECT_EQ(store_->quarantine(id_)->size(), quarantined_max);
}

TEST_F(Integrations, QuarantineRefusesNamesThatCannotBe) {
  for (const auto& [stream, record] :
       std::vector<std::pair<std::string, std::string>>{{"", "a"},
                                                        {"contacts", ""},
                                                        {"contacts", std::string(201, 'i')},
                                                        {std::string(65, 's'), "a"}}) {
    EXPECT_EQ(write(put_quarantine{id_, {stream, record, at(1), ""}}).failure().code,
              ec::malformed);
    EXPECT_EQ(write(lift_quarantine{id_, stream, record}).failure().code, ec::malformed);
  }
}
