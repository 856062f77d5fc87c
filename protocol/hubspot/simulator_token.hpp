// The words of HubSpot's token endpoints (hubspot.md §1.2, §1.3).
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/hubspot/simulator_portal.hpp"
#include "protocol/simulation/oauth_server.hpp"

#include <string_view>

namespace nexte::simulation::hubspot {

/// Which generation of the endpoint was called.
enum class token_dialect : uint8_t {
  v1,    ///< `/oauth/v1`: legacy members only.
  dated, ///< `/oauth/v3`, `/oauth/2026-03`, `/oauth/2026-09`.
};

http_response render_tokens(const issued_tokens& tokens, const portal& account,
                            token_dialect dialect);
http_response render_refusal(token_refusal why, token_dialect dialect);
/// Null `view`: not active. `account` may be null only then.
http_response render_introspection(const access_view* view, const portal* account,
                                   std::string_view client_id, std::string_view token,
                                   wall_time now);
/// The legacy `GET /oauth/v1/access-tokens/{token}`.
http_response render_access_token(const access_view& view, const portal& account, wall_time now);
/// The legacy `GET /oauth/v1/refresh-tokens/{token}`.
http_response render_refresh_token(const consent& granted, const portal& account,
                                   std::string_view client_id, std::string_view token);

} // namespace nexte::simulation::hubspot
