// A day of 200 workspaces that share one quota of the app, at a provider that refuses three
// requests in ten for no reason that anybody could foresee.
//
// The figures are taken at the provider's door, by its own sliding window over what arrives there,
// on a road that takes its time both ways:
// - exceeded: arrivals that found the window of the app (or one of HubSpot's own) full.
// - too early: requests sent before the end of a wait that an answer, already delivered, had asked
//   for: its Retry-After for the account and class it refused; the ladder for the request itself.
// - in use: units in the app's window over its limit, averaged over time, while requests wait at
//   the limiter that the app's quota alone holds up (not a refusal of their own account).
// - Jain's index: of the units that each workspace was let through while all of them had work.
#include "protocol/hubspot/quota.hpp"
#include "protocol/simulation/quota_counters.hpp"
#include "protocol/simulation/seeded_random.hpp"
#include "tests/support/world_view.hpp"

#include <algorithm>
#include <iostream>
#include <set>

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr unsigned workspaces = 200;
constexpr unsigned app_limit = 40;
constexpr auto app_span = 60s;
constexpr unsigned refused_percent = 30;
constexpr auto retry_after_most = 60;
constexpr int latency_most = 250; ///< Milliseconds, each way.

/// The ladder, in the test's own words.
milliseconds ladder(unsigned refusals) {
  constexpr seconds steps[] = {1s, 2s, 4s, 8s, 16s, 32s};
  return steps[std::min<size_t>(refusals, std::size(steps)) - 1];
}

struct call_id {
  size_t account = 0;
  bool is_search = false;
  std::string request; ///< The same for each repetition.
};

/// What was asked of the engine, and whether it kept to it.
class refusal_book {
public:
  void refused(const call_id& call, std::optional<wall_time> not_before, wall_time now) {
    auto& repeated = open_[{call.account, call.request}];
    repeated.not_before = std::max(now + ladder(++repeated.refusals), not_before.value_or(now));
    if (not_before) {
      auto& held = held_[{call.account, call.is_search}];
      held = std::max(held, {*not_before, now});
    }
  }
  void succeeded(const call_id& call) {
    open_.erase({call.account, call.request});
  }
  void sent(const call_id& call, wall_time now) {
    const auto repeated = open_.find({call.account, call.request});
    const auto held = held_.find({call.account, call.is_search});
    too_early_ += repeated != open_.end() && now < repeated->second.not_before;
    too_early_ += held != held_.end() && now > held->second.second && now < held->second.first;
  }
  uint64_t too_early() const {
    return too_early_;
  }
  /// Requests that were refused and have not succeeded since.
  size_t open() const {
    return open_.size();
  }

private:
  struct chain {
    unsigned refusals = 0;
    wall_time not_before{};
  };
  std::map<std::pair<size_t, std::string>, chain> open_;
  /// Until when an account's class is held, and when the engine was told so.
  std::map<std::pair<size_t, bool>, std::pair<wall_time, wall_time>> held_;
  uint64_t too_early_ = 0;
};

class QuotaDay : public virtual_world {
protected:
  QuotaDay() {
    options.accounts = workspaces;
    options.records = 350;
    configure = [](engine_options& settings) {
      auto& quota = settings.providers[0].quota;
      quota = hubspot::quota_windows();
      quota.push_back({"APP", app_limit, app_span, counter_scope::app, std::string{every_endpoint},
                       quota_unit::request});
    };
    road = std::make_shared<slow_road>(*this);
    on_settled = [this] { watch_queue(); };
  }

  // ---- the provider's side ----------------------------------------------------------------------

  /// API calls arrive late and are answered late; all others pass.
  class slow_road final : public transport {
  public:
    explicit slow_road(QuotaDay& world) : world_(&world) {}
    void call(http_request request, done on_done) override {
      if (request.url.find("/crm/") == std::string::npos)
        return world_->net->call(std::move(request), std::move(on_done));
      auto id = world_->identify(request);
      world_->book.sent(id, world_->wall_now());
      world_->after(world_->latency(),
                    [world = world_, id = std::move(id), request = std::move(request),
                     on_done = std::move(on_done)]() mutable {
                      world->arrive(std::move(id), std::move(request), std::move(on_done));
                    });
    }

  private:
    QuotaDay* world_;
  };

  milliseconds latency() {
    return milliseconds{1 + random_.below(latency_most)};
  }
  call_id identify(const http_request& request) {
    const auto bearer = request.headers.get("Authorization").substr(sizeof "Bearer " - 1);
    const auto* token = hubspot().oauth().grants().find_access(bearer);
    EXPECT_TRUE(token) << "an unknown token";
    return {token ? token->granted.account : 0, request.url.ends_with("/search"),
            request.url + request.body};
  }
  void arrive(call_id id, http_request request, transport::done on_done) {
    ++arrived_of_[id.account];
    arrivals_.push_back(wall_now());
    const bool admitted = door_.admit("APP", "app", wall_now());
    EXPECT_TRUE(admitted) << "the app's window is exceeded";
    if (!admitted || (refusing && random_.below(100) < refused_percent))
      return refuse(std::move(id), std::move(on_done));
    net->call(std::move(request), [this, id, on_done](http_answer answer) {
      after(latency(), [this, id, on_done, answer = std::move(answer)]() mutable {
        EXPECT_TRUE(answer.response && answer.response->status == 200);
        book.succeeded(id);
        on_done(std::move(answer));
      });
    });
  }
  /// A third each: without Retry-After, in seconds, as a date. One in four names no window.
  void refuse(call_id id, transport::done on_done) {
    ++refusals_;
    http_response response{429, {}, "application/json"};
    std::string name;
    if (!random_.one_in(4))
      name = std::string{R"(,"policyName":")"}
             + (id.is_search ? "SECONDLY" : "TEN_SECONDLY_ROLLING") + '"';
    response.body = std::make_shared<const std::string>(
        R"({"status":"error","message":"You have reached a limit.","errorType":"RATE_LIMIT")" + name
        + "}");
    response.headers.add("Date", format_http_date(wall_now()));
    const seconds wait{random_.below(retry_after_most)};
    std::optional<wall_time> not_before;
    switch (random_.below(3)) {
      case 0: break;
      case 1:
        response.headers.add("Retry-After", std::to_string(wait.count()));
        not_before = wall_now() + wait;
        break;
      default:
        not_before = std::chrono::floor<seconds>(wall_now()) + wait;
        response.headers.add("Retry-After", format_http_date(*not_before));
    }
    after(latency(), [this, id = std::move(id), not_before, on_done = std::move(on_done),
                      response = std::move(response)]() mutable {
      book.refused(id, not_before, wall_now());
      on_done({std::move(response)});
    });
  }

  // ---- what is measured -------------------------------------------------------------------------

  void watch_queue() {
    const auto& queue = limiter().queue();
    const bool waits = queue.size() > queue.held();
    if (waits == waits_)
      return;
    waits_ = waits;
    if (waits)
      busy_.emplace_back(wall_now(), wall_now());
    else
      busy_.back().second = wall_now();
  }
  struct use_figure {
    milliseconds busy{0};
    double in_use = 0;
  };
  /// The exact mean: each arrival counts for one span, as far as work waited then.
  use_figure use() {
    if (waits_)
      busy_.back().second = wall_now();
    use_figure all;
    for (const auto& [from, to] : busy_)
      all.busy += to - from;
    double unit_ms = 0;
    auto first = busy_.begin();
    for (const auto at : arrivals_) {
      while (first != busy_.end() && first->second <= at)
        ++first;
      for (auto part = first; part != busy_.end() && part->first < at + app_span; ++part)
        unit_ms += static_cast<double>(
            (std::min<wall_time>(part->second, at + app_span) - std::max(part->first, at)).count());
    }
    all.in_use = unit_ms / (app_limit * static_cast<double>(all.busy.count()));
    return all;
  }
  /// Lets time pass in which every workspace has work; Jain's index of what each was let through.
  double fairness_over(std::chrono::nanoseconds span) {
    const auto before = arrived_of_;
    advance(span);
    double sum = 0;
    double squares = 0;
    for (size_t account = 0; account < workspaces; ++account) {
      EXPECT_TRUE(std::ranges::any_of(status(ids[account]).streams, &stream_status::running));
      const auto got = static_cast<double>(arrived_of_[account] - before[account]);
      sum += got;
      squares += got * got;
    }
    return sum * sum / (workspaces * squares);
  }
  void connect_all() {
    for (size_t account = 0; account < workspaces; ++account) {
      ids.push_back(add("workspace-" + std::to_string(account)));
      consent(ids.back(), hubspot().oauth().accounts()[account].login);
      ASSERT_TRUE(ask<void>([&](auto done) { engine().set_mode(ids.back(), "hourly", done); }));
    }
  }
  void refresh_all() {
    for (const auto id : ids)
      ASSERT_TRUE(ask<void>([&](auto done) { engine().refresh(id, done); }));
  }
  /// Every run ended with its proof, nothing failed, and all that is there is here.
  void expect_all_synced(wall_time since) {
    for (size_t account = 0; account < workspaces; ++account) {
      const auto panel = status(ids[account]);
      EXPECT_EQ(panel.restarts, 0u);
      EXPECT_FALSE(panel.last_error) << panel.last_error->sentence;
      for (const auto& stream : panel.streams) {
        EXPECT_TRUE(stream.verified) << stream.name;
        EXPECT_GE(stream.verified_at, since) << stream.name;
        expect_same_records(engine().data(), ids[account], stream.name,
                            hubspot().snapshot(stream.name, account));
      }
    }
  }

  std::vector<integration_id> ids; ///< One per workspace and account, in order.
  refusal_book book;
  bool refusing = true;
  simulation::quota_counters door_{{{"APP", app_limit, app_span}}};
  std::vector<wall_time> arrivals_;
  std::array<uint64_t, workspaces> arrived_of_{};
  uint64_t refusals_ = 0;

private:
  simulation::seeded_random random_{20261124};
  std::vector<std::pair<wall_time, wall_time>> busy_; ///< While work waited: from, to.
  bool waits_ = false;
};

} // namespace

TEST_F(QuotaDay, KeepsToTheQuotaUsesItAndSharesIt) {
  boot();
  const auto midnight = wall_now();
  connect_all();
  const auto morning = fairness_over(60min);
  advance(midnight + 12h - wall_now());
  refresh_all();
  const auto noon = wall_now();
  const auto afternoon = fairness_over(60min);
  advance(midnight + 24h - wall_now());
  refusing = false; // whatever was refused last goes well within the longest wait
  advance(15min);

  const auto figures = use();
  std::cout << "quota day: " << arrivals_.size() << " requests, " << refusals_ << " refused, "
            << book.open() << " not yet successful\n"
            << "  exceeded " << door_.violations() + hubspot().quota().violations() << ", peak "
            << door_.report("APP").peak << " of " << app_limit << "; too early " << book.too_early()
            << "\n  in use " << 100 * figures.in_use << " % over "
            << std::chrono::floor<std::chrono::minutes>(figures.busy).count()
            << " min in which work waited\n  Jain's index " << morning << " in the morning, "
            << afternoon << " after noon\n";
  EXPECT_EQ(book.open(), 0u);
  EXPECT_EQ(door_.violations(), 0u);
  EXPECT_EQ(hubspot().quota().violations(), 0u);
  EXPECT_EQ(door_.report("APP").peak, app_limit);
  EXPECT_EQ(book.too_early(), 0u);
  EXPECT_GT(figures.busy, 2h) << "the quota was no bottleneck";
  EXPECT_GT(figures.in_use, 0.95);
  EXPECT_GE(morning, 0.98);
  EXPECT_GE(afternoon, 0.98);
  EXPECT_NEAR(static_cast<double>(refusals_) / static_cast<double>(arrivals_.size()),
              refused_percent / 100.0, 0.02);
  expect_all_synced(noon);
}
