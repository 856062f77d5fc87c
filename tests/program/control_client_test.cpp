#include "actors/program/control_client.hpp"

#include "protocol/control/problem.hpp"
#include "protocol/control/token_file.hpp"
#include "protocol/core/private_file.hpp"
#include "tests/program/known_providers.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

using namespace nexte;
using namespace nexte::program;

namespace {

class FindEngine : public testing::Test {
protected:
  std::string origin(const engine_choice& choice) {
    const auto door = find_engine(choice, test_providers());
    return door ? door->origin : door.failure().line();
  }
  std::filesystem::path configured(std::string_view listen) {
    const auto path = directory.path() / "config.json";
    std::ofstream{path} << R"({"data_dir": ".", "control": {"listen": ")" << listen << R"("}})";
    return path;
  }

  temporary_directory directory;
  std::string none = "no engine runs on " + directory.path().string()
                     + "; start one with: nexte-sync serve --config FILE";
};

} // namespace

TEST(ControlClient, SpeaksOfTheEngineRatherThanOfHttpMethods) {
  class older_engine final : public transport {
    void call(http_request, done on_done) override {
      on_done({control::problem(405, {ec::refused, "PUT is not allowed at /x", "use: GET"}), true});
    }
  };
  control_client client{std::make_shared<older_engine>(), {"http://127.0.0.1:1", secret{"t"}}};
  const auto answer = client.call("PUT", "/x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().line(),
            "the running engine does not know this command; it is of another version: start it "
            "again with this program");
}

TEST_F(FindEngine, TakesTheAddressOfTheConfiguration) {
  ASSERT_TRUE(control::ensure_token(directory.path()));
  EXPECT_EQ(origin({configured("127.0.0.1:4000"), {}, {}}), "http://127.0.0.1:4000");
  EXPECT_EQ(origin({configured("[::1]:4000"), {}, {}}), "http://[::1]:4000");
}

TEST_F(FindEngine, PrefersWhereTheEngineSaysItListens) {
  ASSERT_TRUE(control::ensure_token(directory.path()));
  ASSERT_TRUE(write_private_file(address_path(directory.path()), "127.0.0.1:5000\n"));
  EXPECT_EQ(origin({configured("127.0.0.1:0"), {}, {}}), "http://127.0.0.1:5000");
  EXPECT_EQ(origin({{}, directory.path(), {}}), "http://127.0.0.1:5000");
}

TEST_F(FindEngine, PrefersTheAddressThatWasGiven) {
  ASSERT_TRUE(control::ensure_token(directory.path()));
  ASSERT_TRUE(write_private_file(address_path(directory.path()), "127.0.0.1:5000\n"));
  EXPECT_EQ(origin({configured("127.0.0.1:4000"), {}, "127.0.0.1:6000"}), "http://127.0.0.1:6000");
}

TEST_F(FindEngine, SaysThatNoneRuns) {
  EXPECT_EQ(origin({{}, directory.path(), {}}), none);
  EXPECT_EQ(origin({{}, directory.path(), "127.0.0.1:6000"}).find("no engine runs"), 0u);
  EXPECT_EQ(origin({configured("127.0.0.1:0"), {}, {}}).find("no engine runs"), 0u);
}

TEST_F(FindEngine, SendsTheTokenToLoopbackOnly) {
  ASSERT_TRUE(control::ensure_token(directory.path()));
  EXPECT_EQ(origin({{}, directory.path(), "10.0.0.1:6000"}),
            "10.0.0.1 is not on loopback; run this command on the engine's machine");
}
