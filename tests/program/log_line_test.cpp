#include "actors/program/log_line.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

TEST(LogLine, QuotesWhatIsNoSingleWord) {
  EXPECT_EQ(log_line("stopped"), "msg=stopped");
  EXPECT_EQ(log_line("it said \"no\"", {{"url", "http://127.0.0.1:8686"}, {"path", "a=b\\c"}}),
            R"(msg="it said \"no\"" url=http://127.0.0.1:8686 path="a=b\\c")");
  EXPECT_EQ(log_line(""), R"(msg="")");
}

TEST(LogLine, LeavesOutWhatThereIsNot) {
  EXPECT_EQ(log_line("m", {{"stream", ""}, {"code", "x"}}), "msg=m code=x");
}

TEST(LogLine, IsOneLineThatCommandsNoTerminal) {
  EXPECT_EQ(log_line("a\nlevel=error", {{"k", "\x1b[31m"}}),
            "msg=\"a\xEF\xBF\xBDlevel=error\" k=\xEF\xBF\xBD[31m");
}

TEST(LogLine, TellsANotificationWithWhatToDo) {
  notification_row told;
  told.integration = integration_id{1};
  told.incident = 3;
  told.kind = "disconnected";
  told.sentence = "HubSpot no longer accepts the sign-in.";
  told.next_step = "Reconnect.";
  EXPECT_EQ(log_line(told), "msg=\"HubSpot no longer accepts the sign-in.\" kind=disconnected "
                            "integration="
                                + integration_id{1}.str() + " incident=3 next=Reconnect.");
}
