// An authorization server: consent page, redirects, client authentication. Its dialect, the words
// of the token endpoint's answers, is the provider's own.
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/http/url.hpp"
#include "protocol/simulation/grant_book.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// The app's registration.
struct registered_client {
  std::string id;
  std::string client_secret;
  std::string name; ///< Shown on the consent page.
  /// Compared as they are written, but for the port of a loopback address (RFC 8252 section 7.3).
  std::vector<std::string> redirect_uris;
};

/// Someone who can sign in.
struct login_account {
  std::string id;    ///< What `account=` selects.
  std::string login; ///< What `login_hint=` selects, an address.
  std::string name;
};

/// What the person does where the page asks nobody (`auto_consent`).
struct consent_choice {
  bool deny = false;
  std::vector<std::string> without; ///< Scopes the person unticks.
  std::string account;              ///< Chosen when the request names none; empty: the first.
};

/// The person's side of consent and the client's side of the token endpoint.
class oauth_server {
public:
  oauth_server(oauth_policy policy, registered_client client, std::vector<login_account> accounts,
               random_source random);

  /// Answers the authorize address. GET checks the request: a wrong client or redirect gets a page
  /// (400), never a redirect; other faults redirect with `error`. Then the consent form, or, with
  /// `auto_consent`, the redirect at once. POST is that form coming back: 303 to the app.
  http_response authorize(const http_request& request, wall_time now);

  /// Answers a form sent to the token endpoint: `grant_type` is `authorization_code` or
  /// `refresh_token`. `authorization` is the Authorization field.
  token_outcome token(const query_parameters& form, std::string_view authorization, wall_time now);
  /// Whether the client proves itself: nullopt, or why not.
  std::optional<token_refusal> refuse_client(const query_parameters& form,
                                             std::string_view authorization) const;

  /// Tokens without the dance; no scopes: all that the app may have.
  issued_tokens issue(size_t account, std::vector<std::string> scopes, wall_time now);

  const grant_book& grants() const {
    return grants_;
  }
  grant_book& grants() {
    return grants_;
  }
  const std::vector<login_account>& accounts() const {
    return accounts_;
  }
  std::vector<std::string> account_ids() const {
    std::vector<std::string> ids;
    for (const auto& account : accounts_)
      ids.push_back(account.id);
    return ids;
  }
  /// Index of the account with that id or login; nullopt when there is none.
  std::optional<size_t> find_account(std::string_view id_or_login) const;
  const registered_client& client() const {
    return client_;
  }

  bool auto_consent = false;
  consent_choice choice;
  std::string authorize_path = "/oauth/authorize"; ///< Where the form goes.

private:
  struct request_state {
    std::string redirect_uri;
    std::string state;
    std::string challenge;
    std::vector<std::string> scopes;
    bool offline = true;
    bool prompted = false; ///< Asks for consent though it may have been given before.
    std::optional<size_t> account;
    wall_time expires_at{};
  };

  http_response begin(const query_parameters& query, wall_time now);
  http_response decide(const query_parameters& form, wall_time now);
  bool is_registered(std::string_view redirect_uri) const;
  /// Reads scopes; the error code, or empty.
  std::string read_scopes(const query_parameters& query, request_state& asked) const;
  http_response redirect(const request_state& asked, int status, query_parameters answer) const;
  http_response agree(const request_state& asked, int status, size_t account,
                      std::vector<std::string> scopes, wall_time now);
  std::string consent_page(const std::string& ticket, const request_state& asked) const;

  grant_book grants_;
  registered_client client_;
  std::vector<login_account> accounts_;
  random_source random_;
  std::map<std::string, request_state, std::less<>> asked_; ///< Open consent pages, by ticket.
};

/// The token of an Authorization field of scheme Bearer (RFC 6750 section 2.1); empty: there is
/// none.
std::string_view bearer_token(const http_request& request);

/// Joins with `separator`.
std::string join_scopes(const std::vector<std::string>& scopes, std::string_view separator = " ");

} // namespace nexte::simulation
