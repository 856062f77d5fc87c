#include "actors/authorizer.hpp"

#include "actors/policy/backoff.hpp"
#include "protocol/oauth/token_endpoint.hpp"

#include <caf/send.hpp>

#include <exception>
#include <utility>
#include <variant>

namespace nexte {

authorizer_actor::behavior_type authorizer_state::make_behavior(authorizer_deps deps) {
  deps_ = std::move(deps);
  self_->set_exception_handler([this](std::exception_ptr&) -> caf::error {
    fail("bug", "The sign-in failed by a defect of this program. Try Reconnect.");
    return caf::make_error(caf::sec::runtime_error);
  });
  open();
  return {
      [this](const callback_hit& hit) { on_hit(hit.query); },
      [this](const call_done& fact) {
        if (fact.call != call_ || ended_)
          return;
        if (auto waiting = std::exchange(waiting_fetch_, nullptr))
          return waiting(fact.end->answer.response);
        on_exchanged(fact.end->answer);
      },
      [this](timer_due due) {
        if (due.slot == slot_give_up)
          give_up();
        else if (!ended_)
          exchange();
      },
      [this](const abandon& why) { fail(why.code, why.sentence); },
  };
}

void authorizer_state::open() {
  const auto& provider = *deps_.provider;
  redirect_uri_ = provider.settings.redirect;
  if (redirect_uri_ == "loopback") {
    // The listener's thread decides whether a hit is an answer, so that the page says so at once.
    auto opened = deps_.ports->listeners->open(
        provider.description->name,
        [me = weak(self_), state = deps_.state,
         issuer = provider.description->issuer](std::string_view query) {
          if (std::holds_alternative<oauth::stray_callback>(
                  oauth::read_callback(query, state, issuer)))
            return false;
          if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(me))
            caf::anon_send(caf::actor_cast<authorizer_actor>(alive),
                           callback_hit{std::string{query}});
          return true;
        });
    if (!opened) {
      deps_.authorization_url(opened.failure());
      return fail("callback_refused", opened.failure().line());
    }
    listener_ = *std::move(opened);
    redirect_uri_ = listener_->redirect_uri();
  }
  pkce_ = oauth::make_pkce(deps_.ports->random);
  deps_.authorization_url(oauth::authorization_url(
      provider.app, redirect_uri_, scopes_to_ask(provider), deps_.state, pkce_.challenge));
  self_->send(deps_.timers,
              set_timer{weak(self_), deps_.ports->steady_now() + consent_max, {slot_give_up, 0}});
}

void authorizer_state::on_hit(const std::string& query) {
  if (code_ || ended_)
    return; // the same code twice: the first one wins
  auto read = oauth::read_callback(query, deps_.state, deps_.provider->description->issuer);
  if (auto* refused = std::get_if<oauth::refused_consent>(&read))
    return fail(std::move(refused->code), std::move(refused->sentence));
  if (auto* granted = std::get_if<oauth::granted_code>(&read)) {
    code_ = std::move(granted->code);
    listener_.reset();
    exchange();
  }
}

void authorizer_state::exchange() {
  ++tries_;
  transmit(oauth::exchange_request(deps_.provider->app, *code_, redirect_uri_, pkce_.verifier));
}

void authorizer_state::on_exchanged(const http_answer& answer) {
  if (!answer.response)
    return retry_exchange("network", deps_.provider->description->title + " cannot be reached: "
                                         + answer.response.failure().line() + ".");
  auto read = oauth::read_token_answer(*deps_.provider->description, *answer.response, now());
  if (auto* failure = std::get_if<oauth::token_failure>(&read)) {
    if (failure->kind == oauth::token_failure_kind::transient)
      return retry_exchange(std::move(failure->code), std::move(failure->sentence));
    return fail(std::move(failure->code), std::move(failure->sentence));
  }
  auto& grant = std::get<oauth::token_grant>(read);
  tokens_ = std::move(grant.tokens);
  if (grant.identity)
    return succeed(*std::move(grant.identity));
  identify();
}

void authorizer_state::retry_exchange(std::string code, std::string sentence) {
  if (tries_ >= exchange_tries_max)
    return fail(std::move(code), std::move(sentence) + " Try Reconnect.");
  self_->send(deps_.timers, set_timer{weak(self_),
                                      deps_.ports->steady_now() + backoff_wait(tries_, {}),
                                      {slot_retry, 0}});
}

void authorizer_state::identify() {
  const auto& provider = *deps_.provider;
  if (!provider.description->identify)
    return fail("account_unknown",
                provider.description->title + " did not say who signed in. Try Reconnect.");
  identification_.emplace(provider.description->identify(*this, api_base_of(provider, tokens_)));
  identification_->start([this](result<account_identity> who) {
    if (who)
      succeed(*std::move(who));
    else
      fail("account_unknown", deps_.provider->description->title
                                  + " could not be asked who signed in: " + who.failure().what
                                  + ". Try Reconnect.");
  });
}

void authorizer_state::succeed(account_identity account) {
  if (std::exchange(ended_, true))
    return;
  self_->send(deps_.supervisor,
              consent_ended{deps_.attempt, consent_grant{std::move(tokens_), std::move(account)}});
  self_->quit();
}

void authorizer_state::fail(std::string code, std::string sentence) {
  if (std::exchange(ended_, true))
    return;
  self_->send(deps_.supervisor,
              consent_ended{deps_.attempt, consent_failed{std::move(code), std::move(sentence)}});
  self_->quit();
}

void authorizer_state::give_up() {
  if (code_)
    return fail("exchange_timeout", deps_.provider->description->title
                                        + " did not finish the sign-in in time. Try Reconnect.");
  if (!listener_)
    return fail("consent_timeout", "The sign-in was not finished in time. Try Reconnect.");
  if (listener_->heard_tls())
    return fail(
        "callback_tls",
        "The browser came back but insists on https, which the address " + redirect_uri_
            + " on this computer cannot have. Switch its https-only mode off for 127.0.0.1, "
              "or use another browser, then try Reconnect.");
  fail("callback_missing",
       "The browser did not come back in time. If the sign-in was finished there, something on "
       "this computer (antivirus, firewall, proxy) intercepts the address "
           + redirect_uri_ + ": let the browser reach it without a proxy, then try Reconnect.");
}

wall_time authorizer_state::now() const {
  return deps_.ports->wall_now();
}

void authorizer_state::start_fetch(http_request request,
                                   std::function<void(result<http_response>)> on_done) {
  request.headers.set("Authorization", "Bearer " + std::string{tokens_.access_token.reveal()});
  waiting_fetch_ = std::move(on_done);
  transmit(std::move(request));
}

void authorizer_state::start_emit(page, std::function<void(result<done_t>)> on_done) {
  on_done(error{ec::bug, "who signed in was answered with records"});
}

void authorizer_state::transmit(http_request request) {
  ++call_;
  deps_.ports->net->call(std::move(request), [me = weak(self_), call = call_](http_answer answer) {
    if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(me))
      caf::anon_send(caf::actor_cast<authorizer_actor>(alive),
                     call_done{call, 0, std::make_shared<call_end>(std::move(answer)), {}});
  });
}

authorizer_actor::behavior_type
authorizer(authorizer_actor::stateful_pointer<authorizer_state> self, authorizer_deps deps) {
  return state_of(self).make_behavior(std::move(deps));
}

} // namespace nexte
