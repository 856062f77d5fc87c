#include "bench/engine_sync.hpp"

#include "actors/engine.hpp"
#include "bench/must.hpp"
#include "protocol/http/beast_client.hpp"
#include "protocol/http/url.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <fstream>
#include <stdexcept>
#include <thread>

namespace nexte::bench {
namespace {

constexpr const char* stream = "contacts";
constexpr milliseconds look_every{2}; // at the store, whether the sync is through
constexpr std::chrono::minutes sync_max{5};

std::shared_ptr<beast_client> make_client(const engine_sync_options& options) {
  const auto ca_file = options.directory / "ca.pem";
  if (!(std::ofstream{ca_file} << options.ca_pem << std::flush))
    throw std::runtime_error("cannot write " + ca_file.string());
  beast_client_options client;
  client.allowed = {{"127.0.0.1", options.port, ca_file, false}};
  return must(beast_client::make(std::move(client)));
}

engine_options settings_of(const engine_sync_options& options) {
  const auto origin = "https://127.0.0.1:" + std::to_string(options.port);
  provider_settings hubspot;
  hubspot.name = "hubspot";
  hubspot.client_id = "bench";
  hubspot.client_secret = secret{"bench"};
  hubspot.api_base = origin;
  hubspot.token_url = origin + "/oauth/2026-03/token";
  hubspot.redirect = "https://127.0.0.1/callback"; // ours: no listener, no browser
  hubspot.streams = {stream};
  hubspot.quota = {{"NONE", 1'000'000'000, seconds{10}, counter_scope::account, "*"}};
  engine_options made;
  made.data_dir = options.directory / "data";
  made.master_key = secret{std::string(32, 'k')};
  made.providers = {std::move(hubspot)};
  return made;
}

/// Plays the person: the code names the account.
integration_id connect(engine& engine, unsigned number) {
  const auto workspace = must(workspace_id::parse("workspace-" + std::to_string(number)));
  const auto id
      = must(wait_for<integration_id>([&](auto done) { engine.add(workspace, "hubspot", done); }));
  const auto consent_url
      = must(wait_for<std::string>([&](auto done) { engine.connect(id, done, {}); }));
  const auto parameters = must(parse_query(must(parse_url(consent_url)).query()));
  const auto* state = find_parameter(parameters, "state");
  if (!state)
    throw std::runtime_error("the consent address has no state");
  const auto answer = format_query({{"code", std::to_string(number)}, {"state", *state}});
  must(wait_for<connect_outcome>([&](auto done) { engine.deliver_callback(answer, done); }));
  return id;
}

uint64_t wait_until_synced(engine& engine, integration_id id, steady_time give_up_due) {
  for (;;) {
    const auto row = must(engine.data().stream(id, stream));
    if (row.verified_at != wall_time{})
      return row.live_records;
    if (std::chrono::steady_clock::now() > give_up_due) {
      const auto panel
          = must(wait_for<integration_status>([&](auto done) { engine.status(id, done); }));
      throw std::runtime_error("the sync did not end: " + panel.state + ", " + panel.because);
    }
    std::this_thread::sleep_for(look_every);
  }
}

} // namespace

uint64_t run_engine_sync(const engine_sync_options& options) {
  const auto net = make_client(options);
  const auto running
      = must(engine::start(settings_of(options), net, oauth::make_loopback_listeners()));
  std::vector<integration_id> connected;
  for (unsigned number = 1; number <= options.workspaces; ++number)
    connected.push_back(connect(*running, number));
  const auto give_up_due = std::chrono::steady_clock::now() + sync_max;
  uint64_t records = 0;
  for (const auto id : connected)
    records += wait_until_synced(*running, id, give_up_due);
  return records;
}

} // namespace nexte::bench
