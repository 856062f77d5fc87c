// A provider described as data and pure functions: what the engine must know to serve it.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/task.hpp"
#include "protocol/core/token.hpp"
#include "protocol/http/message.hpp"
#include "protocol/json/fields.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/push.hpp"
#include "protocol/stream_io.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexte {

/// Whose counter a quota window is.
enum class counter_scope : uint8_t {
  app,     ///< One for all integrations of this provider.
  account, ///< One per account at the provider.
  user,    ///< One per signed-in person.
};

/// What a window adds up.
enum class quota_unit : uint8_t {
  cost,    ///< Each request's `quota_class::cost`.
  request, ///< One per request, whatever it costs elsewhere.
};

/// Endpoint class of windows and caps that count every request.
inline constexpr std::string_view every_endpoint = "*";

/// One limit of the provider: at most `limit` units in any `span`, counted when sent.
struct quota_window {
  std::string name;   ///< The provider's word, e.g. "TEN_SECONDLY_ROLLING"; unique per provider.
  unsigned limit = 0; ///< Units.
  milliseconds span{0};
  counter_scope scope = counter_scope::account;
  /// Only requests of this endpoint class; empty: only the ordinary ones; "*": every class.
  std::string endpoint;
  quota_unit counts = quota_unit::cost;
  /// Not rolling but reset by the provider at a midnight, of a time zone that we may not know;
  /// `span` is 24 h.
  bool daily = false;
};

/// At most `limit` requests of one counter in flight at a time.
struct concurrency_cap {
  std::string name; ///< Unique among the provider's windows and caps.
  unsigned limit = 0;
  counter_scope scope = counter_scope::account;
  std::string endpoint; ///< As in `quota_window`.
};

/// What an answer's header fields say about one window. Absent: not said.
struct quota_reading {
  std::string window; ///< `quota_window::name`.
  std::optional<unsigned> limit;
  std::optional<unsigned> remaining;
  std::optional<milliseconds> reset_in; ///< Until the window is whole again.
};

/// What an answer means for the integration.
enum class verdict_kind : uint8_t {
  ok,            ///< 2xx: the connector reads it.
  for_connector, ///< Final, and the connector knows its meaning (404, 410, 409, 400 …).
  token_expired, ///< 401: refresh once, repeat once, then `unauthorized`.
  unauthorized,  ///< The grant is gone: a person must reconnect.
  scope_missing, ///< This stream lacks a scope: it pauses alone.
  forbidden,     ///< The person or plan may not: it pauses alone, an admin is asked.
  limited,       ///< Quota: wait, then the same request again.
  transient,     ///< Passing: the same request again after a back-off.
};

struct verdict {
  verdict_kind kind = verdict_kind::ok;
  std::string code;     ///< For programs, e.g. "MISSING_SCOPES", "http_503".
  std::string sentence; ///< For people; no secret, at most 500 bytes.
  /// How long at least to wait, when the provider said so (`limited`, `transient`).
  std::optional<milliseconds> retry_after;
  std::vector<std::string> missing_scopes; ///< Any one of these suffices.
  std::string quota_window;                ///< Which window was hit, when the provider named it.
};

struct pull_request {
  std::string api_base;                  ///< No trailing slash.
  std::optional<std::string> checkpoint; ///< Where the last committed page left off.
  /// Begin a complete enumeration, whatever the checkpoint says (Refresh, reconcile). Only the
  /// first run of one says so: once a page of it is committed (`sweep::first`), the checkpoint
  /// knows that it is under way, and a run that goes on after a crash or an error passes false.
  bool full = false;
};

/// One record, asked for by its id.
struct look_up_request {
  std::string api_base; ///< No trailing slash.
  std::string record;   ///< As a person wrote it: of any characters.
};

/// How a record stands at the provider.
enum class standing : uint8_t {
  shown,    ///< It is there, and the stream reads such records.
  filtered, ///< It is there, and the stream's rule leaves it out.
  archived, ///< Archived, or in the bin.
  hidden,   ///< In a space that this account cannot see.
  absent,   ///< The provider shows this account no record of that id.
};

/// What the provider says of one record.
struct sighting {
  standing found = standing::absent;
  std::string version;
  wall_time modified_at{}; ///< Its last change; epoch when the provider does not say.
  std::string rule;        ///< `filtered`: what the stream leaves out, a sentence for people.
  std::vector<std::string> evidence; ///< What was asked and what it said, one sentence each.
};

/// One kind of data of a provider.
struct stream_description {
  std::string name;                ///< e.g. "contacts".
  std::string title;               ///< For people, e.g. "Contacts".
  std::vector<std::string> scopes; ///< All of them are needed to read.
  /// Asked at consent as well; without them the stream goes on, but local edits cannot be pushed.
  std::vector<std::string> write_scopes;
  /// Brings the stream up to date: emits pages until the provider has no more. Yields whether the
  /// end was proved (the provider's end marker). May be long; ends early only by an error.
  task<bool> (*pull)(stream_io& io, pull_request request) = nullptr;
  /// Asks for one record, for a person who wants to know why it is not here. Hands over no page.
  /// Null: this provider cannot be asked for one record.
  task<sighting> (*look_up)(stream_io& io, look_up_request request) = nullptr;
  /// Carries local edits to the provider: one outcome for each, in their order. Writes only what is
  /// still as its base says, under the provider's condition where there is one, else reading before
  /// and after; sends the given fields alone. An error tells nothing of any of them: push them
  /// again with `attempted`. Null: the stream is read only.
  task<std::vector<push_outcome>> (*push)(stream_io& io, push_request request) = nullptr;
  field_shape fields; ///< What of a body is edited.
  /// A host's edit of a record (a JSON object of fields, null clears) in the provider's own way of
  /// writing values, so that what comes back is equal. `refused` or `malformed` naming the field
  /// that there is none of, that is read only, or whose value cannot be. Null: as it is.
  result<std::string> (*prepare)(std::string_view fields) = nullptr;
  /// A full enumeration at least this often repairs what increments cannot see.
  std::chrono::hours reconcile_every{24};
};

enum class client_authentication : uint8_t { none, post, basic };

/// Where a token endpoint departs from RFC 6749 and RFC 7636.
struct token_dialect {
  bool json = false; ///< Takes a JSON object in place of a form.
  bool pkce = true;  ///< Knows PKCE; else neither challenge nor verifier is sent.
  std::vector<std::pair<std::string, std::string>> headers; ///< Wanted beside the standard ones.
};

struct provider_description {
  std::string name;  ///< e.g. "hubspot".
  std::string title; ///< e.g. "HubSpot".
  std::string api_base;
  /// Accounts have hosts of their own below this domain, which token answers name
  /// (`api_base_from_token`). Empty: all share `api_base`.
  std::string account_hosts;
  std::string authorize_url;
  std::string token_url;
  std::string revoke_url;
  /// What it sends as `iss` with every callback (RFC 9207): another one is none of its answers.
  /// Empty: it sends none.
  std::string issuer;
  client_authentication client_auth = client_authentication::post;
  token_dialect dialect;
  std::vector<std::string> base_scopes;          ///< Asked beside those of the streams.
  std::chrono::seconds token_life_default{1800}; ///< When `expires_in` is missing.
  std::vector<stream_description> streams;
  std::vector<quota_window> quota;
  std::vector<concurrency_cap> concurrency;
  /// Where a person sees how the quota is used, or what it is: an address, perhaps with the way
  /// from there in brackets. Empty: not known.
  std::string quota_dashboard;

  /// Reads what an API answer (not of the token endpoint) means. Pure.
  verdict (*classify)(const http_response& response, wall_time now) = nullptr;
  /// Reads the header fields about quota, of a success or a refusal. Pure. Null: there are none.
  std::vector<quota_reading> (*read_quota)(const http_response& response) = nullptr;
  /// Reads who signed in, and the granted scopes where only the provider's dialect has them, from
  /// the token endpoint's answer; nullopt: ask `identify`.
  std::optional<account_identity> (*identity_from_token)(const json::value& answer) = nullptr;
  std::vector<std::string> (*scopes_from_token)(const json::value& answer) = nullptr;
  /// Reads where this account's API is, as the token endpoint says; empty: it does not. Null: all
  /// accounts share `api_base`. What it says is not yet trusted, see `trusts_api_base`.
  std::string (*api_base_from_token)(const json::value& answer) = nullptr;
  /// Asks the API who signed in.
  task<account_identity> (*identify)(stream_io& io, std::string api_base) = nullptr;
  /// The revocation call for a refresh token, or nullopt where there is none.
  http_request (*revoke_request)(std::string_view revoke_url, std::string_view client_id,
                                 const secret& client_secret, const token_set& token)
      = nullptr;
  /// Reads a token endpoint's error beside RFC 6749 (legacy members). Empty: not known.
  std::string_view (*token_error_alias)(const json::value& answer) = nullptr;

  const stream_description* stream(std::string_view stream_name) const {
    for (const auto& s : streams)
      if (s.name == stream_name)
        return &s;
    return nullptr;
  }
};

/// Whether an account's API may be at `said`, which a token answer names, when the host's settings
/// have it at `configured`: below that address; or, where that is the provider's own, at a host
/// below its `account_hosts`, over https at the standard port. False for an empty `said`.
bool trusts_api_base(const provider_description& provider, std::string_view configured,
                     std::string_view said);

/// Every provider of this build. The one list a new provider is added to.
std::span<const provider_description* const> providers();
/// By name, or null.
const provider_description* find_provider(std::string_view name);

} // namespace nexte
