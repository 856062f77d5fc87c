// The facts of google.md that are data.
#include "protocol/google/provider.hpp"

#include "protocol/google/addresses.hpp"
#include "protocol/google/calendar.hpp"
#include "protocol/google/drive.hpp"
#include "protocol/google/errors.hpp"
#include "protocol/google/gmail.hpp"
#include "protocol/google/quota.hpp"
#include "protocol/http/url.hpp"
#include "protocol/oauth/token_endpoint.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

constexpr std::string_view scope_prefix = "https://www.googleapis.com/auth/";

std::string scope(std::string_view name) {
  return std::string{scope_prefix} + std::string{name};
}

/// A scope that a wider one includes (google.md §1.7); the widest first.
struct inclusion {
  std::string_view wide;
  std::string_view narrow;
};

constexpr inclusion inclusions[] = {
    {"https://mail.google.com/", "gmail.readonly"},
    {"gmail.modify", "gmail.readonly"},
    {"calendar", "calendar.readonly"},
    {"calendar", "calendar.events"},
    {"calendar.readonly", "calendar.calendarlist.readonly"},
    {"calendar.readonly", "calendar.events.readonly"},
    {"calendar.events", "calendar.events.readonly"},
    {"drive", "drive.readonly"},
    {"drive.readonly", "drive.metadata.readonly"},
};

/// The granted scopes, with those that they include: a grant of another client of the project may
/// be wider than ours.
std::vector<std::string> scopes_from_token(const json::value& answer) {
  auto scopes = oauth::split_scopes(answer.string_or_empty("scope"));
  for (const auto& known : inclusions) {
    const auto wide = known.wide.find(':') == std::string_view::npos ? scope(known.wide)
                                                                     : std::string{known.wide};
    auto narrow = scope(known.narrow);
    if (std::ranges::count(scopes, wide) > 0 && std::ranges::count(scopes, narrow) == 0)
      scopes.push_back(std::move(narrow));
  }
  return scopes;
}

/// The claims of an ID token. It came straight from the token endpoint over TLS, so its signature
/// proves nothing more (OpenID Connect Core section 3.1.3.7).
json::value claims_of(std::string_view id_token) {
  const auto begin = id_token.find('.');
  const auto end = id_token.rfind('.');
  if (begin == std::string_view::npos || end <= begin)
    return {};
  std::string base64{id_token.substr(begin + 1, end - begin - 1)};
  std::ranges::replace(base64, '-', '+');
  std::ranges::replace(base64, '_', '/');
  base64.append((4 - base64.size() % 4) % 4, '=');
  auto claims = json::parse_value(unbase64(base64).value_or(""));
  return claims ? *std::move(claims) : json::value{};
}

/// Google names who signed in by `sub`, which never changes; an address may.
std::optional<account_identity> identity_from_token(const json::value& answer) {
  const auto claims = claims_of(answer.string_or_empty("id_token"));
  const auto issuer = claims.string_or_empty("iss");
  account_identity who{std::string{claims.string_or_empty("sub")},
                       std::string{claims.string_or_empty("email")}};
  if ((issuer != "https://accounts.google.com" && issuer != "accounts.google.com")
      || who.id.empty())
    return std::nullopt;
  return who;
}

/// Revocation ends every token of the project for this person (google.md §1.6).
http_request revoke_request(std::string_view revoke_url, std::string_view, const secret&,
                            const token_set& token) {
  return {"POST", std::string{revoke_url},
          format_query({{"token", std::string{token.refresh_token.reveal()}}}),
          "application/x-www-form-urlencoded"};
}

stream_description gmail_messages() {
  stream_description stream;
  stream.name = "gmail_messages";
  stream.title = "Gmail messages";
  stream.scopes = {scope("gmail.readonly")};
  stream.pull = pull_gmail;
  stream.look_up = look_up_message;
  stream.reconcile_every = gmail_reconcile_every;
  return stream;
}

stream_description calendar_events() {
  stream_description stream;
  stream.name = "calendar_events";
  stream.title = "Calendar events";
  // The right to events alone lists no calendars (google.md §1.7).
  stream.scopes = {scope("calendar.calendarlist.readonly"), scope("calendar.events.readonly")};
  stream.pull = pull_calendar;
  stream.look_up = look_up_event;
  return stream;
}

stream_description drive_files() {
  stream_description stream;
  stream.name = "drive_files";
  stream.title = "Drive files";
  stream.scopes = {scope("drive.metadata.readonly")};
  stream.pull = pull_drive;
  stream.look_up = look_up_file;
  return stream;
}

provider_description describe() {
  provider_description google;
  google.name = "google";
  google.title = "Google Workspace";
  google.api_base = api_base;
  google.account_hosts = "googleapis.com"; // each API has a host of its own there
  // Only both parameters together bring a refresh token each time (google.md §1.3).
  google.authorize_url
      = "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent";
  google.token_url = "https://oauth2.googleapis.com/token";
  google.revoke_url = "https://oauth2.googleapis.com/revoke";
  google.base_scopes = {"openid", scope("userinfo.email")};
  google.token_life_default = std::chrono::minutes{59};
  google.streams = {gmail_messages(), calendar_events(), drive_files()};
  google.quota = quota_windows();
  google.quota_dashboard = quota_dashboard;
  google.classify = classify;
  google.scopes_from_token = scopes_from_token;
  google.identity_from_token = identity_from_token;
  google.revoke_request = revoke_request;
  google.token_error_alias = token_error_alias;
  return google;
}

} // namespace

const provider_description& provider() {
  static const provider_description google = describe();
  return google;
}

} // namespace nexte::google
