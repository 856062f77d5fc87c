#include "protocol/simulation/oauth_policy.hpp"

namespace nexte::simulation {

using std::chrono::days;

oauth_policy hubspot_policy() {
  oauth_policy policy;
  policy.response_type_required = false;
  policy.bad_scope_shows_page = true;
  policy.revoke_ends_access = false;
  policy.access_revoke_ends_grant = false;
  policy.access_life = seconds{1800};
  policy.required_scopes = {"oauth"};
  return policy;
}

oauth_policy google_policy() {
  oauth_policy policy;
  policy.refresh_repeats_token = false;
  policy.offline = offline_rule::access_type_parameter;
  policy.offline_once = true;
  policy.access_life = seconds{3599};
  policy.refresh_idle_max = days{180};
  policy.grants_per_account_max = 100;
  policy.access_prefix = "ya29.";
  policy.refresh_prefix = "1//";
  return policy;
}

oauth_policy entra_policy() {
  oauth_policy policy;
  policy.rotation = rotation_rule::keep_both;
  policy.offline = offline_rule::offline_access_scope;
  policy.proof = client_proof::none;
  policy.pkce_required = true;
  policy.access_life = seconds{3600};
  policy.refresh_idle_max = days{90};
  policy.refresh_prefix = "0.";
  return policy;
}

oauth_policy pipedrive_policy() {
  oauth_policy policy;
  policy.rotation = rotation_rule::rotate;
  policy.proof = client_proof::basic;
  policy.response_type_required = false;
  policy.access_life = seconds{3599};
  policy.code_life = seconds{300};
  policy.access_revoke_ends_grant = false;
  policy.refresh_idle_max = days{60};
  policy.access_prefix = "v1u:";
  return policy;
}

oauth_policy notion_policy() {
  oauth_policy policy;
  policy.rotation = rotation_rule::rotate;
  policy.proof = client_proof::basic;
  policy.access_prefix = "ntn_";
  policy.refresh_prefix = "nrt_";
  return policy;
}

} // namespace nexte::simulation
