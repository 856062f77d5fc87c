// A token keeper whose effects are written down, in order, and whose vault keeps what it is told
// to.
#pragma once

#include "actors/token_keeper.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte::test {

using namespace std::chrono_literals;
using oauth::token_failure;

constexpr wall_time start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr steady_time steady_start{1000s};
using log = std::vector<std::string>;

inline token_set tokens(std::string name, wall_time expires_at) {
  return {secret{name + "-access"}, secret{name + "-refresh"}, expires_at, {"read"}};
}

/// Writes down what the keeper wants, in order, and has a vault that keeps what it is told to.
class TokenKeeper : public testing::Test, protected token_effects {
protected:
  TokenKeeper() {
    provider.title = "Example";
    app.id = "client";
    app.token_url = "https://example.com/token";
  }
  void adopt(std::string name = "old", milliseconds life = 1h) {
    vault = tokens(std::move(name), now + life);
    keeper.adopt(*vault, now);
  }
  std::string access() const {
    return std::string{keeper.access().reveal()};
  }
  void advance(milliseconds by) {
    now += by;
    steady_now += by;
  }
  void noted(bool durable = true) {
    keeper.noted(durable, now, steady_now);
  }
  void answer(int status, std::string body, std::string_view retry_after = {}) {
    http_response response{status, std::move(body), "application/json"};
    if (!retry_after.empty())
      response.headers.add("Retry-After", std::string{retry_after});
    keeper.answered(asked, {std::move(response), true}, now, steady_now);
  }
  void grant(std::string_view more = R"(,"refresh_token":"new-refresh","scope":"read write")") {
    answer(200, R"({"access_token":"new-access","expires_in":3600)" + std::string{more} + "}");
  }
  void stored(bool durable = true) {
    if (durable)
      vault = storing;
    keeper.stored(durable, now, steady_now);
  }
  /// Up to where the token endpoint was asked.
  void begin_refresh() {
    keeper.want(now);
    noted();
    told.clear();
  }
  void refresh() {
    advance(1h);
    begin_refresh();
    grant();
    stored();
    told.clear();
  }

  void note_refresh() override {
    told.push_back("note");
  }
  void send_refresh(uint64_t number, http_request request) override {
    asked = number;
    told.push_back("send");
    sent = std::move(request);
  }
  void store_tokens(const token_set& next) override {
    told.push_back("store");
    storing = next;
  }
  std::optional<token_set> stored_tokens() override {
    return vault;
  }
  void wake_keeper(steady_time due) override {
    alarm = due;
  }
  void tokens_ready() override {
    told.push_back("ready");
  }
  void tokens_refused(const token_failure& why) override {
    told.push_back("refused " + why.code);
  }
  void tokens_failing(const token_failure& why, steady_time due) override {
    told.push_back("failing " + why.code);
    EXPECT_EQ(due, alarm);
  }

  provider_description provider;
  oauth::client app;
  token_keeper keeper{provider, app, *this};
  wall_time now = start;
  steady_time steady_now = steady_start;
  std::optional<token_set> vault;
  token_set storing;
  http_request sent;
  uint64_t asked = 0; ///< The number of the last refresh.
  steady_time alarm{};
  log told;
};

} // namespace nexte::test
