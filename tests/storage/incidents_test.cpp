#include "tests/storage/support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

class Incidents : public StoreTest {
protected:
  put_incident incident(const std::string& kind, unsigned stage = 0, int64_t opened = 100) {
    put_incident write;
    write.row.integration = id_;
    write.row.kind = kind;
    write.row.stream = "contacts";
    write.row.stage = stage;
    write.row.opened_at = at(opened);
    write.row.staged_at = at(opened);
    write.row.code = "code";
    write.row.sentence = "sentence";
    write.row.next_step = "next";
    write.row.evidence = {"e1", "e2"};
    return write;
  }
  static notification_row notice(const std::string& kind) {
    notification_row row;
    row.at = at(3);
    row.kind = kind;
    row.stage = 2;
    row.sentence = "sentence";
    row.next_step = "next";
    return row;
  }
  close_incident closing(const std::string& kind) const {
    return {id_, kind, "contacts", std::nullopt};
  }
};

} // namespace

TEST_F(Incidents, AreReadAsTheyWereWritten) {
  const auto id = done(incident("rate_limited", 1)).id;
  EXPECT_EQ(id, 1u);
  open();
  const auto row = **store_->incident(id);
  EXPECT_EQ(row.id, id);
  EXPECT_EQ(row.integration, id_);
  EXPECT_EQ(row.kind, "rate_limited");
  EXPECT_EQ(row.stream, "contacts");
  EXPECT_EQ(row.stage, 1u);
  EXPECT_EQ(row.opened_at, at(100));
  EXPECT_EQ(row.staged_at, at(100));
  EXPECT_FALSE(row.closed_at);
  EXPECT_EQ(row.code + row.sentence + row.next_step, "codesentencenext");
  EXPECT_EQ(row.evidence, (std::vector<std::string>{"e1", "e2"}));
  EXPECT_FALSE(*store_->incident(2));
}

TEST_F(Incidents, OpenOneIsReplacedAndKeepsIdAndBeginning) {
  const auto id = done(incident("rate_limited", 0, 100)).id;
  EXPECT_EQ(done(incident("rate_limited", 3, 200)).id, id);
  const auto row = **store_->incident(id);
  EXPECT_EQ(row.stage, 3u);
  EXPECT_EQ(row.opened_at, at(100));
  EXPECT_EQ(row.staged_at, at(200));
  EXPECT_EQ(store_->incidents(std::nullopt)->size(), 1u);
}

TEST_F(Incidents, AreOnePerIntegrationKindAndStream) {
  auto other_stream = incident("rate_limited");
  other_stream.row.stream.clear();
  auto other_integration = incident("rate_limited");
  other_integration.row.integration = integration_id{1};
  done(incident("rate_limited"));
  EXPECT_EQ(done(incident("scope_missing")).id, 2u);
  EXPECT_EQ(done(other_stream).id, 3u);
  EXPECT_EQ(done(other_integration).id, 4u);
  const auto all = *store_->incidents(std::nullopt);
  ASSERT_EQ(all.size(), 4u);
  for (size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].id, i + 1);
  EXPECT_EQ(store_->incidents(id_)->size(), 3u);
  EXPECT_EQ(store_->incidents(integration_id{1})->size(), 1u);
}

TEST_F(Incidents, ClosedStayAndTheNextIsAnother) {
  const auto id = done(incident("rate_limited")).id;
  EXPECT_EQ(done(closing("rate_limited"), at(500)).id, id);
  EXPECT_EQ((**store_->incident(id)).closed_at, at(500));
  EXPECT_EQ(done(closing("rate_limited")).id, 0u);
  EXPECT_EQ(done(incident("rate_limited")).id, id + 1);
  EXPECT_EQ(store_->incidents(id_)->size(), 2u);
}

TEST_F(Incidents, AreForgottenThirtyDaysAfterTheyWereClosed) {
  done(incident("rate_limited"));
  done(incident("scope_missing"));
  done(closing("rate_limited"), at(500));
  const auto due = at(500) + incidents_kept;
  put({{"a"}}, sweep::none, due - milliseconds{1});
  EXPECT_EQ(store_->incidents(id_)->size(), 2u);
  put({{"b"}}, sweep::none, due);
  ASSERT_EQ(store_->incidents(id_)->size(), 1u); // the open one stays for good
  EXPECT_EQ(store_->incidents(std::nullopt)->size(), 1u);
  EXPECT_FALSE(*store_->incident(1));
  EXPECT_EQ(done(incident("rate_limited"), due).id, 3u);
}

TEST_F(Incidents, AreForgottenABoundedNumberACommit) {
  for (int i = 0; i < 150; ++i) {
    done(incident("rate_limited"));
    done(closing("rate_limited"), at(500));
  }
  put({{"a"}}, sweep::none, at(500) + incidents_kept);
  EXPECT_EQ(store_->incidents(id_)->size(), 50u);
  put({{"b"}}, sweep::none, at(500) + incidents_kept);
  EXPECT_TRUE(store_->incidents(id_)->empty());
}

TEST_F(Incidents, AreNotForgottenEarlyAfterTheClockWasSetBack) {
  const int64_t opened = 1'800'000'000;
  done(incident("rate_limited", 0, opened));
  done(closing("rate_limited"), at(5)); // closed while the clock stood at 1970
  EXPECT_EQ((**store_->incident(1)).closed_at, at(opened));
  put({{"a"}}, sweep::none, at(opened + 60));
  EXPECT_EQ(store_->incidents(id_)->size(), 1u);
}

TEST_F(Incidents, RefuseNamesThatCannotBe) {
  EXPECT_EQ(write(incident("")).failure().code, ec::malformed);
  EXPECT_EQ(write(incident(std::string(65, 'k'))).failure().code, ec::malformed);
  EXPECT_EQ(write(closing("")).failure().code, ec::malformed);
  auto long_stream = incident("rate_limited");
  long_stream.row.stream = std::string(65, 's');
  EXPECT_EQ(write(long_stream).failure().code, ec::malformed);
  EXPECT_TRUE(store_->incidents(std::nullopt)->empty());
}

TEST_F(Incidents, NotifyUntilAcknowledged) {
  auto opened = incident("rate_limited");
  opened.notice = notice("rate_limited");
  done(opened);
  opened.notice = notice("rate_limited_longer");
  done(opened);
  open();
  auto rows = *store_->notifications(0, 10);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].id, 1u);
  EXPECT_EQ(rows[0].incident, 1u);
  EXPECT_EQ(rows[0].integration, id_);
  EXPECT_EQ(rows[0].at, at(3));
  EXPECT_EQ(rows[0].stage, 2u);
  EXPECT_EQ(rows[0].kind + rows[0].sentence + rows[0].next_step, "rate_limitedsentencenext");
  EXPECT_EQ(store_->notifications(1, 10)->front().kind, "rate_limited_longer");
  EXPECT_EQ(store_->notifications(0, 1)->size(), 1u);
  EXPECT_TRUE(store_->notifications(~uint64_t{0}, 1)->empty());
  done(acknowledge{1});
  EXPECT_EQ(store_->notifications(0, 10)->size(), 1u);
  auto again = write(acknowledge{1});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.failure().code, ec::not_found);
}

TEST_F(Incidents, NotifyOfAClosingOnlyIfOneWasOpen) {
  auto close = closing("rate_limited");
  close.notice = notice("recovered");
  done(close);
  EXPECT_TRUE(store_->notifications(0, 10)->empty());
  done(incident("rate_limited"));
  done(close);
  EXPECT_EQ(store_->notifications(0, 10)->front().incident, 1u);
}

TEST_F(Incidents, NumbersAreNeverGivenTwice) {
  auto opened = incident("rate_limited");
  opened.notice = notice("rate_limited");
  done(opened);
  done(acknowledge{1});
  open();
  done(opened);
  EXPECT_EQ(store_->notifications(0, 10)->front().id, 2u);
}
