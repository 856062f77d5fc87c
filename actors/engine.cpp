#include "actors/engine_impl.hpp"

#include "actors/gated_transport.hpp"
#include "actors/incidents.hpp"
#include "actors/integration.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/store_writer.hpp"
#include "actors/supervisor.hpp"
#include "actors/timers.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace nexte {
namespace {

void configure(caf::actor_system_config& config, scheduling how, unsigned threads) {
  // Never the default work stealing: at 10,000 waiters its p99 was 30 times that of sharing.
  config.set("scheduler.policy",
             how == scheduling::threads ? caf::atom("sharing") : caf::atom("testing"));
  config.set("scheduler.max-threads", size_t{std::max(threads, 1u)});
}

result<std::vector<std::shared_ptr<const provider_context>>>
make_contexts(const std::vector<provider_settings>& all, const engine_impl::provider_finder& find) {
  std::vector<std::shared_ptr<const provider_context>> contexts;
  for (const auto& settings : all) {
    auto made = make_provider_context(settings, find(settings.name));
    if (!made)
      return std::move(made).failure();
    for (const auto& other : contexts)
      if (other->settings.name == settings.name)
        return error{ec::refused, "provider \"" + settings.name + "\" is configured twice"};
    contexts.push_back(std::make_shared<const provider_context>(*std::move(made)));
  }
  return contexts;
}

/// Goes on while the machine sleeps, and begins anew with each boot.
std::optional<uptime> machine_uptime() {
  static const std::string boot = [] {
    std::string id;
    std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
    return id;
  }();
  timespec since{};
  if (boot.empty() || ::clock_gettime(CLOCK_BOOTTIME, &since) != 0)
    return std::nullopt;
  return uptime{boot, std::chrono::floor<milliseconds>(seconds{since.tv_sec}
                                                       + std::chrono::nanoseconds{since.tv_nsec})};
}

/// Without an integration in the directory no former process spent from the provider's windows.
/// What cannot be read may have had one.
bool may_have_called(const store& data, std::string_view provider) {
  const auto rows = data.integrations();
  return !rows || std::ranges::any_of(*rows, [&](const integration_row& row) {
    return row.provider == provider;
  });
}

} // namespace

result<std::unique_ptr<engine>>
engine::start(engine_options options, std::shared_ptr<transport> net,
              std::shared_ptr<oauth::callback_listeners> listeners) {
  const auto log = options.log;
  auto started = engine_impl::start(
      std::move(options),
      [&](caf::actor_system&) {
        engine_ports ports;
        ports.net = std::move(net);
        ports.listeners = std::move(listeners);
        ports.wall_now
            = [] { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); };
        ports.steady_now = [] { return std::chrono::steady_clock::now(); };
        ports.uptime_now = machine_uptime;
        ports.random = os_random();
        ports.log = log;
        return ports;
      },
      scheduling::threads);
  if (!started)
    return std::move(started).failure();
  return std::unique_ptr<engine>{*std::move(started)};
}

result<std::unique_ptr<engine_impl>> engine_impl::start(engine_options options,
                                                        const ports_maker& make_ports,
                                                        scheduling how,
                                                        const provider_finder& find) {
  auto contexts = make_contexts(options.providers, find);
  if (!contexts)
    return std::move(contexts).failure();
  store_options where;
  where.directory = options.data_dir;
  where.former_key = options.former_master_key;
  const auto data_dir = options.data_dir;
  auto opened = store::open(std::move(where), options.master_key);
  if (!opened)
    return std::move(opened).failure();
  std::unique_ptr<engine_impl> made{new engine_impl};
  made->data_ = *std::move(opened);
  made->data_dir_ = data_dir;
  configure(made->config_, how, options.worker_threads);
  made->system_ = std::make_unique<caf::actor_system>(made->config_);
  made->ports_ = std::make_shared<engine_ports>(make_ports(*made->system_));
  made->ports_->net = std::make_shared<gated_transport>(made->ports_->net);
  made->ports_->log = guarded(made->ports_->log, "log", nullptr);
  if (!made->ports_->log)
    made->ports_->log = [](std::string_view) {};
  made->spawn(options, *std::move(contexts), how);
  return made;
}

void engine_impl::spawn(const engine_options& options,
                        std::vector<std::shared_ptr<const provider_context>> providers,
                        scheduling how) {
  std::shared_ptr<const engine_ports> ports = ports_;
  const auto clock = system_->spawn(timers, ports);
  writer_ = how == scheduling::threads
                ? system_->spawn<caf::detached>(store_writer, data_, ports, clock)
                : system_->spawn(store_writer, data_, ports, clock);
  incidents_deps incident_book;
  incident_book.ports = ports;
  incident_book.data = data_;
  incident_book.writer = writer_;
  incident_book.timers = clock;
  incident_book.on_notification = guarded(options.on_notification, "on_notification", ports->log);
  incident_book.provider_of = [data = data_](integration_id id) -> provider_words {
    const auto row = data->integration(id);
    const auto* known = row && *row ? find_provider((*row)->provider) : nullptr;
    return known ? provider_words{known->title, known->quota_dashboard}
                 : provider_words{"the provider", {}};
  };
  supervisor_deps deps;
  deps.ports = ports;
  deps.data = data_;
  deps.writer = writer_;
  deps.timers = clock;
  deps.incidents = system_->spawn(incidents, std::move(incident_book));
  services_.push_back(caf::actor_cast<caf::actor>(deps.incidents));
  for (auto& provider : providers) {
    rate_limiter_deps quota;
    quota.ports = ports;
    quota.timers = clock;
    quota.windows = provider->settings.quota.empty() ? provider->description->quota
                                                     : provider->settings.quota;
    quota.caps = provider->description->concurrency;
    if (!may_have_called(*data_, provider->settings.name))
      quota.spent_percent = 0;
    const auto limiter = system_->spawn(rate_limiter, std::move(quota));
    services_.push_back(caf::actor_cast<caf::actor>(limiter));
    limiters_.emplace(provider->settings.name, limiter);
    deps.providers.emplace(provider->settings.name, provider_service{provider, limiter});
  }
  services_.push_back(caf::actor_cast<caf::actor>(writer_));
  services_.push_back(caf::actor_cast<caf::actor>(clock));
  supervisor_ = system_->spawn(supervisor, std::move(deps));
}

void engine_impl::stop_actors() {
  if (std::exchange(stopped_, true))
    return;
  caf::anon_send(supervisor_, stop{});
  for (const auto& service : services_)
    caf::anon_send_exit(service, caf::exit_reason::user_shutdown);
  services_.clear();
  limiters_.clear();
}

rate_limiter_actor engine_impl::limiter(const std::string& provider) const {
  const auto at = limiters_.find(provider);
  return at == limiters_.end() ? rate_limiter_actor{} : at->second;
}

engine_impl::~engine_impl() {
  if (!system_)
    return;
  stop_actors();
  supervisor_ = nullptr;
  writer_ = nullptr;
  system_->await_all_actors_done();
  // From here on nobody is left to hear the network; what holds an actor's memory must go before
  // the system does.
  static_cast<gated_transport&>(*ports_->net).close();
  system_.reset();
}

// ---- the facade ---------------------------------------------------------------------------------

void engine_impl::add(workspace_id workspace, std::string provider, reply<integration_id> done) {
  caf::anon_send(supervisor_,
                 add_command{std::move(workspace), std::move(provider), owed(std::move(done))});
}

void engine_impl::connect(integration_id id, reply<std::string> authorization_url,
                          reply<connect_outcome> on_outcome) {
  caf::anon_send(supervisor_, connect_command{id, owed(std::move(authorization_url)),
                                              owed(std::move(on_outcome))});
}

void engine_impl::deliver_callback(std::string query, reply<connect_outcome> done) {
  caf::anon_send(supervisor_, callback_command{std::move(query), owed(std::move(done))});
}

void engine_impl::status(integration_id id, reply<integration_status> done) {
  tell(id, status_query{owed(std::move(done))});
}

void engine_impl::list(reply<std::vector<integration_status>> done) {
  caf::anon_send(supervisor_, list_query{owed(std::move(done))});
}

void engine_impl::refresh(integration_id id, reply<void> done) {
  tell(id, refresh_command{owed(std::move(done))});
}

void engine_impl::disconnect(integration_id id, reply<void> done) {
  tell(id, disconnect_command{owed(std::move(done))});
}

void engine_impl::set_mode(integration_id id, std::string mode, reply<void> done) {
  tell(id, mode_command{std::move(mode), owed(std::move(done))});
}

void engine_impl::release(uint64_t incident, reply<void> done) {
  const auto found = data_->incident(incident);
  if (!found)
    return done(found.failure());
  if (!*found || (*found)->closed_at)
    return done(error{ec::not_found, "there is no open incident " + std::to_string(incident)});
  if ((*found)->kind != "mass_delete_held")
    return done(error{ec::refused, "incident " + std::to_string(incident) + " holds nothing back",
                      "only a mass_delete_held can be released"});
  tell((*found)->integration, release_command{(*found)->stream, owed(std::move(done))});
}

void engine_impl::put(integration_id id, std::string stream, std::string record, std::string fields,
                      reply<edit_receipt> done) {
  const auto kind = record.empty() ? edit_kind::create : edit_kind::update;
  tell(id, edit_command{std::move(stream), std::move(record), kind, std::move(fields),
                        answer<edit_receipt>{std::move(done)}});
}

void engine_impl::erase(integration_id id, std::string stream, std::string record,
                        reply<edit_receipt> done) {
  tell(id, edit_command{std::move(stream),
                        std::move(record),
                        edit_kind::erase,
                        {},
                        answer<edit_receipt>{std::move(done)}});
}

void engine_impl::drop_edit(integration_id id, uint64_t edit, reply<void> done) {
  tell(id, drop_command{edit, answer<void>{std::move(done)}});
}

void engine_impl::restore(uint64_t conflict, reply<edit_receipt> done) {
  auto found = data_->conflict(conflict);
  if (!found)
    return done(found.failure());
  if (!*found)
    return done(error{ec::not_found, "there is no conflict " + std::to_string(conflict),
                      "conflicts are kept for 30 days; see the list of those there are"});
  const auto id = (*found)->integration;
  tell(id, restore_command{**std::move(found), answer<edit_receipt>{std::move(done)}});
}

void engine_impl::set_conflict_rule(integration_id id, std::string rule, reply<void> done) {
  tell(id, rule_command{std::move(rule), answer<void>{std::move(done)}});
}

void engine_impl::acknowledge(uint64_t notification, reply<void> done) {
  caf::anon_send(supervisor_, acknowledge_command{notification, owed(std::move(done))});
}

void engine_impl::explain(integration_id id, std::string stream, std::string record,
                          reply<explanation> done) {
  tell(id, explain_query{std::move(stream), std::move(record), owed(std::move(done))});
}

void engine_impl::observe(std::function<void(integration_id)> on_change) {
  ports_->changes->set(guarded(std::move(on_change), "on_change", ports_->log));
}

engine_figures engine_impl::figures() const {
  const auto& meters = *ports_->meters;
  engine_figures all;
  all.cycle_seconds = meters.cycle_seconds.read();
  all.lateness_seconds = meters.lateness_seconds.read();
  all.grant_wait_seconds = meters.grant_wait_seconds.read();
  all.commit_writes = meters.commit_writes.read();
  all.restarts = meters.restarts;
  all.requests_waiting = meters.requests_waiting;
  all.writes_waiting = meters.writes_waiting;
  std::error_code failed; // a store that is just being opened again has no size
  const auto bytes = std::filesystem::file_size(data_dir_ / "data.mdb", failed); // LMDB's name
  all.store_bytes = failed ? 0 : bytes;
  return all;
}

const store& engine_impl::data() const {
  return *data_;
}

void engine_impl::tell(integration_id id, integration_command command) {
  caf::anon_send(supervisor_, addressed_command{id, std::move(command)});
}

} // namespace nexte
