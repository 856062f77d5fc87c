// The addresses below /oauth: token, introspection, revocation, in their generations.
#include "protocol/hubspot/simulator.hpp"

#include "protocol/core/text.hpp"

namespace nexte::simulation {

using namespace hubspot;

namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

std::string form_value(const query_parameters& form, std::string_view name) {
  const auto* value = find_parameter(form, name);
  return value ? *value : std::string{};
}

} // namespace

http_response hubspot_simulator::serve_oauth(const http_request& request, std::string_view path,
                                             wall_time now) {
  path.remove_prefix(std::string_view{"/oauth/"}.size());
  const auto version = path.substr(0, path.find('/'));
  const auto what = path.substr(std::min(path.size(), version.size() + 1));
  const bool is_v1 = version == "v1";
  const bool is_dated = version == "v3" || version == "2026-03" || version == "2026-09";
  for (const auto* kind : {"access-tokens/", "refresh-tokens/"})
    if (is_v1 && what.starts_with(kind)) {
      const auto token = percent_decode(what.substr(std::string_view{kind}.size()), false);
      return serve_legacy_tokens(request.method, kind, token.value_or(""), now);
    }
  const bool is_known = what == "token" || (is_dated && what == "token/introspect")
                        || (is_dated && what == "token/revoke");
  if ((!is_v1 && !is_dated) || !is_known)
    return refused({404, "OBJECT_NOT_FOUND", "resource not found"});
  if (request.method != "POST")
    return refused({405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed"});
  if (!request.headers.get("Content-Type").starts_with(form_type))
    return refused({415, "VALIDATION_ERROR", "The Content-Type must be " + std::string{form_type}});
  auto form = parse_query(request.body);
  const auto mark = request.url.find('?');
  if (form && is_v1 && mark != std::string::npos) // only the old endpoint reads its query
    if (auto query = parse_query(std::string_view{request.url}.substr(mark + 1)))
      form->insert(form->end(), query->begin(), query->end());
  const auto dialect = is_v1 ? token_dialect::v1 : token_dialect::dated;
  if (!form)
    return render_refusal(token_refusal::bad_request, dialect);
  const auto authorization = request.headers.get("Authorization");
  if (what == "token")
    return serve_token(*form, authorization, dialect, now);
  ++traffic_.requests[what == "token/revoke" ? "oauth.revoke" : "oauth.introspect"];
  if (const auto why = oauth_.refuse_client(*form, authorization))
    return render_refusal(*why, dialect);
  const auto token = form_value(*form, "token");
  if (token.empty())
    return render_refusal(token_refusal::bad_request, dialect);
  if (what == "token/revoke") {
    oauth_.grants().revoke(token); // an unknown token is no error: RFC 7009 section 2.2
    return http_response{200, {}};
  }
  const auto* view = oauth_.grants().find_access(token);
  if (view && now >= view->expires_at)
    view = nullptr;
  return render_introspection(view, view ? &portals_[view->granted.account] : nullptr,
                              oauth_.client().id, token, now);
}

http_response hubspot_simulator::serve_token(const query_parameters& form,
                                             std::string_view authorization, token_dialect dialect,
                                             wall_time now) {
  const bool refreshes = form_value(form, "grant_type") == "refresh_token";
  ++traffic_.requests[refreshes ? "oauth.refresh" : "oauth.exchange"];
  if (const auto* held
      = refreshes ? oauth_.grants().find_refresh(form_value(form, "refresh_token"), now) : nullptr;
      held && portals_[held->account].gone)
    return render_refusal(token_refusal::account_gone, dialect);
  const auto outcome = oauth_.token(form, authorization, now);
  if (const auto* why = std::get_if<token_refusal>(&outcome))
    return render_refusal(*why, dialect);
  const auto& tokens = std::get<issued_tokens>(outcome);
  return render_tokens(tokens, portals_[tokens.granted.account], dialect);
}

http_response hubspot_simulator::serve_legacy_tokens(std::string_view method, std::string_view kind,
                                                     std::string_view token, wall_time now) {
  auto& grants = oauth_.grants();
  if (kind == "access-tokens/" && method == "GET") {
    ++traffic_.requests["oauth.introspect"];
    const auto* view = grants.find_access(token);
    if (!view || now >= view->expires_at)
      return refused({404, "OBJECT_NOT_FOUND", "resource not found"});
    return render_access_token(*view, portals_[view->granted.account], now);
  }
  if (kind == "refresh-tokens/" && (method == "GET" || method == "DELETE")) {
    ++traffic_.requests[method == "GET" ? "oauth.introspect" : "oauth.revoke"];
    const auto* held = grants.find_refresh(token, now);
    if (!held)
      return refused({404, "OBJECT_NOT_FOUND", "resource not found"});
    if (method == "GET")
      return render_refresh_token(*held, portals_[held->account], oauth_.client().id, token);
    grants.revoke(token);
    return http_response{204, {}};
  }
  return refused({405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed"});
}

} // namespace nexte::simulation
