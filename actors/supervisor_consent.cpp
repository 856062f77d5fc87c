// Consent: attempts begin, hear their callback, end; and which integration the tokens belong to.
#include "actors/supervisor.hpp"

#include "actors/authorizer.hpp"
#include "protocol/http/url.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

/// One consent may be awaited by several: they all hear how it ended.
answer<connect_outcome> joined(std::vector<answer<connect_outcome>> outcomes) {
  return answer<connect_outcome>{
      [outcomes = std::move(outcomes)](const result<connect_outcome>& outcome) {
        for (const auto& one : outcomes)
          one(outcome);
      }};
}

} // namespace

void supervisor_state::begin_consent(connect_command& command) {
  auto* one = find(command.id);
  if (!one) {
    command.authorization_url(unknown_integration(command.id));
    return command.outcome(unknown_integration(command.id));
  }
  void_attempts(command.id, {"superseded", "Another sign-in was started; this one is void."});
  const auto number = next_attempt_++;
  authorizer_deps deps;
  deps.ports = deps_.ports;
  deps.provider = deps_.providers.at(one->provider).context;
  deps.timers = deps_.timers;
  deps.supervisor = self_;
  deps.attempt = number;
  deps.state = oauth::random_token(deps_.ports->random);
  deps.authorization_url = command.authorization_url;
  auto& begun = attempts_[number];
  begun.asked = command.id;
  begun.state = deps.state;
  begun.outcomes.push_back(command.outcome);
  begun.actor = self_->spawn(authorizer, std::move(deps));
  addressed_command news{command.id, nexte::consent_begun{}};
  route(news);
}

void supervisor_state::void_attempts(integration_id id, const abandon& why) {
  for (auto& [number, one] : attempts_)
    if (one.asked == id) {
      one.voided = why; // a grant may be on its way already
      self_->send(one.actor, why);
    }
}

void supervisor_state::deliver(callback_command& command) {
  const auto parameters = parse_query(command.query);
  const auto* state = parameters ? find_parameter(*parameters, "state") : nullptr;
  for (auto& [number, one] : attempts_)
    if (state && *state == one.state) {
      one.outcomes.push_back(command.outcome);
      return self_->send(one.actor, callback_hit{command.query});
    }
  command.outcome(error{ec::not_found, "no sign-in waits for this callback",
                        "start again with Connect or Reconnect and use the newest tab"});
}

void supervisor_state::end_consent(consent_ended& fact) {
  auto node = attempts_.extract(fact.attempt);
  if (!node)
    return;
  if (std::holds_alternative<consent_grant>(fact.outcome) && node.mapped().voided)
    fact.outcome = consent_failed{node.mapped().voided->code, node.mapped().voided->sentence};
  if (auto* grant = std::get_if<consent_grant>(&fact.outcome))
    return settle_consent(std::move(node.mapped()), std::move(*grant));
  const auto& failed = std::get<consent_failed>(fact.outcome);
  joined(std::move(node.mapped().outcomes))(error{ec::refused, failed.sentence});
  const auto asked = node.mapped().asked;
  const bool superseded = std::ranges::any_of(
      attempts_, [asked](const auto& other) { return other.second.asked == asked; });
  if (superseded)
    return; // the newer attempt is what the integration waits for
  addressed_command news{asked, failed};
  route(news);
}

/// The same account returns to its integration; another one has, or gets, an integration of its
/// own, and the one that was asked about stays as it was.
void supervisor_state::settle_consent(attempt ended, consent_grant grant) {
  const auto& asked = children_.at(ended.asked);
  auto target = find_account(asked, grant.account);
  if (target == integration_id{} && asked.account.id.empty())
    target = ended.asked;
  if (target != integration_id{})
    return adopt(target, ended.asked, std::move(grant), std::move(ended.outcomes));
  create(asked, grant.account.id, [this, ended, grant](const result<integration_id>& made) {
    if (made)
      return adopt(*made, ended.asked, grant, ended.outcomes);
    joined(ended.outcomes)(made.failure());
    addressed_command news{ended.asked, consent_failed{"storage", made.failure().line()}};
    route(news);
  });
}

integration_id supervisor_state::find_account(const child& like,
                                              const account_identity& account) const {
  for (const auto& [id, one] : children_)
    if (one.workspace == like.workspace && one.provider == like.provider
        && one.account.id == account.id)
      return id;
  return {};
}

void supervisor_state::adopt(integration_id target, integration_id asked, consent_grant grant,
                             std::vector<answer<connect_outcome>> outcomes) {
  children_.at(target).account = grant.account;
  if (target != asked) {
    addressed_command news{
        asked, consent_failed{"other_account", "The sign-in was for another account, "
                                                   + grant.account.shown()
                                                   + ", which is an integration of its own."}};
    route(news);
  }
  addressed_command news{target, adopt_tokens{std::move(grant.tokens), std::move(grant.account),
                                              connect_outcome{target, target != asked},
                                              joined(std::move(outcomes))}};
  route(news);
}

} // namespace nexte
