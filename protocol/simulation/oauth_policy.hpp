// How authorization servers differ, as data. The presets follow the providers' sheets.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// What a refresh does to the refresh token.
enum class rotation_rule : uint8_t {
  none,      ///< The same one stays valid (Google, HubSpot, Figma).
  rotate,    ///< A new one; the old one is dead after `rotation_grace` (Pipedrive, Notion).
  keep_both, ///< A new one; the old one stays valid too (Entra).
};

/// When a grant gets a refresh token at all.
enum class offline_rule : uint8_t {
  always,
  access_type_parameter, ///< With `access_type=offline` in the authorize query (Google's web apps).
  offline_access_scope,  ///< With the scope `offline_access` (Entra).
};

/// How a client proves itself at the token endpoint.
enum class client_proof : uint8_t {
  none,          ///< A public client: `client_id` in the form.
  form,          ///< `client_id` and `client_secret` in the form.
  basic,         ///< The Authorization field.
  form_or_basic, ///< Either, not both.
};

struct oauth_policy {
  rotation_rule rotation = rotation_rule::none;
  milliseconds rotation_grace{0};    ///< How long the old refresh token still works.
  bool reuse_revokes_family = true;  ///< A dead refresh token shown again ends its grant.
  bool refresh_repeats_token = true; ///< A refresh answer holds the refresh token even if kept.
  offline_rule offline = offline_rule::always;
  /// Only the first of an account's grants has a refresh token, unless `prompt` asks for consent.
  bool offline_once = false;
  client_proof proof = client_proof::form;
  bool pkce_required = false; ///< Otherwise verified where a challenge was given.
  bool response_type_required = true;
  bool bad_scope_shows_page = false; ///< An unknown or missing scope: an error page, no redirect.
  bool revoke_ends_access = true;    ///< Revoking a refresh token ends its access tokens at once.
  bool access_revoke_ends_grant = true; ///< Revoking an access token ends its whole grant.
  seconds code_life{600};
  seconds access_life{3600};
  seconds refresh_idle_max{0};              ///< A refresh token unused this long dies; 0: never.
  unsigned grants_per_account_max = 0;      ///< The oldest is revoked past this; 0: no bound.
  std::vector<std::string> required_scopes; ///< An authorization request must ask for these.
  std::vector<std::string> known_scopes;    ///< Empty: any is granted.
  /// Granted whatever is asked for: the app's registration decides, all or nothing. Empty: the
  /// request and the person do.
  std::vector<std::string> registered_scopes;
  std::string issuer;        ///< Sent as `iss` on each redirect (RFC 9207); empty: not sent.
  std::string access_prefix; ///< What tokens begin with.
  std::string refresh_prefix;
};

/// hubspot.md §1, §0: 1800 s, not rotated, access tokens outlive a revocation.
oauth_policy hubspot_policy();
/// google.md §1.5, §1.6: 3599 s, kept and not repeated, 100 grants per account, project-wide
/// revoke.
oauth_policy google_policy();
/// microsoft.md §1.4: a new refresh token each time, the old one stays; 90 days sliding.
oauth_policy entra_policy();
/// pipedrive.md §0, §1.2: rotated, HTTP Basic, 60 days sliding.
oauth_policy pipedrive_policy();
/// notion.md §1.1: rotated at once, HTTP Basic, no scopes.
oauth_policy notion_policy();

} // namespace nexte::simulation
