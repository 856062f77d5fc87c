#include "actors/program/simulate/watch.hpp"

#include "protocol/provider.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nexte::program {
namespace {

constexpr size_t changes_at_once = 256;
constexpr std::array<std::string_view, 4> states
    = {"connected", "rate_limited", "disconnected", "reconnecting"};

std::string removal(std::string_view provider, std::string_view stream, size_t account,
                    std::string_view id) {
  std::string key{provider};
  key.append("/").append(stream).append("/").append(std::to_string(account));
  return key.append("/").append(id);
}

std::string name_of(const integration_id& id, std::string_view stream, std::string_view record) {
  return id.str() + " " + std::string{stream} + " " + std::string{record};
}

} // namespace

void watch::was_removed(std::string_view provider, std::string_view stream, size_t account,
                        std::string_view id) {
  removed_.insert(removal(provider, stream, account, id));
}

std::optional<watch::home> watch::home_of(integration_id id) {
  if (const auto known = homes_.find(id); known != homes_.end())
    return known->second;
  const auto row = world_.running().data().integration(id);
  if (!row || !*row || (*row)->account.id.empty())
    return std::nullopt;
  home found;
  found.provider = world_.provider((*row)->provider);
  found.seen = found.provider->observed();
  while (found.account < found.seen->accounts()
         && found.seen->account_id(found.account) != (*row)->account.id)
    ++found.account;
  if (found.account == found.seen->accounts()) {
    rules_.broken(invariant::nothing_foreign,
                  id.str() + " is of the account " + (*row)->account.id + ", which nobody has");
    return std::nullopt;
  }
  homes_.emplace(id, found);
  return found;
}

void watch::follow() {
  for (;;) {
    const auto changes = world_.running().data().changes(feed_, changes_at_once);
    if (!changes)
      return; // the disk is full: looked at again
    for (const auto& change : *changes) {
      feed_ = change.sequence;
      follow_record(change);
    }
    if (changes->size() < changes_at_once)
      break;
  }
  for (; heard_ < world_.notifications.size(); ++heard_) {
    const auto& heard = world_.notifications[heard_];
    world_.say("host hears " + heard.kind + " of " + heard.integration.str());
    check_words(heard.sentence + heard.next_step);
  }
  for (const auto& line : std::exchange(world_.log, {})) {
    world_.say("engine warns: " + line);
    check_words(line);
  }
}

void watch::check_words(std::string_view text) {
  for (const auto& token : world_.net().secrets)
    if (text.find(token) != text.npos)
      rules_.broken(invariant::no_secret_told, "a token stands in a text for people");
}

void watch::follow_record(const change_entry& change) {
  const auto from = home_of(change.integration);
  if (!from)
    return;
  const auto theirs = from->seen->find(change.stream, from->account, change.record);
  const auto name = name_of(change.integration, change.stream, change.record);
  const auto who = std::string{from->provider->provider()} + "#" + std::to_string(from->account);
  if (!theirs)
    return rules_.broken(invariant::nothing_foreign, name + " is not of its account", who);
  if (change.deleted) {
    if (theirs->live
        && !removed_.contains(
            removal(from->provider->provider(), change.stream, from->account, change.record)))
      rules_.broken(invariant::absence_is_not_deletion, name + " was never deleted", who);
    return;
  }
  const auto ours
      = world_.running().data().record(change.integration, change.stream, change.record);
  if (!ours || !*ours)
    return;
  auto& newest = newest_[{change.integration, change.stream, change.record}];
  if ((*ours)->modified_at < newest)
    rules_.broken(invariant::never_older,
                  name + " went back from " + format_iso_time(newest) + " to "
                      + format_iso_time((*ours)->modified_at),
                  who);
  newest = std::max(newest, (*ours)->modified_at);
}

void watch::look_around() {
  const auto all = world_.ask<std::vector<integration_status>>(
      [&](auto done) { world_.running().list(done); });
  if (!all)
    return rules_.broken(invariant::answers_everyone, "list: " + all.failure().line());
  for (const auto& one : *all) {
    world_.say(one.id.str() + " is " + one.state + " (" + one.code + "), "
               + std::to_string(one.records) + " records");
    if (std::ranges::find(states, one.state) == states.end())
      rules_.broken(invariant::one_way_out, one.id.str() + " is " + one.state);
    if (one.next_step.empty())
      rules_.broken(invariant::one_way_out, one.id.str() + " has no next step");
    check_words(one.because + one.next_step);
  }
}

void watch::compare() {
  const auto rows = world_.running().data().integrations();
  if (!rows)
    return rules_.broken(invariant::nothing_lost, rows.failure().line());
  const auto all = world_.ask<std::vector<integration_status>>(
      [&](auto done) { world_.running().list(done); });
  if (!all)
    return rules_.broken(invariant::answers_everyone, "list: " + all.failure().line());
  for (const auto& row : *rows) {
    const auto from = home_of(row.id);
    if (!from)
      continue;
    const auto told = std::ranges::find(*all, row.id, &integration_status::id);
    if (told == all->end() || told->state != "connected") {
      rules_.broken(invariant::heals,
                    row.id.str() + " is "
                        + (told == all->end() ? "not listed" : told->state + ": " + told->because),
                    std::string{from->provider->provider()} + "#" + std::to_string(from->account));
      continue;
    }
    for (const auto& stream : find_provider(row.provider)->streams)
      compare_stream(row, *from, stream.name);
  }
}

void watch::compare_stream(const integration_row& row, const home& from,
                           const std::string& stream) {
  const auto who = std::string{from.provider->provider()} + "#" + std::to_string(from.account);
  const auto ours = world_.running().data().records(row.id, stream, {}, ~size_t{0});
  if (!ours)
    return rules_.broken(invariant::nothing_lost, ours.failure().line(), who);
  std::map<std::string_view, const record_row*> by_id;
  for (const auto& record : *ours)
    by_id.emplace(record.id, &record);
  for (const auto& theirs : from.seen->records(stream, from.account)) {
    const auto at = by_id.find(theirs.id);
    const auto name = name_of(row.id, stream, theirs.id);
    if (at == by_id.end()) {
      if (theirs.live)
        rules_.broken(invariant::nothing_lost, name + " is missing", who);
    } else if (at->second->deleted == theirs.live) {
      rules_.broken(invariant::nothing_lost,
                    name + (theirs.live ? " is deleted here alone" : " is deleted there alone"),
                    who);
    } else if (theirs.live && at->second->version != theirs.version) {
      rules_.broken(
          invariant::nothing_lost,
          name + " is of " + at->second->version + " here, of " + theirs.version + " there", who);
    }
  }
}

} // namespace nexte::program
