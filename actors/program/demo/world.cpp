#include "actors/program/demo/world.hpp"

#include "actors/program/demo/person.hpp"
#include "actors/program/process.hpp"
#include "protocol/http/beast_client.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "protocol/simulation/catalog.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <future>
#include <system_error>
#include <thread>

namespace nexte::program {
namespace {

namespace fs = std::filesystem;

constexpr seconds poll_every{1};
/// So that a day of it stays within the smallest daily budget that a simulated account has.
constexpr seconds poll_others_every{30};
constexpr milliseconds search_lag{200};
constexpr milliseconds look_every{50};
constexpr size_t key_bytes = 32;
constexpr size_t rows_per_read = 1000;
constexpr std::string_view provider_name = "hubspot";
/// The others hold so much less: enough to be seen, and nobody waits long for the first sync.
constexpr uint64_t others_part = 10;

} // namespace

result<std::unique_ptr<demo_world>> demo_world::start(const demo_options& options,
                                                      narrator& tells) {
  std::unique_ptr<demo_world> made{new demo_world{tells}};
  if (auto begun = made->begin(options); !begun)
    return std::move(begun).failure();
  return made;
}

result<void> demo_world::begin(const demo_options& options) {
  records_ = options.records;
  auto folder = scratch_folder::make();
  if (!folder)
    return std::move(folder).failure();
  folder_ = *std::move(folder);
  if (auto begun = begin_simulators(options); !begun)
    return begun;
  return begin_engine();
}

result<void> demo_world::begin_simulators(const demo_options& options) {
  simulation::simulator_options made;
  made.accounts = options.workspaces;
  made.records = options.records;
  made.search_lag = search_lag;
  auto all = simulation::make_simulators({std::string{provider_name}}, made);
  made.records = records_of({});
  auto rest = simulation::make_simulators({}, made);
  if (!all || !rest)
    return all ? std::move(rest).failure() : std::move(all).failure();
  for (auto& one : *rest)
    if (one->provider() != provider_name)
      all->push_back(std::move(one));
  workspaces_ = all->front()->accounts().size();
  for (const auto& one : *all)
    for (const auto& account : one->accounts())
      customers_.push_back({"workspace-" + std::to_string(customers_.size() % workspaces_ + 1),
                            std::string{one->provider()}, account, integration_id{}});
  simulation::mount_options where;
  where.tls = true;
  auto mounted = simulation::mounted_simulators::start(std::move(where), *std::move(all));
  if (!mounted)
    return std::move(mounted).failure();
  providers_ = *std::move(mounted);
  const auto ca_file = folder_.path() / "ca.pem";
  std::ofstream out{ca_file};
  if (!(out << providers_->ca_pem()).flush())
    return error{ec::storage, "cannot write " + ca_file.string(), "free some space there"};
  return {};
}

uint64_t demo_world::records_of(std::string_view provider) const {
  return provider == provider_name ? records_ : std::max<uint64_t>(records_ / others_part, 1);
}

result<void> demo_world::begin_engine() {
  const auto origin = parse_url(providers_->origin());
  if (!origin)
    return origin.failure();
  beast_client_options client;
  client.allowed.push_back({origin->host, origin->port, folder_.path() / "ca.pem", false});
  auto net = beast_client::make(std::move(client));
  if (!net)
    return std::move(net).failure();
  engine_options options;
  std::string api_base;
  providers_->each([&](simulation::simulator& one) {
    const auto reached = one.endpoints();
    provider_settings settings;
    settings.name = one.provider();
    settings.client_id = reached.client_id;
    settings.client_secret = secret{reached.client_secret};
    settings.api_base = reached.api_base;
    settings.authorize_url = reached.authorize_url;
    settings.token_url = reached.token_url;
    settings.revoke_url = reached.revoke_url;
    const bool told_of = one.provider() == provider_name;
    settings.poll_every = told_of ? poll_every : poll_others_every;
    if (told_of)
      api_base = reached.api_base;
    options.providers.push_back(std::move(settings));
  });
  net_ = std::make_shared<faulty_transport>(*std::move(net), api_base + "/crm/");
  listeners_ = oauth::make_loopback_listeners();
  options.data_dir = folder_.path() / "data";
  std::string key(key_bytes, '\0');
  os_random()({reinterpret_cast<uint8_t*>(key.data()), key.size()});
  options.master_key = secret{std::move(key)};
  auto started = engine::start(std::move(options), net_, listeners_);
  if (!started)
    return std::move(started).failure();
  engine_ = *std::move(started);
  return {};
}

result<integration_status> demo_world::status(integration_id id) {
  return wait_for<integration_status>([&](auto done) { engine_->status(id, done); });
}

result<connect_outcome> demo_world::consent(const customer& who) {
  const auto ended = std::make_shared<std::promise<result<connect_outcome>>>();
  auto outcome = ended->get_future();
  const auto url = wait_for<std::string>([&](auto done) {
    engine_->connect(who.id, done,
                     [ended](result<connect_outcome> o) { ended->set_value(std::move(o)); });
  });
  if (!url)
    return url.failure();
  if (auto allowed = allow_consent(*url, who.account, folder_.path() / "ca.pem"); !allowed)
    return std::move(allowed).failure();
  return outcome.get(); // the engine gives each attempt a limit
}

result<json::value> demo_world::at_provider(std::string_view action, const std::string& body) {
  return at_provider(provider_name, action, body);
}

result<json::value> demo_world::at_provider(std::string_view provider, std::string_view action,
                                            const std::string& body) {
  http_response answer;
  providers_->each([&](simulation::simulator& one) {
    if (one.provider() == provider)
      answer = one.admin(action, body, providers_->now());
  });
  if (answer.status != 200)
    return error{ec::bug, "the provider refused " + std::string{action} + ": " + *answer.body};
  return json::parse_value(*answer.body);
}

result<uint64_t> demo_world::served_live(const customer& who) {
  uint64_t sum = 0;
  const auto* provider = find_provider(provider_name);
  for (const auto& stream : provider->streams) {
    std::vector<std::string> live;
    for (std::string after;;) {
      const auto rows = engine_->data().records(who.id, stream.name, after, rows_per_read);
      if (!rows)
        return rows.failure();
      for (const auto& row : *rows)
        if (!row.deleted)
          live.push_back(row.id);
      if (rows->size() < rows_per_read)
        break;
      after = rows->back().id;
    }
    providers_->each([&](simulation::simulator& one) {
      if (one.provider() != provider_name)
        return;
      auto& hubspot = static_cast<simulation::hubspot_simulator&>(one);
      const auto account = hubspot.oauth().find_account(who.account);
      for (const auto& id : live)
        sum += hubspot.served(stream.name, id, account.value_or(0));
    });
  }
  return sum;
}

result<void> demo_world::wait_until(std::string_view what, seconds most,
                                    const std::function<result<bool>()>& holds) {
  const auto give_up_due = std::chrono::steady_clock::now() + most;
  for (;;) {
    auto now_holds = holds();
    if (!now_holds)
      return std::move(now_holds).failure();
    if (*now_holds)
      return {};
    if (stop_asked())
      return error{ec::cancelled, "stopped by a signal"};
    if (std::chrono::steady_clock::now() >= give_up_due)
      return error{ec::transport,
                   std::string{what} + ": not within " + std::to_string(most.count()) + " s"};
    std::this_thread::sleep_for(look_every);
  }
}

} // namespace nexte::program
