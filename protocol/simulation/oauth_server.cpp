#include "protocol/simulation/oauth_server.hpp"

#include "protocol/oauth/pkce.hpp"
#include "protocol/oauth/token_endpoint.hpp"
#include "protocol/simulation/html.hpp"

#include <algorithm>

namespace nexte::simulation {
namespace {

constexpr std::chrono::minutes page_life{10}; ///< For a person to decide.
constexpr size_t open_pages_max = 1000;
constexpr size_t challenge_bytes = 43; // base64url of SHA-256, RFC 7636 section 4.2

std::string value_of(const query_parameters& parameters, std::string_view name) {
  const auto* value = find_parameter(parameters, name);
  return value ? *value : std::string{};
}

bool has_duplicate(const query_parameters& parameters, std::string_view repeatable = {}) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : parameters)
    if (name != repeatable)
      names.push_back(name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

/// `http://127.0.0.1:51004/x` becomes `http://127.0.0.1/x`: nullopt unless a loopback literal.
std::optional<std::string> without_port(std::string_view uri) {
  const auto url = parse_url(uri);
  if (!url || url->scheme != "http" || url->host == "localhost" || !is_loopback_host(url->host))
    return std::nullopt;
  const auto host = url->host.find(':') == std::string::npos ? url->host : "[" + url->host + "]";
  return "http://" + host + url->target;
}

} // namespace

std::string_view bearer_token(const http_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request.headers.get("Authorization");
  const bool is_bearer
      = field.size() > scheme.size() && equal_ignoring_case(field.substr(0, scheme.size()), scheme);
  return is_bearer ? field.substr(scheme.size()) : std::string_view{};
}

std::string join_scopes(const std::vector<std::string>& scopes, std::string_view separator) {
  std::string text;
  for (const auto& scope : scopes)
    text.append(text.empty() ? std::string_view{} : separator).append(scope);
  return text;
}

oauth_server::oauth_server(oauth_policy policy, registered_client client,
                           std::vector<login_account> accounts, random_source random)
    : grants_(std::move(policy), random),
      client_(std::move(client)),
      accounts_(std::move(accounts)),
      random_(std::move(random)) {}

std::optional<size_t> oauth_server::find_account(std::string_view id_or_login) const {
  for (size_t i = 0; i < accounts_.size(); ++i)
    if (accounts_[i].id == id_or_login || accounts_[i].login == id_or_login)
      return i;
  return std::nullopt;
}

issued_tokens oauth_server::issue(size_t account, std::vector<std::string> scopes, wall_time now) {
  const auto& policy = grants_.policy();
  if (scopes.empty())
    scopes = policy.registered_scopes.empty() ? policy.known_scopes : policy.registered_scopes;
  return grants_.issue({account, std::move(scopes), true}, now);
}

http_response oauth_server::authorize(const http_request& request, wall_time now) {
  const bool is_form = request.method == "POST";
  if (!is_form && request.method != "GET")
    return error_page(405, "This page is read with GET.");
  const auto mark = request.url.find('?');
  const auto query
      = parse_query(is_form ? std::string_view{request.body}
                            : std::string_view{request.url}.substr(
                                mark == std::string::npos ? request.url.size() : mark + 1));
  if (!query || has_duplicate(*query, is_form ? "scope" : ""))
    return error_page(400, "The request is broken: a parameter is malformed or given twice.");
  return is_form ? decide(*query, now) : begin(*query, now);
}

http_response oauth_server::begin(const query_parameters& query, wall_time now) {
  if (value_of(query, "client_id") != client_.id)
    return error_page(400, "This app is not known: the client_id does not match.");
  request_state asked;
  asked.redirect_uri = value_of(query, "redirect_uri");
  if (!is_registered(asked.redirect_uri))
    return error_page(400, "The redirect_uri is not one that the app has registered.");
  asked.state = value_of(query, "state");
  const auto response_type = value_of(query, "response_type");
  if (response_type != "code"
      && (grants_.policy().response_type_required || !response_type.empty()))
    return redirect(asked, 302, {{"error", "unsupported_response_type"}});
  asked.challenge = value_of(query, "code_challenge");
  const bool challenged = !asked.challenge.empty();
  if (challenged ? value_of(query, "code_challenge_method") != "S256"
                       || asked.challenge.size() != challenge_bytes
                 : grants_.policy().pkce_required)
    return redirect(asked, 302,
                    {{"error", "invalid_request"},
                     {"error_description", "code_challenge must be of method S256"}});
  if (const auto code = read_scopes(query, asked); !code.empty()) {
    if (grants_.policy().bad_scope_shows_page)
      return error_page(400, "The scopes asked for do not match those the app has registered.");
    return redirect(asked, 302, {{"error", code}});
  }
  asked.offline = grants_.policy().offline == offline_rule::always
                  || (grants_.policy().offline == offline_rule::access_type_parameter
                          ? value_of(query, "access_type") == "offline"
                          : std::ranges::count(asked.scopes, "offline_access") > 0);
  asked.prompted
      = std::ranges::count(oauth::split_scopes(value_of(query, "prompt")), "consent") > 0;
  for (const auto* name : {"account", "login_hint"})
    if (const auto wanted = value_of(query, name); !wanted.empty()) {
      asked.account = find_account(wanted);
      if (!asked.account)
        return error_page(400, "Nobody with this account can sign in here.");
    }
  asked.expires_at = now + page_life;
  if (auto_consent) {
    if (choice.deny)
      return redirect(asked, 302, {{"error", "access_denied"}});
    auto scopes = asked.scopes;
    std::erase_if(scopes, [&](const auto& s) { return std::ranges::count(choice.without, s) > 0; });
    const auto account = asked.account ? asked.account : find_account(choice.account);
    return agree(asked, 302, account.value_or(0), std::move(scopes), now);
  }
  std::erase_if(asked_, [&](const auto& open) { return now >= open.second.expires_at; });
  if (asked_.size() >= open_pages_max)
    return error_page(503, "Too many sign-ins are open. Try again in a few minutes.");
  const auto ticket = oauth::random_token(random_);
  auto page = consent_page(ticket, asked);
  asked_[ticket] = std::move(asked);
  return web_page(200, std::move(page));
}

http_response oauth_server::decide(const query_parameters& form, wall_time now) {
  const auto found = asked_.find(value_of(form, "ticket"));
  if (found == asked_.end() || now >= found->second.expires_at)
    return error_page(400, "This sign-in is over. Start again from the app.");
  const auto asked = std::move(found->second);
  asked_.erase(found);
  if (value_of(form, "decision") != "allow")
    return redirect(asked, 303, {{"error", "access_denied"}});
  const auto account = find_account(value_of(form, "account"));
  if (!account)
    return error_page(400, "Nobody with this account can sign in here.");
  std::vector<std::string> scopes;
  for (const auto& [name, value] : form)
    if (name == "scope" && std::ranges::count(asked.scopes, value) > 0)
      scopes.push_back(value);
  for (const auto* always :
       {&grants_.policy().required_scopes, &grants_.policy().registered_scopes})
    for (const auto& scope : *always)
      if (std::ranges::count(scopes, scope) == 0)
        scopes.push_back(scope);
  return agree(asked, 303, *account, std::move(scopes), now);
}

bool oauth_server::is_registered(std::string_view redirect_uri) const {
  const auto loopback = without_port(redirect_uri);
  return std::ranges::any_of(client_.redirect_uris, [&](const std::string& registered) {
    return registered == redirect_uri || (loopback && without_port(registered) == loopback);
  });
}

std::string oauth_server::read_scopes(const query_parameters& query, request_state& asked) const {
  const auto& policy = grants_.policy();
  if (!policy.registered_scopes.empty()) {
    asked.scopes = policy.registered_scopes;
    return {};
  }
  asked.scopes = oauth::split_scopes(value_of(query, "scope"));
  const auto is_known = [&](const std::string& scope) {
    return policy.known_scopes.empty() || std::ranges::count(policy.known_scopes, scope) > 0;
  };
  const auto is_asked
      = [&](const std::string& scope) { return std::ranges::count(asked.scopes, scope) > 0; };
  if (!std::ranges::all_of(asked.scopes, is_known)
      || !std::ranges::all_of(policy.required_scopes, is_asked))
    return "invalid_scope";
  for (auto& scope : oauth::split_scopes(value_of(query, "optional_scope")))
    if (is_known(scope) && !is_asked(scope)) // granted where the account can have it
      asked.scopes.push_back(std::move(scope));
  return {};
}

http_response oauth_server::redirect(const request_state& asked, int status,
                                     query_parameters answer) const {
  if (!asked.state.empty())
    answer.emplace_back("state", asked.state);
  if (!grants_.policy().issuer.empty())
    answer.emplace_back("iss", grants_.policy().issuer);
  http_response response{status, {}};
  response.headers.add("Location", with_query(asked.redirect_uri, answer));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http_response oauth_server::agree(const request_state& asked, int status, size_t account,
                                  std::vector<std::string> scopes, wall_time now) {
  const bool again = grants_.policy().offline_once && !asked.prompted && grants_.holds(account);
  consent agreed{account, std::move(scopes), asked.offline && !again};
  const auto code = grants_.issue_code(std::move(agreed), asked.redirect_uri, asked.challenge, now);
  return redirect(asked, status, {{"code", code}});
}

std::string oauth_server::consent_page(const std::string& ticket,
                                       const request_state& asked) const {
  std::string form = "<form method=\"post\" action=\"" + escaped(authorize_path) + "\">";
  form += "<input type=\"hidden\" name=\"ticket\" value=\"" + ticket + "\">";
  form += "<fieldset><legend>Sign in as</legend>";
  for (size_t i = 0; i < accounts_.size(); ++i)
    form += option("radio", "account", accounts_[i].id,
                   accounts_[i].name + " (" + accounts_[i].login + ")",
                   i == asked.account.value_or(0));
  form += "</fieldset><fieldset><legend>Allow</legend>";
  const bool as_a_whole = !grants_.policy().registered_scopes.empty();
  for (const auto& scope : asked.scopes)
    form += as_a_whole ? "<p>" + escaped(scope) + "</p>"
                       : option("checkbox", "scope", scope, scope, true);
  form += "</fieldset><button name=\"decision\" value=\"allow\">Allow</button> "
          "<button name=\"decision\" value=\"deny\">Deny</button></form>";
  return "<h1>" + escaped(client_.name)
         + " asks for access</h1><p>This is a simulated provider: "
           "no password is needed.</p>"
         + form;
}

token_outcome oauth_server::token(const query_parameters& form, std::string_view authorization,
                                  wall_time now) {
  if (has_duplicate(form))
    return token_refusal::bad_request;
  if (const auto refused = refuse_client(form, authorization))
    return *refused;
  const auto grant_type = value_of(form, "grant_type");
  if (grant_type == "authorization_code") {
    const auto code = value_of(form, "code");
    const auto redirect_uri = value_of(form, "redirect_uri");
    if (code.empty() || redirect_uri.empty())
      return token_refusal::bad_request;
    return grants_.exchange(code, redirect_uri, value_of(form, "code_verifier"), now);
  }
  if (grant_type == "refresh_token") {
    const auto refresh_token = value_of(form, "refresh_token");
    if (refresh_token.empty())
      return token_refusal::bad_request;
    return grants_.refresh(refresh_token, oauth::split_scopes(value_of(form, "scope")), now);
  }
  return grant_type.empty() ? token_refusal::bad_request : token_refusal::unsupported_grant;
}

std::optional<token_refusal> oauth_server::refuse_client(const query_parameters& form,
                                                         std::string_view authorization) const {
  const auto proof = grants_.policy().proof;
  const auto id = value_of(form, "client_id");
  const auto in_form = value_of(form, "client_secret");
  if (!authorization.empty()) {
    if (proof == client_proof::form || proof == client_proof::none || !in_form.empty())
      return token_refusal::bad_request; // one method only: RFC 6749 section 2.3
    const auto pair = percent_encode(client_.id) + ":" + percent_encode(client_.client_secret);
    return authorization == "Basic " + base64(pair) ? std::nullopt
                                                    : std::optional{token_refusal::bad_client_id};
  }
  if (proof == client_proof::basic || id != client_.id)
    return token_refusal::bad_client_id;
  const bool proved
      = proof == client_proof::none ? in_form.empty() : in_form == client_.client_secret;
  return proved ? std::nullopt : std::optional{token_refusal::bad_client_secret};
}

} // namespace nexte::simulation
