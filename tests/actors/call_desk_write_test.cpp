// Calls that must not be sent twice as they stand.
#include "tests/support/call_desk_fixture.hpp"

using namespace nexte;
using namespace nexte::test;
using namespace std::chrono_literals;

namespace {

class CallDeskWrite : public CallDesk {
protected:
  /// A write that was sent and got this answer; it waits.
  uint64_t begin_write(int status) {
    const auto call = begin_sent("contacts", false);
    answer(call, status);
    return call;
  }
};

} // namespace

TEST_F(CallDeskWrite, HandsAWriteBackInsteadOfSendingItTwice) {
  for (const auto& [status, code] : {std::pair{500, ec::transport}, {429, ec::limited}}) {
    done.clear();
    begin_write(status);
    const auto sends = sent.size();
    desk.wake(*alarm - 1ms);
    EXPECT_TRUE(done.empty()) << "it waits as any other would";
    desk.wake(now = *alarm);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].failure().code, code);
    EXPECT_EQ(sent.size(), sends);
    EXPECT_EQ(desk.size(), 0u);
  }
  EXPECT_TRUE(failures.empty()) << "the stream is not refused";
}

TEST_F(CallDeskWrite, HandsAWriteBackWhoseAnswerWasLost) {
  fail(begin_sent("contacts", false), ec::transport);
  desk.wake(now = *alarm);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].failure().code, ec::transport);
}

TEST_F(CallDeskWrite, SendsAWriteAgainThatNeverLeft) {
  const auto call = begin_sent("contacts", false);
  fail(call, ec::transport, false);
  desk.wake(now = *alarm);
  desk.granted(call, now);
  answer(call, 200);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_TRUE(done[0]);
}

TEST_F(CallDeskWrite, HandsAWriteBackThatNeedsANewToken) {
  begin_write(401);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].failure().code, ec::transport) << "who knows how long the renewal takes";
  begin(); // its sender looks first, and so waits for the token
  EXPECT_EQ(refreshes, 1u);
  renew();
  begin_write(401);
  EXPECT_EQ(done.back().failure().code, ec::unauthorized) << "the newest token is refused as well";
}
