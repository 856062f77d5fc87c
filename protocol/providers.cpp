// The registry: the one list that a new provider is added to.
#include "protocol/google/provider.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/provider.hpp"
#include "protocol/microsoft/provider.hpp"
#include "protocol/notion/provider.hpp"
#include "protocol/pipedrive/provider.hpp"
#include "protocol/provider.hpp"

#include <algorithm>
#include <array>

namespace nexte {

std::span<const provider_description* const> providers() {
  static const std::array all{
      &google::provider(), &hubspot::provider(),   &microsoft::provider(),
      &notion::provider(), &pipedrive::provider(),
  };
  return all;
}

bool trusts_api_base(const provider_description& provider, std::string_view configured,
                     std::string_view said) {
  const auto url = parse_url(said);
  if (!url || !url->query().empty() || url->path().find("..") != std::string::npos)
    return false;
  if (said.starts_with(std::string{configured} + "/"))
    return true;
  return configured == provider.api_base && !provider.account_hosts.empty()
         && url->scheme == "https" && url->port == 443 && url->path() == "/"
         && url->host.ends_with("." + provider.account_hosts);
}

const provider_description* find_provider(std::string_view name) {
  const auto found = std::ranges::find(
      providers(), name, [](const provider_description* p) -> std::string_view { return p->name; });
  return found == providers().end() ? nullptr : *found;
}

} // namespace nexte
