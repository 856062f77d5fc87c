// A provider as this host reaches it: its description, our registration, its addresses.
#pragma once

#include "actors/engine.hpp"
#include "protocol/oauth/authorization.hpp"
#include "protocol/provider.hpp"

#include <string>
#include <vector>

namespace nexte {

struct provider_context {
  const provider_description* description = nullptr;
  provider_settings settings; ///< As given by the host.
  oauth::client app;          ///< With every address filled in.
  std::string api_base;
  std::vector<const stream_description*> streams; ///< Those that the host wants.
};

/// Fills in what `settings` leaves out. `known`: what `find_provider` yields for the name.
/// `refused`, naming the mend, for a provider or stream that does not exist, a missing client id, a
/// poll interval below a second, or an address that is no absolute http or https URL.
result<provider_context> make_provider_context(provider_settings settings,
                                               const provider_description* known);

/// Where the API of the account that these tokens are of is reached: as the token answer said, if
/// that is the provider's own address, i.e. below `api_base`, or, where the host left that to the
/// provider, a host below its `account_hosts` over https. Else `api_base`: a token goes nowhere
/// else.
std::string api_base_of(const provider_context& provider, const token_set& tokens);

/// Every scope to ask for at consent: the base ones and those of the wanted streams, each once.
std::vector<std::string> scopes_to_ask(const provider_context& provider);

} // namespace nexte
