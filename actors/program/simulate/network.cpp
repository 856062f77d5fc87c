#include "actors/program/simulate/network.hpp"

#include "protocol/http/url.hpp"
#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace nexte::program {
namespace {

using enum fault_site;
using namespace std::chrono_literals;

constexpr wall_time start_at{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
/// More calls of one account at once than any connector has reason for.
constexpr unsigned under_way_max = 64;
constexpr auto client_gives_up = 30s;

std::string bearer_of(const http_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request.headers.get("Authorization");
  return field.starts_with(scheme) ? std::string{field.substr(scheme.size())} : std::string{};
}

/// A member of a form body; empty when the body is none or lacks it.
std::string form_value(const http_request& request, std::string_view name) {
  const auto form = parse_query(request.body);
  const auto* value = form ? find_parameter(*form, name) : nullptr;
  return value ? *value : std::string{};
}

constexpr std::string_view mark_begin = "written-here-";

http_answer lost(std::string why, bool sent) {
  return {error{ec::transport, std::move(why)}, sent};
}

} // namespace

std::string mark_of(uint64_t edit) {
  return std::string{mark_begin} + std::to_string(edit) + ".";
}

void simulated_network::add(std::string base, simulation::simulator* provider) {
  provider->mount(base);
  auto made = std::make_unique<mounted>();
  made->base = std::move(base);
  made->provider = provider;
  mounted_.push_back(std::move(made));
}

wall_time simulated_network::provider_now() const {
  return start_at + ports_.elapsed() + skew;
}

void simulated_network::cut() {
  ++process_;
  under_way_.clear();
  not_before_.clear(); // waits are not durable, nor need they be: the limiter starts with care
  for (auto& one : mounted_) {
    one->refreshing.clear();
    forgiven_until_
        = std::max(forgiven_until_, ports_.elapsed() + one->provider->observed()->longest_window());
  }
}

simulated_network::flight simulated_network::look(const http_request& request) {
  flight call;
  for (const auto& one : mounted_)
    if (simulation::is_under(request.url, one->base))
      call.to = one.get();
  call.access_token = bearer_of(request);
  if (form_value(request, "grant_type") == "refresh_token")
    call.refresh_token = form_value(request, "refresh_token");
  for (const auto* token : {&call.access_token, &call.refresh_token})
    secrets.add(*token);
  if (!call.to)
    return call;
  call.path = request.url.substr(call.to->base.size());
  call.path.erase(std::min(call.path.find('?'), call.path.size()));
  if (!call.access_token.empty())
    call.account = call.to->provider->observed()->owner_of(call.access_token);
  call.label.append(call.to->provider->provider());
  if (call.account)
    call.label.append("#").append(std::to_string(*call.account));
  call.place = call.label + " " + request.method + " " + call.path;
  call.label = call.place;
  // Two integrations of one account may ask the same, with tokens of their own.
  call.request = call.access_token + request.url + request.body;
  return call;
}

void simulated_network::check(const flight& call, const http_request& request) {
  const bool secret = !call.access_token.empty() || !request.body.empty();
  if (!call.to) {
    if (secret)
      ports_.rules->broken(invariant::token_stays_home, "a token went to " + request.url);
    return;
  }
  for (const auto& waits : {call.place, call.request})
    if (const auto wait = not_before_.find(waits);
        wait != not_before_.end() && ports_.elapsed() < wait->second)
      ports_.rules->broken(invariant::waits_out_retry_after,
                           call.place + " was sent "
                               + std::to_string((wait->second - ports_.elapsed()).count())
                               + " ms before its Retry-After",
                           call.place.substr(0, call.place.find(' ')));
  if (!call.refresh_token.empty() && !call.to->refreshing.insert(call.refresh_token).second)
    ports_.rules->broken(invariant::one_refresh_at_a_time,
                         "a refresh token was sent while it was under way");
  if (call.account && call.to->refreshed.erase(call.access_token) > 0
      && !ports_.is_durable(call.to->provider->provider(), *call.account, call.access_token))
    ports_.rules->broken(invariant::token_durable_before_use,
                         call.place + " used a token that is not on disk");
}

void simulated_network::fail(std::string_view provider, milliseconds span) {
  for (auto& one : mounted_)
    if (one->provider->provider() == provider)
      one->fails_until = ports_.elapsed() + span;
}

void simulated_network::heal() {
  for (auto& one : mounted_)
    one->fails_until = milliseconds{0};
}

bool simulated_network::strikes(flight& call, fault_site site) {
  if (!ports_.faults->strikes(site))
    return false;
  call.label.append(" !").append(fault_sites()[static_cast<size_t>(site)].name);
  return true;
}

void simulated_network::call(http_request request, done on_done) {
  ++calls;
  auto flying = std::make_shared<flight>(look(request));
  check(*flying, request);
  if (!flying->to)
    return on_done({error{ec::refused, "this address is not allowed"}, false});
  if (strikes(*flying, connector_throws)) {
    ports_.told->add(ports_.elapsed(), flying->label);
    flying->to->refreshing.erase(flying->refresh_token);
    throw std::runtime_error{"a defect that the simulation planted"};
  }
  const auto owner = flying->place.substr(0, flying->place.find(' '));
  if (++under_way_[owner] > under_way_max)
    ports_.rules->broken(invariant::calls_bounded,
                         owner + " has " + std::to_string(under_way_[owner]) + " calls at once",
                         owner);
  flying->takes = milliseconds{20 + static_cast<int64_t>(latency_.below(180))};
  perform(*flying, request);
  const auto& answer = flying->answer;
  ports_.told->add(
      ports_.elapsed(),
      flying->label + " "
          + (answer.response ? std::to_string(answer.response->status) : std::string{"lost"}));
  if (flying->never) { // whoever waits for it must give it up some day
    --under_way_[owner];
    flying->to->refreshing.erase(flying->refresh_token);
    return;
  }
  ports_.events->at(ports_.elapsed() + flying->takes,
                    [this, flying, owner, from = process_, on_done = std::move(on_done)] {
                      if (from != process_)
                        return;
                      --under_way_[owner];
                      note_end(*flying);
                      on_done(std::move(flying->answer));
                    });
}

http_response simulated_network::browse(const http_request& request) {
  for (const auto& one : mounted_)
    if (simulation::is_under(request.url, one->base))
      return one->provider->handle(request, provider_now());
  return {404, ""};
}

bool simulated_network::fail_on_the_way(flight& call, const http_request& request) {
  if (strikes(call, refused)) {
    call.answer = lost("the connection was refused", false);
  } else if (strikes(call, reset_before)) {
    call.answer = lost("the connection broke", true);
  } else if (strikes(call, reset_after)) {
    static_cast<void>(handle(call, request));
    call.answer = lost("the connection broke before an answer", true);
  } else if (!call.refresh_token.empty() && strikes(call, rotation_lost)) {
    static_cast<void>(handle(call, request));
    call.answer = lost("the connection broke before the tokens came", true);
  } else if (strikes(call, stalled)) {
    if (ports_.faults->below(stalled, 2) == 0)
      static_cast<void>(handle(call, request));
    call.takes = client_gives_up;
    call.answer = lost("no answer within 30 s", true);
  } else if (strikes(call, never_answered)) {
    call.never = true;
  } else {
    return false;
  }
  return true;
}

bool simulated_network::refuse_at_the_door(flight& call) {
  http_response answer;
  const auto limit = [&](const std::string& retry_after) {
    answer = http_response{429, R"({"status":"error","message":"too many requests"})",
                           "application/json"};
    if (!retry_after.empty())
      answer.headers.set("Retry-After", retry_after);
  };
  const auto wait = [&](fault_site site) { return seconds{ports_.faults->below(site, 90)}; };
  if (ports_.elapsed() < call.to->fails_until) {
    answer = http_response{500, "upstream failed"};
  } else if (strikes(call, server_error)) {
    constexpr int statuses[] = {500, 502, 504};
    answer = http_response{statuses[ports_.faults->below(server_error, 3)], "upstream failed"};
  } else if (strikes(call, unavailable)) {
    answer = http_response{503, ""};
    answer.headers.set("Retry-After", std::to_string(wait(unavailable).count()));
  } else if (strikes(call, limited_seconds)) {
    limit(std::to_string(wait(limited_seconds).count()));
  } else if (strikes(call, limited_date)) {
    limit(format_http_date(provider_now() + wait(limited_date)));
  } else if (strikes(call, limited_bare)) {
    limit({});
  } else if (strikes(call, limited_garbage)) {
    constexpr const char* nonsense[] = {"soon", "-5", "12:30", "0x10"};
    limit(nonsense[ports_.faults->below(limited_garbage, 4)]);
  } else if (strikes(call, login_page)) {
    answer
        = http_response{200, "<!DOCTYPE html><title>Sign in to the network</title>", "text/html"};
  } else if (strikes(call, broken_json)) {
    answer = http_response{200, R"({"results": [{"id": )", "application/json"};
  } else if (strikes(call, oversized)) {
    call.answer = {error{ec::refused, "the answer is past the limit of 32 MiB"}, true};
    return true;
  } else if (strikes(call, redirected)) {
    answer = http_response{302, ""};
    answer.headers.set("Location", "https://elsewhere.example/");
  } else {
    return false;
  }
  answer.headers.set("Date", format_http_date(provider_now()));
  call.answer = {std::move(answer), true};
  return true;
}

http_response simulated_network::handle(flight& call, const http_request& request) {
  auto& seen = *call.to->provider->observed();
  const auto before = seen.quota_violations();
  auto answer = call.to->provider->handle(request, provider_now());
  if (seen.quota_violations() > before && ports_.elapsed() >= forgiven_until_)
    ports_.rules->broken(invariant::quota_kept, call.place + " found its quota window full",
                         call.place.substr(0, call.place.find(' ')));
  if (request.method != "GET" && answer.status / 100 == 2)
    note_marks(request.body);
  answer.headers.set("Date", format_http_date(provider_now()));
  return answer;
}

void simulated_network::note_marks(std::string_view body) {
  for (auto at = body.find(mark_begin); at != body.npos; at = body.find(mark_begin, at)) {
    at += mark_begin.size();
    uint64_t number = 0;
    std::from_chars(body.data() + at, body.data() + body.size(), number);
    marks.insert(number);
  }
}

void simulated_network::perform(flight& call, const http_request& request) {
  if (fail_on_the_way(call, request) || refuse_at_the_door(call))
    return;
  if (strikes(call, delivered_twice)) {
    forgiven_until_ = ports_.elapsed() + call.to->provider->observed()->longest_window();
    static_cast<void>(handle(call, request));
  }
  auto good = handle(call, request);
  if (good.status == simulation::no_answer) {
    call.answer = lost("the connection broke before an answer", true);
    return;
  }
  call.takes += simulation::take_delay(good);
  spoil(call, std::move(good));
}

void simulated_network::spoil(flight& call, http_response good) {
  if (strikes(call, cut_body)) {
    call.answer = lost("the answer ended early", true);
    return;
  }
  if (strikes(call, wrong_type))
    good.headers.set("Content-Type", "text/plain");
  if (strikes(call, slow))
    call.takes += milliseconds{ports_.faults->below(slow, 20'000)};
  call.answer = {std::move(good), true};
}

void simulated_network::note_end(const flight& call) {
  if (!call.refresh_token.empty())
    call.to->refreshing.erase(call.refresh_token);
  if (!call.answer.response)
    return;
  const auto& answer = *call.answer.response;
  if (!call.refresh_token.empty() && answer.status == 200) {
    const auto read = json::parse_value(*answer.body);
    if (read && read->is_object())
      call.to->refreshed.insert(std::string{read->string_or_empty("access_token")});
  }
  if (answer.status == 429 || answer.status == 503) {
    const auto asked = parse_retry_after(answer.headers.get("Retry-After"),
                                         answer.headers.get("Date"), provider_now());
    // Beyond an hour the engine may look whether the provider meant it.
    // A 429 speaks of the account's quota, a 503 of this request.
    if (asked && *asked <= 1h && call.account)
      not_before_[answer.status == 429 ? call.place : call.request] = ports_.elapsed() + *asked;
  }
}

} // namespace nexte::program
