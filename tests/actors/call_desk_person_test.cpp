// Calls that a person waits for: not kept where a refusal is the answer, and ahead of the rest.
#include "actors/call_desk.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

verdict classify(const http_response& response, wall_time) {
  verdict what;
  what.code = "http_" + std::to_string(response.status);
  what.kind = response.status == 200   ? verdict_kind::ok
              : response.status == 429 ? verdict_kind::limited
                                       : verdict_kind::transient;
  return what;
}

/// A token that is always good, a limiter and a network that answer when told to.
class CallDeskPerson : public testing::Test, protected call_effects {
protected:
  CallDeskPerson() {
    provider.classify = classify;
  }
  uint64_t begin(std::string stream, uint64_t (call_desk::*how)(std::string, http_request,
                                                                quota_lane, call_desk::done)) {
    http_request request{"GET", "https://api.example.com/" + stream};
    return (desk.*how)(std::move(stream), std::move(request), quota_lane::background,
                       [this](result<http_response> got) { done.push_back(std::move(got)); });
  }
  /// Sends a call that is not kept, and answers it.
  void ask_once(const http_answer& answer) {
    const auto call = begin("look-up", &call_desk::begin_once);
    desk.granted(call, now);
    desk.answered(call, answer, wall_time{}, now);
  }

  void ask_quota(uint64_t call, const quota_class&, quota_lane lane) override {
    asked.emplace_back(call, lane);
  }
  void withdraw_quota(uint64_t call) override {
    withdrawn.push_back(call);
  }
  void hurry_quota(uint64_t) override {}
  void report_quota(uint64_t, const quota_use& use) override {
    uses.push_back(use);
  }
  bool token_usable() override {
    return true;
  }
  void want_token() override {}
  uint64_t token_generation() override {
    return 1;
  }
  bool token_refused(uint64_t) override {
    return true;
  }
  void send(uint64_t call, const http_request&) override {
    sent.push_back(call);
  }
  void wake_desk(steady_time due) override {
    alarm = due;
  }
  uint32_t draw() override {
    return 0;
  }
  void calls_changed(const verdict* cause) override {
    troubles += cause != nullptr;
  }
  void call_failed(const std::string& stream, const verdict& why) override {
    failures.push_back(stream + " " + why.code);
  }

  provider_description provider;
  call_desk desk{provider, *this};
  steady_time now{1000s};
  std::vector<std::pair<uint64_t, quota_lane>> asked;
  std::vector<uint64_t> withdrawn, sent;
  std::vector<quota_use> uses;
  std::vector<std::string> failures;
  std::optional<steady_time> alarm;
  unsigned troubles = 0;
  std::vector<result<http_response>> done;
};

} // namespace

TEST_F(CallDeskPerson, IsAnsweredAtTheFirstRefusalOrLoss) {
  ask_once({http_response{429, "{}"}, true});
  ask_once({http_response{503, "{}"}, true});
  ask_once({error{ec::transport, "no route"}, false});
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ(done[0].failure().code, ec::limited);
  EXPECT_EQ(done[1].failure().code, ec::transport);
  EXPECT_EQ(done[2].failure().code, ec::transport);
  EXPECT_EQ(failures,
            (std::vector<std::string>{"look-up http_429", "look-up http_503", "look-up network"}));
  EXPECT_EQ(troubles, 0u) << "one question that failed says nothing of the connection";
  EXPECT_FALSE(alarm);
  EXPECT_EQ(desk.size(), 0u);
  EXPECT_TRUE(uses[0].limited) << "the limiter hears of the refusal all the same";
  ask_once({http_response{200, "{}"}, true});
  EXPECT_TRUE(done.back());
}
