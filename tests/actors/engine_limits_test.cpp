// 429s through the whole engine: when a refused request goes again, and what ends its wait.
#include "tests/support/world_view.hpp"

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

using times = std::vector<milliseconds>;

class EngineLimits : public virtual_world {
protected:
  EngineLimits() {
    configure = [](engine_options& settings) { settings.providers[0].streams = {"contacts"}; };
  }

  static http_response too_many(std::string_view policy = "SECONDLY") {
    return {429,
            R"({"status":"error","message":"You have reached your limit.",)"
            R"("errorType":"RATE_LIMIT","correlationId":"c","policyName":")"
                + std::string{policy} + "\"}",
            "application/json"};
  }
  /// The next `count` API calls are refused.
  void refuse(http_response refusal, size_t count = ~size_t{0}) {
    net->intercept
        = [refusal, count](const http_request& request) mutable -> std::optional<http_answer> {
      if (request.url.find("/crm/") == std::string::npos || count == 0)
        return std::nullopt;
      --count;
      return http_answer{refusal};
    };
  }
  std::vector<simulation::logged_call> calls() const {
    auto all = net->log();
    std::erase_if(all, [](const auto& call) { return call.path.find("/crm/") == call.path.npos; });
    return all;
  }
  /// When API calls went out, since `from`.
  times times_since(wall_time from) const {
    times sent;
    for (const auto& call : calls())
      if (call.at >= from)
        sent.push_back(call.at - from);
    return sent;
  }
  /// How long the first call after one refusal with these fields waited.
  milliseconds wait_after(integration_id id, http_response refusal) {
    advance(1h); // past what was learnt from the refusals before
    net->clear_log();
    refuse(std::move(refusal), 1);
    EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
    advance(25h);
    const auto sent = calls();
    const auto refused = std::ranges::find(sent, 429, &simulation::logged_call::status);
    if (sent.end() - refused < 2)
      return -1ms;
    EXPECT_EQ(refused[1].path, refused->path) << "the same request goes again";
    EXPECT_EQ(refused[1].status, 200);
    return refused[1].at - refused->at;
  }
  static http_response with(http_response refusal, const query_parameters& fields) {
    for (const auto& [name, value] : fields)
      refusal.headers.add(name, value);
    return refusal;
  }
  result<void> refresh(integration_id id) {
    return ask<void>([&](auto done) { engine().refresh(id, done); });
  }
  result<void> set_mode(integration_id id, const std::string& mode) {
    return ask<void>([&](auto done) { engine().set_mode(id, mode, done); });
  }
  size_t told(std::string_view kind) const {
    return static_cast<size_t>(std::ranges::count(notifications, kind, &notification_row::kind));
  }
};

/// One window for the whole app.
class EngineLimitsOfTheApp : public EngineLimits {
protected:
  static constexpr unsigned limit = 10;
  static constexpr auto span = 10s;

  EngineLimitsOfTheApp() {
    options.accounts = 100;
    options.records = 20;
    configure = [](engine_options& settings) {
      settings.providers[0].quota
          = {{"APP", limit, span, counter_scope::app, "*", quota_unit::request},
             {"ACCOUNT", 100, 10s, counter_scope::account, "*", quota_unit::request}};
    };
  }
  integration_id connect_account(size_t account, const std::string& workspace) {
    const auto id = add(workspace);
    consent(id, hubspot().oauth().accounts()[account].login);
    return id;
  }
  uint64_t records_of(const std::vector<integration_id>& ids) {
    uint64_t sum = 0;
    for (const auto id : ids)
      sum += status(id).records;
    return sum;
  }
  /// The most that went out within one window.
  size_t peak() const {
    size_t most = 0;
    const auto sent = times_since(wall_time{});
    for (auto at = sent.begin(); at != sent.end(); ++at) {
      const auto end = std::ranges::lower_bound(at, sent.end(), *at + span);
      most = std::max(most, static_cast<size_t>(end - at));
    }
    return most;
  }
};

} // namespace

// ---- when it goes again -------------------------------------------------------------------------

TEST_F(EngineLimits, RepeatsA429After1And2And4And8And16AndThenEach32Seconds) {
  boot();
  const auto id = add();
  refuse(too_many());
  const auto from = wall_now();
  consent(id);
  advance(127s - 1ms);
  EXPECT_EQ(times_since(from), (times{0s, 1s, 3s, 7s, 15s, 31s, 63s, 95s}));
  advance(1ms);
  EXPECT_EQ(times_since(from).back(), 127s);
  const auto sent = calls();
  EXPECT_TRUE(std::ranges::all_of(sent, [&](const auto& one) { return one.path == sent[0].path; }));
}

TEST_F(EngineLimits, BeginsAtOneSecondAgainAfterASuccess) {
  boot();
  const auto id = add();
  refuse(too_many(), 4);
  consent(id);
  advance(1min);
  ASSERT_EQ(status(id).state, "connected");
  EXPECT_EQ(wait_after(id, too_many()), 1s);
}

TEST_F(EngineLimits, ObeysEveryFormOfRetryAfterThatIsLonger) {
  boot();
  const auto id = connected();
  const auto after = [](std::string value) { return query_parameters{{"Retry-After", value}}; };
  EXPECT_EQ(wait_after(id, with(too_many(), after("7"))), 7s);
  EXPECT_EQ(wait_after(id, with(too_many(), after("2.5"))), 2500ms);
  EXPECT_EQ(wait_after(id, with(too_many(), {{"Retry-After", "5"}, {"retry-after", "20"}})), 20s);
  EXPECT_EQ(wait_after(id, with(too_many(), {{"Retry-After", "soon"}, {"Retry-After", "20"}})),
            20s);
  EXPECT_EQ(wait_after(id, with(too_many(), after("86400"))), 24h);
  EXPECT_EQ(wait_after(id, with(too_many(), after("864000"))), 24h) << "the longest HubSpot has";
  const auto date = wall_now() + 1h + 90s; // `wait_after` begins in an hour
  EXPECT_EQ(wait_after(id, with(too_many(), after(format_http_date(date)))), 90s);
}

TEST_F(EngineLimits, KeepsToTheLadderWhereRetryAfterAsksForLessOrCannotBeRead) {
  boot();
  const auto id = connected();
  for (const std::string value : {"0", "-5", "0.2", "soon", "", "1e300", "nan", "12 34"})
    EXPECT_EQ(wait_after(id, with(too_many(), {{"Retry-After", value}})), 1s) << value;
  const auto past = format_http_date(wall_now() - 1h);
  EXPECT_EQ(wait_after(id, with(too_many(), {{"Retry-After", past}})), 1s);
}

TEST_F(EngineLimits, ObeysTheProvidersResetFieldWhereItIsLonger) {
  boot();
  const auto id = connected();
  const query_parameters spent{{"X-HubSpot-RateLimit-Max", "110"},
                               {"X-HubSpot-RateLimit-Remaining", "0"},
                               {"X-HubSpot-RateLimit-Interval-Milliseconds", "10000"}};
  EXPECT_EQ(wait_after(id, with(too_many(""), spent)), 10s);
  auto both = with(too_many(""), spent);
  EXPECT_EQ(wait_after(id, with(both, {{"Retry-After", "4"}})), 10s);
  EXPECT_EQ(wait_after(id, with(both, {{"Retry-After", "40"}})), 40s);
}

TEST_F(EngineLimits, LooksEachHourForTheDaysQuotaAndTellsThePersonSo) {
  boot();
  const auto id = add();
  refuse(too_many("DAILY"));
  const auto from = wall_now();
  consent(id);
  advance(1h - 1ms);
  EXPECT_EQ(times_since(from), (times{0s}));
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "rate_limited");
  EXPECT_NE(panel.because.find("for today is used up"), std::string::npos) << panel.because;
  EXPECT_EQ(panel.next_step_at, from + 1h);
  EXPECT_EQ(panel.quota_back_at, from + 1h);
  EXPECT_EQ(told("rate_limited"), 2u) << "at once, and after 15 minutes";
  advance(1ms);
  EXPECT_EQ(times_since(from), (times{0s, 1h}));
  net->intercept = {};
  advance(1h);
  EXPECT_EQ(status(id).state, "connected");
  EXPECT_FALSE(status(id).quota_back_at);
}

// ---- what ends its wait, and what does not ------------------------------------------------------

TEST_F(EngineLimits, KeepARefusedRequestThroughRefreshWhichFollowsIt) {
  boot();
  const auto id = connected();
  advance(6min);
  net->clear_log();
  refuse(with(too_many(), {{"Retry-After", "600"}}), 1);
  advance(5min); // a poll is refused
  ASSERT_EQ(calls().size(), 1u);
  const auto refused = calls()[0];
  EXPECT_TRUE(refresh(id));
  advance(refused.at + 600s - 1ms - wall_now());
  EXPECT_EQ(calls().size(), 1u) << "no Refresh goes past a Retry-After";
  advance(1ms);
  const auto sent = calls();
  ASSERT_GT(sent.size(), 3u);
  EXPECT_EQ(sent[1].path, refused.path);
  EXPECT_TRUE(std::ranges::any_of(sent, [](const auto& call) {
    return call.method == "GET" && call.path.ends_with("/contacts");
  })) << "the Refresh enumerates";
}

TEST_F(EngineLimits, KeepARefusedRequestThroughAChangeOfMode) {
  boot();
  const auto id = add();
  refuse(with(too_many(), {{"Retry-After", "60"}}), 1);
  const auto from = wall_now();
  consent(id);
  advance(30s);
  EXPECT_TRUE(set_mode(id, "hourly"));
  advance(30s - 1ms);
  EXPECT_EQ(times_since(from), (times{0s}));
  advance(1ms);
  EXPECT_GT(times_since(from).size(), 1u);
  expect_same_records(engine().data(), id, "contacts", hubspot().snapshot("contacts"));
}

TEST_F(EngineLimits, DropARefusedRequestAtDisconnect) {
  boot();
  const auto id = add();
  refuse(with(too_many(), {{"Retry-After", "60"}}), 1);
  const auto from = wall_now();
  consent(id);
  advance(30s);
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  advance(1h);
  EXPECT_EQ(times_since(from), (times{0s}));
  EXPECT_FALSE(status(id).quota_back_at);
}

TEST_F(EngineLimits, EndARefusedRequestAtAPermanentAnswerAndTheAmberWithIt) {
  boot();
  const auto id = add();
  refuse(too_many());
  consent(id);
  advance(2s);
  ASSERT_EQ(status(id).state, "rate_limited");
  refuse({403,
          R"({"status":"error","message":"m","correlationId":"c","category":"MISSING_SCOPES"})",
          "application/json"});
  advance(1min);
  const auto panel = status(id);
  EXPECT_EQ(panel.state, "connected") << "the quota is no longer what stands in the way";
  EXPECT_FALSE(panel.streams[0].paused_because.empty());
  EXPECT_EQ(calls().size(), 3u);
  advance(5h);
  EXPECT_EQ(told("rate_limited"), 1u) << "no stage is told of what is over";
}

// ---- the limiter --------------------------------------------------------------------------------

TEST_F(EngineLimitsOfTheApp, PacesTheReturnOfAHundredWhoseWaitEndsAtOneTime) {
  boot();
  const auto from = wall_now();
  const auto end = from + 5min;
  refuse(with(too_many(""), {{"Retry-After", format_http_date(end)}}));
  std::vector<integration_id> ids;
  for (size_t account = 0; account < 100; ++account)
    ids.push_back(connect_account(account, "w" + std::to_string(account)));
  advance(end - 1ms - wall_now());
  for (const auto id : ids)
    EXPECT_EQ(status(id).state, "rate_limited");
  net->intercept = {};
  advance(1ms);
  EXPECT_EQ(times_since(end).size(), limit) << "in the first instant";
  advance(30min);
  EXPECT_LE(peak(), limit);
  EXPECT_EQ(hubspot().quota().violations(), 0u);
  for (const auto id : ids)
    EXPECT_EQ(status(id).state, "connected");
}

TEST_F(EngineLimitsOfTheApp, PutsWhatAPersonAskedForAheadOfTheOthersAndStarvesThemNot) {
  boot();
  std::vector<integration_id> ids;
  for (size_t account = 0; account < 100; ++account)
    ids.push_back(connect_account(account, "w" + std::to_string(account)));
  const auto asked = ids.back();
  advance(span); // hundreds of first requests wait, its own behind all others
  ASSERT_EQ(status(asked).records, 0u);
  EXPECT_TRUE(refresh(asked));
  const auto before = records_of(ids);
  advance(5 * span);
  for (const auto& stream : status(asked).streams)
    EXPECT_TRUE(stream.verified) << stream.name;
  EXPECT_GE(records_of(ids) - before - status(asked).records, 10 * options.records);
  EXPECT_LE(peak(), limit);
}

TEST_F(EngineLimitsOfTheApp, LetsALightWorkspaceThroughBesideOneWithAHundredTimesTheWork) {
  boot();
  std::vector<integration_id> heavy;
  for (size_t account = 1; account < 100; ++account)
    heavy.push_back(connect_account(account, "heavy"));
  const auto light = connect_account(0, "light");
  advance(5 * span); // of the 90 and more that all of them need
  for (const auto& stream : status(light).streams)
    EXPECT_TRUE(stream.verified) << stream.name;
  EXPECT_LT(records_of(heavy), heavy.size() * 3 * options.records / 4);
  EXPECT_LE(peak(), limit);
}

TEST_F(EngineLimitsOfTheApp, TellsWhenTheQuotaIsBack) {
  configure = [](engine_options& settings) {
    settings.providers[0].streams = {"contacts", "companies"};
    settings.providers[0].quota
        = {{"HOUR", 2, 1h, counter_scope::account, "*", quota_unit::request}};
  };
  boot();
  const auto from = wall_now();
  const auto id = connect_account(0, "acme");
  auto panel = status(id);
  EXPECT_EQ(panel.quota_used, 2u);
  EXPECT_EQ(panel.quota_limit, 2u);
  EXPECT_EQ(panel.quota_back_at, from + 1h);
  EXPECT_EQ(panel.next_step_at, from + 1h);
  advance(1h - 1ms);
  EXPECT_EQ(times_since(from).size(), 2u);
  advance(1ms);
  EXPECT_EQ(times_since(from).size(), 4u);
  EXPECT_EQ(status(id).quota_back_at, from + 2h) << "the next ones wait for the next hour";
}
