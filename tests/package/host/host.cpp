// What a host writes against the installed package: no header of CAF, Boost, RapidJSON or LMDB.
#include "actors/engine.hpp"
#include "protocol/http/beast_client.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <cstdio>
#include <filesystem>

#if __has_include("actors/connection.hpp") || __has_include("storage/lmdb.hpp")
#  error "the package installs a header that is not public"
#endif

int main() {
  const std::filesystem::path folder{"host-data"}; // in the folder it runs in
  std::filesystem::remove_all(folder);
  nexte::provider_settings hubspot;
  hubspot.name = "hubspot";
  hubspot.client_id = "my-registration";
  nexte::engine_options options;
  options.data_dir = folder;
  options.master_key = nexte::secret{std::string(32, 'k')};
  options.providers.push_back(hubspot);
  nexte::beast_client_options network;
  network.allowed.push_back({"api.hubapi.com", 443, {}, false});
  auto net = nexte::beast_client::make(network);
  auto engine = net ? nexte::engine::start(options, *std::move(net),
                                           nexte::oauth::make_loopback_listeners())
                    : nexte::result<std::unique_ptr<nexte::engine>>{net.failure()};
  if (!engine) {
    std::fprintf(stderr, "host: %s\n", engine.failure().line().c_str());
    return 1;
  }
  const auto id = nexte::wait_for<nexte::integration_id>([&](auto done) {
    (*engine)->add(*nexte::workspace_id::parse("my-workspace"), "hubspot", done);
  });
  const auto url = nexte::wait_for<std::string>(
      [&](auto done) { (*engine)->connect(*id, done, [](auto) {}); });
  return url && url->starts_with("https://app.hubspot.com/") ? 0 : 1;
}
