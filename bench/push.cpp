// How many local edits a second reach a provider, beside a bare loop of the same requests?
//
// Both ways write one field of each contact to the same simulated HubSpot over TLS, in batches of
// 100: read, update, read again. The engine also makes each edit durable before it is sent, notes
// that it is in flight, compares it with its base and settles what came of it in one transaction.
// The numbers lie when the data lies on a RAM disk, and when the machine has fewer than two free
// cores: the simulator runs in this process, and its time is in the CPU figures of both ways.
#include "actors/engine.hpp"
#include "bench/must.hpp"
#include "bench/suite.hpp"
#include "protocol/http/beast_client.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "protocol/simulation/mount.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

constexpr const char* stream_name = "contacts";
constexpr const char* redirect = "https://127.0.0.1/callback"; // ours: no listener, no browser
constexpr size_t batch = push_edits_max;
constexpr milliseconds look_every{1};
constexpr std::chrono::minutes wait_max{5};
constexpr double quota_out_of_reach = 1e6;

class provider {
public:
  explicit provider(uint64_t contacts) {
    simulation::simulator_options options;
    options.accounts = 1;
    options.records = contacts;
    options.auto_consent = true;
    options.quota_scale = quota_out_of_reach;
    options.search_lag = milliseconds{0};
    options.redirect_uris = {redirect};
    auto simulated = std::make_unique<simulation::hubspot_simulator>(options);
    hubspot_ = simulated.get();
    simulation::mount_options where;
    where.tls = true;
    std::vector<std::unique_ptr<simulation::simulator>> all;
    all.push_back(std::move(simulated));
    mounted_ = must(simulation::mounted_simulators::start(std::move(where), std::move(all)));
  }
  std::vector<std::string> contacts() {
    std::vector<std::string> ids;
    mounted_->each([&](simulation::simulator&) {
      for (const auto& [id, state] : hubspot_->snapshot(stream_name))
        if (!state.archived)
          ids.push_back(id);
    });
    return ids;
  }
  std::string token() {
    std::string token;
    mounted_->each([&](auto& one) { token = one.issue_access_token(mounted_->now()); });
    return token;
  }
  /// How many contacts have this value.
  size_t count(const std::string& value) {
    size_t many = 0;
    mounted_->each([&](simulation::simulator&) {
      for (auto& [id, state] : hubspot_->snapshot(stream_name))
        many += state.properties["jobtitle"] == value;
    });
    return many;
  }
  simulation::simulated_endpoints endpoints() {
    simulation::simulated_endpoints all;
    mounted_->each([&](auto& one) { all = one.endpoints(); });
    return all;
  }
  /// Where the consent page sends a browser.
  std::string consent(const std::string& page) {
    std::string target;
    mounted_->each([&](auto& one) {
      target = one.handle({"GET", page}, mounted_->now()).headers.get("Location");
    });
    return target;
  }
  std::shared_ptr<beast_client> client(const fs::path& folder) {
    const auto ca_file = folder / "ca.pem";
    if (!(std::ofstream{ca_file} << mounted_->ca_pem() << std::flush))
      throw std::runtime_error("cannot write " + ca_file.string());
    const auto url = must(parse_url(mounted_->origin()));
    beast_client_options options;
    options.allowed = {{url.host, url.port, ca_file, false}};
    return must(beast_client::make(std::move(options)));
  }

private:
  simulation::hubspot_simulator* hubspot_ = nullptr;
  std::unique_ptr<simulation::mounted_simulators> mounted_;
};

http_response call(transport& net, http_request request) {
  std::promise<http_answer> answered;
  net.call(std::move(request), [&](http_answer answer) { answered.set_value(std::move(answer)); });
  return must(answered.get_future().get().response);
}

/// Times what writes so many.
figures timed(size_t writes, const std::function<void()>& work) {
  const double cpu = cpu_seconds();
  const auto begun = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const auto many = static_cast<double>(writes);
  return {{"writes/s", many / took.count()},
          {"CPU s per 100,000", (cpu_seconds() - cpu) * 100'000 / many}};
}

/// Read, update, read: what a push of one batch sends, and nothing else.
figures run_bare(provider& there, const fs::path& folder, const std::string& value) {
  const auto net = there.client(folder);
  const auto ids = there.contacts();
  const auto objects = there.endpoints().api_base + "/crm/v3/objects/" + stream_name;
  const auto authorization = "Bearer " + there.token();
  const auto send = [&](const std::string& verb, size_t begin) {
    json::writer body;
    body.begin_object().key("properties").begin_array().value("jobtitle").end_array();
    body.key("inputs").begin_array();
    for (size_t i = begin; i < std::min(begin + batch, ids.size()); ++i) {
      body.begin_object().key("id").value(ids[i]).key("properties").begin_object();
      body.key("jobtitle").value(value).end_object().end_object();
    }
    body.end_array().end_object();
    http_request request{"POST", objects + "/batch/" + verb, body.take(), "application/json"};
    request.headers.add("Authorization", authorization);
    const auto answer = call(*net, std::move(request));
    if (answer.status != 200)
      throw std::runtime_error(verb + " was answered with " + std::to_string(answer.status));
  };
  return timed(ids.size(), [&] {
    for (size_t begin = 0; begin < ids.size(); begin += batch)
      for (const auto* verb : {"read", "update", "read"})
        send(verb, begin);
  });
}

void wait_until(const std::function<bool()>& holds) {
  const auto give_up_due = std::chrono::steady_clock::now() + wait_max;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up_due)
      throw std::runtime_error("the engine did not come to an end");
    std::this_thread::sleep_for(look_every);
  }
}

/// A person signs in: their browser goes to the page, and is sent back with the answer's query.
integration_id connect(engine& engine, provider& there) {
  const auto workspace = must(workspace_id::parse("bench"));
  const auto id
      = must(wait_for<integration_id>([&](auto done) { engine.add(workspace, "hubspot", done); }));
  const auto page = must(wait_for<std::string>([&](auto done) { engine.connect(id, done, {}); }));
  const auto target = there.consent(page);
  const auto mark = target.find('?');
  if (mark == std::string::npos)
    throw std::runtime_error("the consent did not lead back");
  must(wait_for<connect_outcome>(
      [&](auto done) { engine.deliver_callback(target.substr(mark + 1), done); }));
  return id;
}

/// From the first edit until the provider has confirmed the last one.
figures run_engine(provider& there, const fs::path& folder, const std::string& value) {
  const auto net = there.client(folder);
  const auto ids = there.contacts();
  const auto endpoints = there.endpoints();
  provider_settings hubspot;
  hubspot.name = "hubspot";
  hubspot.client_id = endpoints.client_id;
  hubspot.client_secret = secret{endpoints.client_secret};
  hubspot.api_base = endpoints.api_base;
  hubspot.authorize_url = endpoints.authorize_url;
  hubspot.token_url = endpoints.token_url;
  hubspot.revoke_url = endpoints.revoke_url;
  hubspot.redirect = redirect;
  hubspot.streams = {stream_name};
  hubspot.quota = {{"NONE", 1'000'000'000, seconds{10}, counter_scope::account, "*"}};
  engine_options options;
  options.data_dir = folder / "data";
  options.master_key = secret{std::string(32, 'k')};
  options.providers = {std::move(hubspot)};
  const auto running
      = must(engine::start(std::move(options), net, oauth::make_loopback_listeners()));
  const auto id = connect(*running, there);
  const auto& data = running->data();
  wait_until([&] { return must(data.stream(id, stream_name)).verified_at != wall_time{}; });
  const auto fields = R"({"jobtitle":")" + value + "\"}";
  std::atomic<size_t> durable = 0;
  std::atomic<size_t> refused = 0;
  return timed(ids.size(), [&] {
    for (const auto& record : ids)
      running->put(id, stream_name, record, fields, [&](const result<edit_receipt>& done) {
        refused += !done;
        ++durable;
      });
    wait_until([&] { return durable == ids.size() && must(data.count_edits(id)).waiting == 0; });
    if (refused > 0)
      throw std::runtime_error(std::to_string(refused) + " edits were refused");
  });
}

/// Runs a way on the same provider and looks whether it did the work.
way checked(std::string name, std::string what, const std::shared_ptr<provider>& there,
            uint64_t contacts, figures (*run)(provider&, const fs::path&, const std::string&)) {
  return {name, std::move(what), [=, turn = 0](const fs::path& folder) mutable {
            const auto value = name + " " + std::to_string(++turn);
            auto measured = run(*there, folder, value);
            if (there->count(value) != contacts)
              throw std::runtime_error(name + " did not write every contact");
            return measured;
          }};
}

benchmark make(bool quick) {
  const uint64_t contacts = quick ? 500 : 5'000;
  const auto there = std::make_shared<provider>(contacts);
  benchmark made;
  made.name = "push";
  made.question = "How many local edits a second reach a provider?";
  made.settings
      = {{"contacts", readable(static_cast<double>(contacts))}, {"batch", std::to_string(batch)}};
  made.ways
      = {checked("bare", "read, update and read again, batch by batch", there, contacts, run_bare),
         checked("engine", "put, push and settle, from the first edit to the last answer", there,
                 contacts, run_engine)};
  made.comparisons = {{"writes/s", "engine", "bare", aim_bound::at_least, 0.9}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
