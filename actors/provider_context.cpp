#include "actors/provider_context.hpp"

#include "protocol/http/url.hpp"

#include <algorithm>

namespace nexte {
namespace {

constexpr seconds poll_every_min{1};
constexpr std::chrono::hours poll_every_max{24};

std::string known_providers() {
  std::string names;
  for (const auto* provider : providers())
    names.append(names.empty() ? "" : ", ").append(provider->name);
  return names;
}

std::string known_streams(const provider_description& provider) {
  std::string names;
  for (const auto& stream : provider.streams)
    names.append(names.empty() ? "" : ", ").append(stream.name);
  return names;
}

const std::string& or_default(const std::string& given, const std::string& standard) {
  return given.empty() ? standard : given;
}

std::string without_trailing_slash(std::string address) {
  while (address.ends_with('/'))
    address.pop_back();
  return address;
}

result<void> check_address(const provider_settings& settings, std::string_view key,
                           const std::string& address) {
  if (const auto url = parse_url(address); !url)
    return error{ec::refused, settings.name + "." + std::string{key} + " is " + url.failure().what,
                 "give an address like https://api.example.com"};
  return {};
}

/// A window that lets nothing through would hold everything for ever; two of one name cannot be
/// told apart in a refusal.
result<void> check_quota(const provider_settings& settings) {
  for (const auto& window : settings.quota) {
    const auto key = settings.name + ".quota: window \"" + window.name + "\" ";
    if (window.limit == 0 || window.span <= milliseconds{0})
      return error{ec::refused, key + "lets nothing through",
                   "give it a limit and a span above zero"};
    if (window.name.empty()
        || std::ranges::count(settings.quota, window.name, &quota_window::name) > 1)
      return error{ec::refused, key + "has no name of its own", "give each window another name"};
  }
  return {};
}

result<void> check_settings(const provider_settings& settings) {
  const std::string& name = settings.name;
  if (settings.client_id.empty())
    return error{ec::refused, name + ".client_id is missing",
                 "set it to the client id of your registration at the provider"};
  if (settings.poll_every < poll_every_min || settings.poll_every > poll_every_max)
    return error{ec::refused, name + ".poll_seconds is out of range", "give 1 to 86400 seconds"};
  if (auto checked = check_quota(settings); !checked)
    return checked;
  if (settings.redirect != "loopback")
    return check_address(settings, "redirect", settings.redirect);
  return {};
}

} // namespace

result<provider_context> make_provider_context(provider_settings settings,
                                               const provider_description* known) {
  if (!known)
    return error{ec::refused, "there is no provider \"" + settings.name + "\"",
                 "use one of: " + known_providers()};
  if (auto checked = check_settings(settings); !checked)
    return std::move(checked).failure();

  provider_context context;
  context.description = known;
  context.api_base = without_trailing_slash(or_default(settings.api_base, known->api_base));
  context.app.id = settings.client_id;
  context.app.client_secret = settings.client_secret;
  context.app.authentication = known->client_auth;
  context.app.dialect = known->dialect;
  context.app.authorize_url = or_default(settings.authorize_url, known->authorize_url);
  context.app.token_url = or_default(settings.token_url, known->token_url);
  context.app.revoke_url = or_default(settings.revoke_url, known->revoke_url);
  std::vector addresses{std::pair{"api_base", context.api_base},
                        std::pair{"authorize_url", context.app.authorize_url},
                        std::pair{"token_url", context.app.token_url}};
  if (known->revoke_request) // else nothing is sent there
    addresses.emplace_back("revoke_url", context.app.revoke_url);
  for (const auto& [key, address] : addresses)
    if (auto checked = check_address(settings, key, address); !checked)
      return std::move(checked).failure();
  for (const auto& name : settings.streams) {
    const auto* stream = known->stream(name);
    if (!stream)
      return error{ec::refused, settings.name + " has no stream \"" + name + "\"",
                   "use some of: " + known_streams(*known)};
    if (std::ranges::find(context.streams, stream) != context.streams.end())
      return error{ec::refused, settings.name + " names stream \"" + name + "\" twice",
                   "name each stream once"};
    context.streams.push_back(stream);
  }
  if (settings.streams.empty())
    for (const auto& stream : known->streams)
      context.streams.push_back(&stream);
  context.settings = std::move(settings);
  return context;
}

std::string api_base_of(const provider_context& provider, const token_set& tokens) {
  return trusts_api_base(*provider.description, provider.api_base, tokens.api_base)
             ? tokens.api_base
             : provider.api_base;
}

std::vector<std::string> scopes_to_ask(const provider_context& provider) {
  std::vector<std::string> asked = provider.description->base_scopes;
  for (const auto* stream : provider.streams)
    for (const auto* scopes : {&stream->scopes, &stream->write_scopes})
      for (const auto& scope : *scopes)
        if (std::ranges::find(asked, scope) == asked.end())
          asked.push_back(scope);
  return asked;
}

} // namespace nexte
