#include "actors/program/process.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nexte;

TEST(Process, LeavesNoCoreDump) {
  const auto child = ::fork(); // hardened for good
  ASSERT_GE(child, 0);
  if (child == 0) {
    program::harden_process();
    ::_exit(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
  }
  int ended = 0;
  ASSERT_EQ(::waitpid(child, &ended, 0), child);
  EXPECT_TRUE(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}
