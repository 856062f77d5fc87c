#include "actors/policy/quota_ledger.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

/// A cap counts like a window that lets each unit go at its answer.
quota_window as_window(const concurrency_cap& cap) {
  quota_window window;
  window.name = cap.name;
  window.limit = cap.limit;
  window.scope = cap.scope;
  window.endpoint = cap.endpoint;
  window.counts = quota_unit::request;
  return window;
}

unsigned units_of(const quota_window& rule, unsigned cost) {
  return rule.counts == quota_unit::request ? 1 : cost;
}

uint64_t owner_of(counter_scope scope, const quota_key& key) {
  switch (scope) {
    case counter_scope::app: return 0;
    case counter_scope::account: return key.account;
    case counter_scope::user: return key.user;
  }
  return 0;
}

} // namespace

quota_ledger::quota_ledger(std::vector<quota_window> windows,
                           const std::vector<concurrency_cap>& caps, steady_time now,
                           unsigned spent_percent)
    : rules_(std::move(windows)),
      endpoints_{""},
      started_at_(now),
      spent_percent_(std::min(spent_percent, 100u)) {
  for (const auto& cap : caps)
    rules_.push_back(as_window(cap));
  // A route lists its counters in the order of the rules: the app's go first.
  std::ranges::stable_sort(rules_, {}, &quota_window::scope);
  for (const auto& rule : rules_)
    if (rule.endpoint != every_endpoint
        && std::ranges::find(endpoints_, rule.endpoint) == endpoints_.end())
      endpoints_.push_back(rule.endpoint);
}

uint16_t quota_ledger::endpoint(std::string_view name) const {
  const auto found = std::ranges::find(endpoints_, name);
  return found == endpoints_.end() ? uint16_t{0}
                                   : static_cast<uint16_t>(found - endpoints_.begin());
}

quota_ledger::shared_counter& quota_ledger::counter_of(uint32_t rule, const quota_key& key,
                                                       steady_time now) {
  const auto& window = rules_[rule];
  const auto [at, is_new]
      = counters_.try_emplace({rule, owner_of(window.scope, key)}, window, counter_serial_ + 1);
  if (!is_new)
    return at->second;
  by_id_.emplace(++counter_serial_, &at->second);
  if (const auto known_due = started_at_ + at->second.counted_span(); known_due > now) {
    const auto spent = uint64_t{window.limit} * spent_percent_ / 100;
    at->second.assume(static_cast<unsigned>(std::min<uint64_t>(spent, window.limit - 1)),
                      known_due);
  }
  return at->second;
}

quota_ledger::route& quota_ledger::route_of(const quota_key& key, steady_time now) {
  const auto [at, is_new] = routes_.try_emplace(key);
  auto& way = at->second;
  way.used_at = now;
  if (is_new) {
    const auto& name = endpoints_[key.endpoint];
    for (uint32_t rule = 0; rule < rules_.size(); ++rule) {
      if (rules_[rule].endpoint != name && rules_[rule].endpoint != every_endpoint)
        continue;
      way.counters.push_back(&counter_of(rule, key, now));
      ++way.counters.back()->routes;
    }
  }
  return way;
}

quota_decision quota_ledger::take(const quota_key& key, unsigned cost, steady_time now) {
  auto& way = route_of(key, now);
  bool admitted = way.blocked_until <= now;
  for (auto* counter : way.counters)
    admitted = admitted && counter->admits(units_of(counter->rule(), cost), now);
  if (!admitted)
    return refusal(way, cost, now);
  for (auto* counter : way.counters)
    counter->take(units_of(counter->rule(), cost));
  ++way.open;
  quota_decision yes;
  yes.grant = grants_.insert({&way, cost, now});
  return yes;
}

/// Names the counter that keeps the request longest: of those of the app if one of them is against
/// it, else of all.
quota_decision quota_ledger::refusal(const route& way, unsigned cost, steady_time now) const {
  quota_decision no;
  no.retry_due = std::max(now, way.blocked_until);
  for (auto* counter : way.counters) {
    const bool app_wide = counter->rule().scope == counter_scope::app;
    if (no.app_wide && !app_wide)
      break;
    const auto next = counter->next_at(units_of(counter->rule(), cost), now);
    if (next && *next <= now)
      continue;
    no.app_wide = app_wide;
    if (no.retry_due && (!next || *next > *no.retry_due)) {
      no.retry_due = next;
      no.counter = counter->id;
    }
  }
  return no;
}

std::optional<steady_time> quota_ledger::next_at(const quota_key& key, unsigned cost,
                                                 steady_time now) {
  const auto& way = route_of(key, now);
  auto latest = std::max(now, way.blocked_until);
  for (auto* counter : way.counters) {
    const auto next = counter->next_at(units_of(counter->rule(), cost), now);
    if (!next)
      return std::nullopt;
    latest = std::max(latest, *next);
  }
  return latest;
}

void quota_ledger::close(open_grant grant, bool sent, steady_time now) {
  --grant.way->open;
  grant.way->used_at = now;
  for (auto* counter : grant.way->counters) {
    const auto units = units_of(counter->rule(), grant.cost);
    const bool is_cap = counter->rule().span == milliseconds{0};
    if (sent)
      counter->answered(units, now);
    else
      counter->take_back(units);
    wake(*counter, is_cap || !sent ? watched::release : watched::answer);
  }
}

void quota_ledger::answered(grant_id grant, steady_time now) {
  if (grants_.find(grant))
    close(grants_.erase(grant), true, now);
}

void quota_ledger::not_sent(grant_id grant, steady_time now) {
  if (grants_.find(grant))
    close(grants_.erase(grant), false, now);
}

/// The counter of that name; `or_narrowest`: else the narrowest one, a window rather than a cap.
quota_ledger::shared_counter* quota_ledger::find_counter(const route& way, std::string_view window,
                                                         bool or_narrowest) const {
  shared_counter* narrowest = nullptr;
  for (auto* counter : way.counters) {
    if (counter->rule().name == window)
      return counter;
    if (!narrowest || counter->rule().span > milliseconds{0})
      narrowest = counter;
  }
  return or_narrowest ? narrowest : nullptr;
}

void quota_ledger::limited(grant_id grant, std::string_view window, milliseconds wait,
                           steady_time now) {
  const auto* open = grants_.find(grant);
  if (!open)
    return;
  if (auto* counter = find_counter(*open->way, window, true))
    counter->limited(wait, now);
  else
    open->way->blocked_until = std::max(open->way->blocked_until, now + wait);
}

void quota_ledger::out_of_service(grant_id grant, milliseconds wait, steady_time now) {
  if (const auto* open = grants_.find(grant))
    open->way->blocked_until
        = std::max(open->way->blocked_until, now + std::min<milliseconds>(wait, outage_wait_max));
}

void quota_ledger::observe(grant_id grant, const quota_reading& reading, steady_time now) {
  const auto* open = grants_.find(grant);
  if (!open)
    return;
  if (auto* counter = find_counter(*open->way, reading.window, false)) {
    counter->observe(reading, units_of(counter->rule(), open->cost), now);
    wake(*counter, watched::release);
  }
}

quota_usage quota_ledger::usage(const quota_key& key, steady_time now) {
  quota_usage tightest;
  auto& way = route_of(key, now);
  for (auto* counter : way.counters) {
    const quota_usage one{counter->used(now), counter->limit(now), counter->rule().span,
                          std::nullopt};
    const bool is_cap = counter->rule().span == milliseconds{0};
    if (!is_cap && uint64_t{one.used} * tightest.limit >= uint64_t{tightest.used} * one.limit)
      tightest = one;
  }
  if (const auto next = next_at(key, 1, now); next && *next > now)
    tightest.back_due = next;
  return tightest;
}

void quota_ledger::watch(uint64_t counter, bool every_answer) {
  if (const auto at = by_id_.find(counter); at != by_id_.end()) {
    auto& wanted = at->second->wanted;
    wanted = std::max(wanted, every_answer ? watched::answer : watched::release);
  }
}

void quota_ledger::wake(shared_counter& counter, watched reason) {
  if (counter.wanted == watched::no || counter.wanted < reason)
    return;
  counter.wanted = watched::no;
  woken_.push_back(counter.id);
}

void quota_ledger::forget_idle(steady_time now) {
  std::vector<grant_id> lapsed;
  grants_.each([&](grant_id id, const open_grant& grant) {
    if (now - grant.granted_at >= grant_life_max)
      lapsed.push_back(id);
  });
  for (const auto id : lapsed)
    answered(id, now);
  std::erase_if(routes_, [&](auto& entry) {
    auto& way = entry.second;
    if (way.open > 0 || way.blocked_until > now || now - way.used_at < key_idle_max)
      return false;
    for (auto* counter : way.counters)
      --counter->routes;
    return true;
  });
  for (auto at = counters_.begin(); at != counters_.end();) {
    auto& counter = at->second;
    const bool forgotten = counter.routes == 0 && counter.idle(now);
    if (forgotten)
      by_id_.erase(counter.id);
    at = forgotten ? counters_.erase(at) : std::next(at);
  }
}

} // namespace nexte
