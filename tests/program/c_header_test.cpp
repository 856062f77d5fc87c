// The C header as its hosts use it, over an engine of production that calls nobody.
#include "actors/c/nexte_sync.h"

#include "actors/c/log_desk.hpp"
#include "protocol/json/reader.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace nexte;

namespace {

/// A text that came through a `char**`.
struct given_text {
  given_text() = default;
  given_text(const given_text&) = delete;
  given_text& operator=(const given_text&) = delete;
  ~given_text() {
    nexte_sync_free(text);
  }
  std::string member(std::string_view name) const {
    const auto read = json::parse_value(text ? text : "");
    return read ? std::string{read->string_or_empty(name)} : "no JSON";
  }
  char* text = nullptr;
};

struct told {
  nexte_sync_code code;
  std::string answer;
  std::thread::id on;
};

class CHeader : public testing::Test {
protected:
  static constexpr unsigned char key[NEXTE_SYNC_KEY_BYTES] = {7};

  nexte_sync_options options(const std::string& config) {
    config_ = config;
    nexte_sync_options made{};
    made.abi = NEXTE_SYNC_ABI;
    made.config = config_.c_str();
    made.key = key;
    made.context = this;
    made.on_event = [](void* context, const char* name, const char*) {
      static_cast<CHeader*>(context)->events.emplace_back(name);
    };
    return made;
  }
  std::string config() const {
    return R"({"data_dir": ")" + directory_.path().string()
           + R"(/data", "providers": {"hubspot": {"client_id": "c"}}})";
  }
  nexte_sync* start() {
    nexte_sync* engine = nullptr;
    given_text problem;
    const auto with = options(config());
    EXPECT_EQ(nexte_sync_start(&with, &engine, &problem.text), NEXTE_SYNC_OK) << problem.text;
    EXPECT_EQ(problem.text, nullptr);
    return engine;
  }
  static void on_answer(void* context, nexte_sync_code code, const char* answer) {
    static_cast<CHeader*>(context)->answers.push_back({code, answer, std::this_thread::get_id()});
  }

  std::vector<std::string> events;
  std::vector<told> answers;

private:
  temporary_directory directory_;
  std::string config_;
};

} // namespace

TEST_F(CHeader, AnswersWithTheJsonOfTheControlApi) {
  auto* engine = start();
  ASSERT_TRUE(engine);
  given_text added, listed, none;
  EXPECT_EQ(nexte_sync_call(engine, "POST", "/v1/integrations",
                            R"({"workspace": "acme", "provider": "hubspot"})", &added.text),
            NEXTE_SYNC_OK);
  EXPECT_EQ(
      nexte_sync_call(engine, "GET", "/v1/integrations?workspace=acme", nullptr, &listed.text),
      NEXTE_SYNC_OK);
  EXPECT_NE(std::string{listed.text}.find(added.member("id")), std::string::npos) << listed.text;
  EXPECT_EQ(nexte_sync_call(engine, "GET", "/healthz", nullptr, nullptr), NEXTE_SYNC_OK);
  EXPECT_EQ(nexte_sync_call(engine, "PUT",
                            ("/v1/integrations/" + added.member("id") + "/mode").c_str(),
                            R"({"mode": "hourly"})", &none.text),
            NEXTE_SYNC_OK);
  EXPECT_STREQ(none.text, "");
  nexte_sync_stop(engine);
}

TEST_F(CHeader, TellsWhatIsWrongByCodeAndText) {
  auto* engine = start();
  ASSERT_TRUE(engine);
  const struct {
    const char* method;
    const char* target;
    const char* body;
    nexte_sync_code code;
    const char* detail;
  } cases[] = {
      {"GET", "/v1/integrations/nowhere", nullptr, NEXTE_SYNC_NOT_FOUND,
       "there is no integration \"nowhere\""},
      {"POST", "/v1/integrations", R"({"workspace": "a", "provider": "hubspt"})",
       NEXTE_SYNC_REFUSED, "there is no provider \"hubspt\""},
      {"POST", "/v1/integrations", "{", NEXTE_SYNC_MALFORMED, nullptr},
      {"GET", "v1/integrations", nullptr, NEXTE_SYNC_REFUSED, "method or target is missing"},
      {nullptr, "/v1/integrations", nullptr, NEXTE_SYNC_REFUSED, "method or target is missing"},
      {"GET", "/v1/events", nullptr, NEXTE_SYNC_NOT_FOUND, "/v1/events is for a browser"},
      {"POST", "/v1/login-codes", nullptr, NEXTE_SYNC_NOT_FOUND,
       "/v1/login-codes is for a browser"},
      {"GET", "/", nullptr, NEXTE_SYNC_NOT_FOUND, "/ is for a browser"},
  };
  for (const auto& one : cases) {
    given_text problem;
    EXPECT_EQ(nexte_sync_call(engine, one.method, one.target, one.body, &problem.text), one.code)
        << one.target;
    if (one.detail) {
      EXPECT_EQ(problem.member("detail"), one.detail);
    }
    EXPECT_EQ(problem.member("code"), nexte_sync_code_name(one.code)) << problem.text;
  }
  nexte_sync_stop(engine);
}

TEST_F(CHeader, SaysWhyItCannotStart) {
  auto* other = start();
  const std::string taken = config();
  const struct {
    std::string config;
    unsigned abi;
    nexte_sync_code code;
  } cases[] = {
      {taken, NEXTE_SYNC_ABI, NEXTE_SYNC_CONFLICT},
      {taken, NEXTE_SYNC_ABI + 1, NEXTE_SYNC_REFUSED},
      {taken, 0, NEXTE_SYNC_REFUSED},
      {"{", NEXTE_SYNC_ABI, NEXTE_SYNC_MALFORMED},
      {R"({"datadir": "x"})", NEXTE_SYNC_ABI, NEXTE_SYNC_REFUSED},
  };
  for (const auto& one : cases) {
    auto with = options(one.config);
    with.abi = one.abi;
    auto* engine = other;
    given_text problem;
    EXPECT_EQ(nexte_sync_start(&with, &engine, &problem.text), one.code) << one.config;
    EXPECT_EQ(engine, nullptr);
    EXPECT_NE(problem.member("detail"), "") << one.config;
    EXPECT_NE(problem.member("hint"), "") << problem.text;
  }
  nexte_sync_stop(other);
  nexte_sync_stop(nullptr);
  nexte_sync_free(nullptr);
  EXPECT_EQ(nexte_sync_start(nullptr, &other, nullptr), NEXTE_SYNC_REFUSED);
  EXPECT_EQ(nexte_sync_call(nullptr, "GET", "/healthz", nullptr, nullptr), NEXTE_SYNC_REFUSED);
}

TEST_F(CHeader, AnswersOnTheThreadThatRuns) {
  auto* engine = start();
  ASSERT_TRUE(engine);
  std::thread asker{[&] {
    EXPECT_EQ(nexte_sync_ask(engine, "GET", "/v1/integrations", nullptr, on_answer, this),
              NEXTE_SYNC_OK);
  }};
  asker.join();
  while (answers.empty())
    nexte_sync_run(engine, -1);
  EXPECT_EQ(answers.front().on, std::this_thread::get_id());
  EXPECT_EQ(answers.front().code, NEXTE_SYNC_OK);
  EXPECT_EQ(events.front(), "snapshot");
  nexte_sync_stop(engine);
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(CHeader, AnswersWhatIsOpenWhenItStops) {
  auto* engine = start();
  ASSERT_TRUE(engine);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(nexte_sync_ask(engine, "GET", "/v1/integrations", nullptr, on_answer, this),
              NEXTE_SYNC_OK);
  nexte_sync_stop(engine);
  EXPECT_EQ(answers.size(), 100u);
}

TEST_F(CHeader, TellsEventsOfWhatHappens) {
  auto* engine = start();
  ASSERT_TRUE(engine);
  while (events.empty())
    nexte_sync_run(engine, -1);
  EXPECT_EQ(nexte_sync_call(engine, "POST", "/v1/integrations",
                            R"({"workspace": "acme", "provider": "hubspot"})", nullptr),
            NEXTE_SYNC_OK);
  while (std::ranges::count(events, "status") == 0)
    nexte_sync_run(engine, -1);
  nexte_sync_stop(engine);
}

TEST_F(CHeader, NamesEachCode) {
  EXPECT_STREQ(nexte_sync_code_name(NEXTE_SYNC_OK), "ok");
  EXPECT_STREQ(nexte_sync_code_name(NEXTE_SYNC_UNAUTHORIZED), "unauthorized");
  EXPECT_STREQ(nexte_sync_code_name(NEXTE_SYNC_NOT_FOUND), "not_found");
  EXPECT_STREQ(nexte_sync_code_name(NEXTE_SYNC_BUG), "bug");
  EXPECT_STREQ(nexte_sync_code_name(static_cast<nexte_sync_code>(11)), "unknown");
  EXPECT_EQ(nexte_sync_abi(), unsigned{NEXTE_SYNC_ABI});
}

TEST(CLogDesk, DropsTheOldestAndSaysHowMany) {
  const auto queue = *callback_queue::make();
  std::vector<std::string> lines;
  const auto desk = c::log_desk::make(
      queue,
      [](void* context, const char* line) {
        static_cast<std::vector<std::string>*>(context)->emplace_back(line);
      },
      &lines);
  for (size_t i = 0; i < c::log_lines_waiting_max + 2; ++i)
    desk->add("line " + std::to_string(i));
  EXPECT_EQ(queue->run(), 1u);
  ASSERT_EQ(lines.size(), c::log_lines_waiting_max + 1);
  EXPECT_EQ(lines[0], "2 earlier lines were dropped");
  EXPECT_EQ(lines[1], "line 2");
  desk->add("later");
  queue->run();
  EXPECT_EQ(lines.back(), "later");
}
