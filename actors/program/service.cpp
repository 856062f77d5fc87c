#include "actors/program/service.hpp"

#include "protocol/core/private_file.hpp"
#include "protocol/http/url.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <algorithm>
#include <system_error>

namespace nexte::program {
namespace {

namespace fs = std::filesystem;

constexpr size_t secret_bytes_max = 4096;

const provider_description& description_of(const provider_config& provider, known_providers known) {
  return **std::ranges::find(known, provider.name, &provider_description::name);
}

result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  const bool made = fs::create_directories(folder, failed);
  if (!failed && made)
    fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed)
    return error{ec::storage, "cannot make " + folder.string() + ": " + failed.message(),
                 "make it yourself, or set data_dir to a place you may write to"};
  return {};
}

result<secret> read_client_secret(const provider_config& provider) {
  if (provider.client_secret_file.empty())
    return secret{};
  auto text = read_private_file(provider.client_secret_file, secret_bytes_max);
  if (!text)
    return std::move(text).failure().with_context("client secret of " + provider.name);
  while (text->ends_with('\n') || text->ends_with('\r'))
    text->pop_back();
  secret read{*text};
  wipe(*text);
  if (read.empty())
    return error{ec::refused, provider.client_secret_file.string() + " is empty",
                 "write the client secret of your app into it"};
  return read;
}

class running_service final : public service {
public:
  std::string origin() const override {
    return server_->origin();
  }
  std::string login_link() const override {
    return server_->login_link();
  }

  result<void> begin(const config& file, known_providers known,
                     const service_listeners& listeners) {
    auto started = start_engine(file, known, listeners);
    if (!started)
      return std::move(started).failure();
    engine_ = *std::move(started);
    // The token is written after the engine has the directory for itself.
    auto server = control_server::start(*engine_.runs, known, file.data_dir, file.control,
                                        listeners.on_request);
    if (!server)
      return std::move(server).failure();
    server_ = *std::move(server);
    return {};
  }

private:
  running_engine engine_;
  std::unique_ptr<control_server> server_; // goes first: no request without an engine
};

} // namespace

result<std::vector<allowed_origin>> allowed_origins(const config& file, known_providers known) {
  std::vector<allowed_origin> all;
  for (const auto& provider : file.providers) {
    const auto& own = description_of(provider, known);
    const auto chosen = [](const std::string& configured, const std::string& standard) {
      return configured.empty() ? standard : configured;
    };
    for (const auto& address :
         {chosen(provider.api_base, own.api_base), chosen(provider.token_url, own.token_url),
          chosen(provider.revoke_url, own.revoke_url)}) {
      if (address.empty()) // a provider without revocation
        continue;
      auto url = parse_url(address);
      if (!url)
        return std::move(url).failure().with_context(provider.name);
      const auto same
          = [&](const allowed_origin& o) { return o.host == url->host && o.port == url->port; };
      if (std::ranges::none_of(all, same))
        all.push_back({url->host, url->port, provider.ca_file, provider.allow_insecure_loopback});
    }
    if (provider.api_base.empty() && !own.account_hosts.empty())
      all.push_back({own.account_hosts, 443, provider.ca_file, false, true});
  }
  return all;
}

result<engine_options> read_engine_options(const config& file, secret own_key) {
  engine_options options;
  options.data_dir = file.data_dir;
  options.worker_threads = file.worker_threads;
  options.master_key = std::move(own_key);
  if (options.master_key.empty()) {
    const bool own_place = file.key_file.empty();
    auto key = read_key_file(own_place ? file.data_dir / "key" : file.key_file, own_place);
    if (!key)
      return std::move(key).failure();
    options.master_key = *std::move(key);
  }
  if (!file.former_key_file.empty()) {
    auto former = read_key_file(file.former_key_file, false);
    if (!former)
      return std::move(former).failure();
    options.former_master_key = *std::move(former);
  }
  for (const auto& provider : file.providers) {
    auto client_secret = read_client_secret(provider);
    if (!client_secret)
      return std::move(client_secret).failure();
    provider_settings settings;
    settings.name = provider.name;
    settings.client_id = provider.client_id;
    settings.client_secret = *std::move(client_secret);
    settings.api_base = provider.api_base;
    settings.authorize_url = provider.authorize_url;
    settings.token_url = provider.token_url;
    settings.revoke_url = provider.revoke_url;
    settings.redirect = provider.redirect;
    settings.poll_every = provider.poll_every;
    settings.streams = provider.streams;
    options.providers.push_back(std::move(settings));
  }
  return options;
}

result<running_engine> start_engine(const config& file, known_providers known,
                                    const service_listeners& listeners, secret own_key) {
  if (auto made = make_folder(file.data_dir); !made)
    return std::move(made).failure();
  auto origins = allowed_origins(file, known);
  if (!origins)
    return std::move(origins).failure();
  auto options = read_engine_options(file, std::move(own_key));
  if (!options)
    return std::move(options).failure();
  options->log = listeners.on_warning;
  options->on_notification = listeners.on_notification;
  beast_client_options client;
  client.allowed = *std::move(origins);
  auto net = beast_client::make(std::move(client));
  if (!net)
    return std::move(net).failure();
  running_engine made;
  made.net = *std::move(net);
  made.listeners = oauth::make_loopback_listeners();
  auto engine = engine::start(*std::move(options), made.net, made.listeners);
  if (!engine)
    return std::move(engine).failure();
  made.runs = *std::move(engine);
  return made;
}

result<void> check_service(const config& file, known_providers known) {
  auto origins = allowed_origins(file, known);
  if (!origins)
    return std::move(origins).failure();
  beast_client_options client;
  client.allowed = *std::move(origins);
  if (auto net = beast_client::make(std::move(client)); !net)
    return std::move(net).failure();
  std::error_code none;
  const bool own_place = file.key_file.empty();
  const auto key_file = own_place ? file.data_dir / "key" : file.key_file;
  if (!own_place || fs::exists(key_file, none)) // else the first start makes it
    if (auto key = read_key_file(key_file, false); !key)
      return std::move(key).failure();
  if (!file.former_key_file.empty())
    if (auto former = read_key_file(file.former_key_file, false); !former)
      return std::move(former).failure();
  for (const auto& provider : file.providers)
    if (auto client_secret = read_client_secret(provider); !client_secret)
      return std::move(client_secret).failure();
  return {};
}

result<std::unique_ptr<service>> service::start(const config& file, known_providers known,
                                                const service_listeners& listeners) {
  auto body = std::make_unique<running_service>();
  if (auto begun = body->begin(file, known, listeners); !begun)
    return std::move(begun).failure();
  return std::unique_ptr<service>{std::move(body)};
}

} // namespace nexte::program
