#include "bench/troubled_fleet.hpp"

#include "actors/engine.hpp"
#include "actors/policy/schedule.hpp"
#include "bench/must.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "protocol/simulation/delayed_replies.hpp"
#include "protocol/simulation/in_process_transport.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

namespace nexte::bench {
namespace {

constexpr unsigned broken_one_in = 5;
constexpr const char* base = "https://hubspot.bench";
constexpr const char* stream = "contacts";
constexpr milliseconds latency_min{20};
constexpr uint64_t latency_span = 200;  // milliseconds
constexpr seconds client_gives_up{3};   // on an answer of one byte a second; 120 s in production
constexpr milliseconds look_every{250}; // at the store, which dates the end of each cycle
constexpr std::chrono::minutes first_sync_max{2};

enum class fate : uint8_t { healthy, crashes, hangs, refused, trickles };

fate fate_of(size_t account) {
  if (account % broken_one_in != 0)
    return fate::healthy;
  constexpr std::array broken{fate::crashes, fate::hangs, fate::refused, fate::trickles};
  return broken[account / broken_one_in % broken.size()];
}

wall_time clock_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

/// The simulated provider at the end of a road of some length; whoever signed in as a broken
/// account is answered badly.
class troubled_net final : public transport {
public:
  explicit troubled_net(simulation::hubspot_simulator& provider) : provider_(clock_now) {
    provider_.add(base, &provider);
  }
  void belongs(const std::string& access_token, const std::string& refresh_token, size_t account) {
    const std::lock_guard lock{mutex_};
    accounts_["Bearer " + access_token] = account;
    accounts_[refresh_token] = account;
  }

  void call(http_request request, done on_done) override {
    const auto fields = parse_query(request.body);
    const auto* renewing = fields ? find_parameter(*fields, "refresh_token") : nullptr;
    if (renewing)
      return renew(*renewing, std::move(request), std::move(on_done));
    switch (fate_of(account_of(std::string{request.headers.get("Authorization")}))) {
      case fate::healthy:
        return provider_.call(std::move(request), [this, on_done](http_answer answer) {
          answer_in(latency(), on_done, std::move(answer));
        });
      case fate::crashes: throw std::runtime_error{"a planted defect"};
      case fate::hangs: {
        const std::lock_guard lock{mutex_};
        unanswered_.push_back(std::move(on_done));
        return;
      }
      case fate::refused:
        return answer_in(
            latency(), on_done,
            {http_response{401, R"({"status":"error","category":"EXPIRED"})", "application/json"}});
      case fate::trickles:
        return answer_in(client_gives_up, on_done,
                         {error{ec::transport, "the answer takes too long"}});
    }
  }

private:
  size_t account_of(const std::string& token) {
    const std::lock_guard lock{mutex_};
    return accounts_.at(token);
  }
  /// The sign-in is good; whose it is stays known.
  void renew(const std::string& token, http_request request, done on_done) {
    provider_.call(std::move(request), [this, token, on_done](http_answer answer) {
      const auto read = answer.response ? json::parse_value(*answer.response->body)
                                        : result<json::value>{answer.response.failure()};
      if (read && read->find("access_token"))
        belongs(std::string{read->string_or_empty("access_token")}, token, account_of(token));
      answer_in(latency(), on_done, std::move(answer));
    });
  }
  void answer_in(milliseconds wait, const done& on_done, http_answer answer) {
    late_.after(wait,
                [on_done, answer = std::move(answer)]() mutable { on_done(std::move(answer)); });
  }
  milliseconds latency() {
    const std::lock_guard lock{mutex_};
    return latency_min + milliseconds{chance_.below(latency_span)};
  }

  simulation::in_process_transport provider_;
  std::unordered_map<std::string, size_t> accounts_;
  std::mutex mutex_;
  simulation::seeded_random chance_{1};
  std::vector<done> unanswered_;
  simulation::delayed_replies late_; ///< The last: its thread uses the others.
};

engine_options settings_of(const fleet_options& options,
                           const simulation::simulated_endpoints& there) {
  provider_settings hubspot;
  hubspot.name = "hubspot";
  hubspot.client_id = there.client_id;
  hubspot.client_secret = secret{there.client_secret};
  hubspot.api_base = there.api_base;
  hubspot.token_url = there.token_url;
  hubspot.revoke_url = there.revoke_url;
  hubspot.streams = {stream};
  hubspot.poll_every = options.poll_every;
  hubspot.quota = {{"NONE", 1'000'000'000, seconds{10}, counter_scope::account, "*"}};
  engine_options made;
  made.data_dir = options.directory / "data";
  made.master_key = secret{std::string(32, 'k')};
  made.providers = {std::move(hubspot)};
  return made;
}

/// Signs in every account of the fleet, as a former run of the engine would have left it.
std::vector<integration_id> sign_in(const fleet_options& options, const engine_options& settings,
                                    simulation::hubspot_simulator& provider, troubled_net& net) {
  store_options where;
  where.directory = settings.data_dir;
  const auto data = must(store::open(std::move(where), settings.master_key));
  std::vector<store_write> writes;
  std::vector<integration_id> healthy;
  for (size_t account = 0; account < options.integrations; ++account) {
    const bool good = fate_of(account) == fate::healthy;
    if (!good && !options.with_broken)
      continue;
    const auto now = clock_now();
    const auto issued = provider.issue_tokens(now, account);
    net.belongs(issued.access_token, issued.refresh_token, account);
    integration_row row;
    row.id = integration_id{1 + account};
    row.workspace = must(workspace_id::parse("workspace-" + std::to_string(account)));
    row.provider = "hubspot";
    row.account.id = std::to_string(account);
    row.created_at = now;
    row.history.push_back({now, "connected", "connected", "Signed in."});
    token_set tokens;
    tokens.access_token = secret{issued.access_token};
    tokens.refresh_token = secret{issued.refresh_token};
    tokens.expires_at = now + issued.expires_in;
    writes.push_back(put_integration{row});
    writes.push_back(put_tokens{row.id, std::move(tokens)});
    if (good)
      healthy.push_back(row.id);
  }
  must(data->commit(writes, clock_now()));
  return healthy;
}

/// Reads from the store when the cycles of one integration ended.
class cycle_watch {
public:
  cycle_watch(integration_id id, seconds every) : id_(id), every_(every) {}

  void look(const store& data, std::vector<milliseconds>& cycles) {
    const auto at = must(data.stream(id_, stream)).synced_at;
    if (at == synced_at_)
      return;
    // The first end tells when the next one is due.
    if (synced_at_ != wall_time{}) {
      cycles.push_back(at - due_at_);
      due_at_ = next_poll_at(id_, "real_time", every_, due_at_, due_at_);
    } else {
      due_at_ = next_poll_at(id_, "real_time", every_, at, at);
    }
    synced_at_ = at;
  }
  bool synced() const {
    return synced_at_ != wall_time{};
  }

private:
  integration_id id_;
  seconds every_;
  wall_time synced_at_{};
  wall_time due_at_{};
};

} // namespace

std::vector<milliseconds> run_fleet(const fleet_options& options) {
  simulation::simulator_options size;
  size.accounts = options.integrations;
  size.records = 3;
  size.quota_scale = 1e6;
  simulation::hubspot_simulator provider{size};
  const auto net = std::make_shared<troubled_net>(provider);
  const auto settings = settings_of(options, provider.endpoints());
  std::vector<cycle_watch> fleet;
  for (const auto id : sign_in(options, settings, provider, *net))
    fleet.emplace_back(id, options.poll_every);
  const auto running = must(engine::start(settings, net, oauth::make_loopback_listeners()));
  std::vector<milliseconds> cycles;
  const auto look = [&] {
    std::this_thread::sleep_for(look_every);
    for (auto& one : fleet)
      one.look(running->data(), cycles);
  };
  const auto give_up_at = clock_now() + first_sync_max;
  while (!std::ranges::all_of(fleet, &cycle_watch::synced)) {
    if (clock_now() > give_up_at)
      throw std::runtime_error("the first syncs did not end");
    look();
  }
  cycles.clear();
  for (const auto ends_at = clock_now() + options.lasts; clock_now() < ends_at;)
    look();
  if (cycles.empty())
    throw std::runtime_error("no cycle ended");
  return cycles;
}

} // namespace nexte::bench
