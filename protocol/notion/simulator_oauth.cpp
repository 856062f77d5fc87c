// The addresses below /v1/oauth: token, revocation, introspection (notion.md §1.1, §1.2).
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/notion/simulator.hpp"

#include <algorithm>
#include <array>

namespace nexte::simulation {

namespace {

struct refusal_words {
  token_refusal why;
  int status;
  std::string_view error;
};

constexpr refusal_words words[] = {
    {token_refusal::bad_request, 400, "invalid_request"},
    {token_refusal::unsupported_grant, 400, "unsupported_grant_type"},
    {token_refusal::bad_client_id, 401, "invalid_client"},
    {token_refusal::bad_client_secret, 401, "invalid_client"},
    {token_refusal::bad_code, 400, "invalid_grant"},
    {token_refusal::bad_redirect, 400, "invalid_grant"},
    {token_refusal::bad_verifier, 400, "invalid_grant"},
    {token_refusal::bad_refresh, 400, "invalid_grant"},
    {token_refusal::bad_scope, 400, "invalid_request"},
    {token_refusal::account_gone, 400, "invalid_grant"},
};

constexpr std::array<std::string_view, 5> token_members
    = {"grant_type", "code", "redirect_uri", "refresh_token", "external_account"};
constexpr std::array<std::string_view, 1> one_token = {"token"};

http_response oauth_answer(int status, json::writer& out, seeded_random& random) {
  out.key("request_id").value(random_uuid(random)).end_object();
  http_response answer{status, out.take(), "application/json; charset=utf-8"};
  if (status == 401)
    answer.headers.add("WWW-Authenticate", "Basic realm=\"OAuth\"");
  return answer;
}

http_response render_refusal(token_refusal why, seeded_random& random) {
  const auto* found = std::ranges::find(words, why, &refusal_words::why);
  json::writer out;
  out.begin_object().key("error").value(found->error);
  return oauth_answer(found->status, out, random);
}

} // namespace

http_response notion_simulator::serve_oauth(const http_request& request, std::string_view path,
                                            wall_time now) {
  const auto action = path.substr(path.rfind('/') + 1);
  const bool tells_token = action == "revoke" || action == "introspect";
  if ((!tells_token && action != "token") || request.method != "POST")
    return refused(400, "invalid_request_url", "Invalid request URL.");
  const auto authorization = request.headers.get("Authorization");
  if (const auto why = oauth_.refuse_client({}, authorization))
    return render_refusal(*why, random_);
  if (request.headers.get("Notion-Version").empty())
    return refused(400, "missing_version",
                   "Notion-Version header failed validation: Notion-Version header should be "
                   "defined, instead was `undefined`.");
  const auto body = json::parse_value(request.body);
  if (!request.headers.get("Content-Type").starts_with("application/json") || !body
      || !body->is_object())
    return refused(400, "invalid_json", "Error parsing JSON body.");
  query_parameters members;
  for (const auto& [name, member] : body->members) {
    const bool known = tells_token ? std::ranges::count(one_token, name) > 0
                                   : std::ranges::count(token_members, name) > 0;
    if (!known || !member.is_string())
      return invalid("body failed validation: body." + name
                     + (known ? " should be a string." : " should be not present."));
    members.emplace_back(name, member.text);
  }
  if (!tells_token)
    return serve_token(members, authorization, now);
  ++traffic_.requests["oauth." + std::string{action}];
  const auto* token = find_parameter(members, "token");
  if (!token || token->empty())
    return invalid("body failed validation: body.token should be defined, instead was "
                   "`undefined`.");
  json::writer out;
  out.begin_object();
  if (action == "revoke") {
    oauth_.grants().revoke(*token);
  } else {
    const auto* known = oauth_.grants().find_access(*token);
    out.key("active").value(known && now < known->expires_at);
  }
  return oauth_answer(200, out, random_);
}

http_response notion_simulator::serve_token(const query_parameters& members,
                                            std::string_view authorization, wall_time now) {
  const auto* grant_type = find_parameter(members, "grant_type");
  ++traffic_.requests[grant_type && *grant_type == "refresh_token" ? "oauth.refresh"
                                                                   : "oauth.exchange"];
  const auto outcome = oauth_.token(members, authorization, now);
  if (const auto* why = std::get_if<token_refusal>(&outcome))
    return render_refusal(*why, random_);
  const auto& tokens = std::get<issued_tokens>(outcome);
  const auto& at = workspaces_[tokens.granted.account];
  json::writer out;
  out.begin_object().key("access_token").value(tokens.access_token);
  out.key("token_type").value("bearer").key("refresh_token").value(tokens.refresh_token);
  out.key("bot_id").value(at.bot_id).key("workspace_id").value(at.id);
  out.key("workspace_name").value(at.name).key("workspace_icon").null();
  out.key("owner").begin_object().key("type").value("user").key("user").begin_object();
  out.key("object").value("user").key("id").value(at.owner_id).end_object().end_object();
  out.key("duplicated_template_id").null();
  return oauth_answer(200, out, random_);
}

} // namespace nexte::simulation
