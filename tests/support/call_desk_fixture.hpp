// A call desk whose limiter, token and network answer when told to. GoogleTest fixture.
#pragma once

#include "actors/call_desk.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::test {

using namespace std::chrono_literals;

/// A token that one refresh at a time renews, a limiter and a network that answer when told to.
class CallDesk : public testing::Test, protected call_effects {
protected:
  static constexpr steady_time start{1000s};
  static constexpr wall_time today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

  /// Reads of the status what a real provider says in many words.
  static verdict classify(const http_response& response, wall_time now) {
    verdict what;
    what.code = "http_" + std::to_string(response.status);
    what.sentence = "the provider answered " + std::to_string(response.status);
    what.retry_after = parse_retry_after(response.headers.get("Retry-After"), {}, now);
    switch (response.status) {
      case 200: what.kind = verdict_kind::ok; break;
      case 401: what.kind = verdict_kind::token_expired; break;
      case 402: what.kind = verdict_kind::forbidden; break;
      case 403:
        what.kind
            = response.headers.has("Quota") ? verdict_kind::limited : verdict_kind::scope_missing;
        break;
      case 404: what.kind = verdict_kind::for_connector; break;
      case 418: what.kind = verdict_kind::unauthorized; break;
      case 429:
        what.kind = verdict_kind::limited;
        what.quota_window = "TEN_SECONDLY";
        break;
      default: what.kind = verdict_kind::transient; break;
    }
    return what;
  }

  static std::vector<quota_reading> read_quota(const http_response&) {
    return {{"TEN_SECONDLY", 100u, 7u, std::nullopt}};
  }

  CallDesk() {
    provider.title = "Example";
    provider.classify = classify;
    provider.read_quota = read_quota;
  }
  uint64_t begin(std::string stream = "contacts", bool repeatable = true) {
    http_request request{"GET", "https://api.example.com/" + stream};
    request.quota = {"search", 3};
    request.repeatable = repeatable;
    return desk.begin(std::move(stream), std::move(request), lane,
                      [this](result<http_response> how) { done.push_back(std::move(how)); });
  }
  uint64_t begin_sent(std::string stream = "contacts", bool repeatable = true) {
    const auto call = begin(std::move(stream), repeatable);
    desk.granted(call, now);
    return call;
  }
  void answer(uint64_t call, int status, std::string_view retry_after = {}) {
    http_response response{status, "{}"};
    if (!retry_after.empty())
      response.headers.add("Retry-After", std::string{retry_after});
    desk.answered(call, {std::move(response), true}, today, now);
  }
  void fail(uint64_t call, ec code, bool was_sent = true) {
    desk.answered(call, {error{code, "no route"}, was_sent}, today, now);
  }
  /// The refresh that `want_token` began ends well.
  void renew() {
    ++generation;
    usable = true;
    refreshing = false;
    just_renewed = true;
    desk.token_ready(now);
  }
  /// Expects that the call stands still for exactly `wait`, then asks for quota again.
  void expect_pause(uint64_t call, milliseconds wait) {
    const auto before = asked.size();
    ASSERT_EQ(alarm, now + wait);
    now = *alarm - 1ms;
    desk.wake(now);
    ASSERT_EQ(asked.size(), before) << "the moment before";
    now += 1ms;
    desk.wake(now);
    ASSERT_EQ(asked.size(), before + 1) << "the moment of";
    EXPECT_EQ(asked.back(), call);
  }

  void ask_quota(uint64_t call, const quota_class& cost, quota_lane asked_lane) override {
    EXPECT_EQ(cost.endpoint, "search");
    EXPECT_EQ(cost.cost, 3u);
    EXPECT_EQ(asked_lane, lane);
    asked.push_back(call);
  }
  void withdraw_quota(uint64_t call) override {
    withdrawn.push_back(call);
  }
  void hurry_quota(uint64_t call) override {
    hurried.push_back(call);
  }
  void report_quota(uint64_t, const quota_use& use) override {
    uses.push_back(use);
  }
  bool token_usable() override {
    return usable;
  }
  void want_token() override {
    if (!std::exchange(refreshing, true))
      ++refreshes;
    if (on_want)
      on_want();
  }
  uint64_t token_generation() override {
    return generation;
  }
  bool token_refused(uint64_t refused) override {
    if (refused != generation)
      return true;
    if (just_renewed)
      return false;
    usable = false;
    return true;
  }
  void send(uint64_t call, const http_request& request) override {
    sent.push_back(call);
    urls.push_back(request.url);
  }
  void wake_desk(steady_time due) override {
    alarm = due;
  }
  uint32_t draw() override {
    return drawn;
  }
  void calls_changed(const verdict* cause) override {
    news.push_back(cause ? cause->code : "succeeded");
  }
  void call_failed(const std::string& stream, const verdict& why) override {
    failures.push_back(stream + " " + why.code);
  }

  provider_description provider;
  call_desk desk{provider, *this};
  quota_lane lane = quota_lane::person; ///< Of what is begun, and asked for.
  steady_time now = start;
  bool usable = true, refreshing = false, just_renewed = false;
  unsigned refreshes = 0;
  uint64_t generation = 1;
  uint32_t drawn = 0;
  std::function<void()> on_want;
  std::optional<steady_time> alarm;
  std::vector<uint64_t> asked, withdrawn, hurried, sent;
  std::vector<quota_use> uses;
  std::vector<std::string> urls, news, failures;
  std::vector<result<http_response>> done;
};

} // namespace nexte::test
