#include "actors/program/simulate/watch.hpp"

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

/// Whether a JSON text holds `text`, if that stands in it as it is; what would be escaped is
/// believed.
bool says(std::string_view body, std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  return !std::ranges::all_of(text, is_plain) || body.find(text) != body.npos;
}

bool stands_disconnected(const integration_row& row) {
  return !row.history.empty() && row.history.back().state == "disconnected";
}

} // namespace

void watch::was_removed(std::string_view provider, std::string_view stream, size_t account,
                        std::string_view id) {
  removed_[removal(provider, stream, account, id)] = world_.elapsed();
}

std::optional<watch::home> watch::home_of(const integration_row& row) {
  if (row.account.id.empty())
    return std::nullopt;
  if (const auto known = homes_.find(row.id); known != homes_.end()) {
    const auto first = known->second.seen->account_id(known->second.account);
    if (first != row.account.id)
      rules_.broken(invariant::nothing_foreign,
                    row.id.str() + " was of " + first + " and is of " + row.account.id + " now");
    return known->second;
  }
  home found;
  found.provider = world_.provider(row.provider);
  found.seen = found.provider->observed();
  while (found.account < found.seen->accounts()
         && found.seen->account_id(found.account) != row.account.id)
    ++found.account;
  if (found.account == found.seen->accounts()) {
    rules_.broken(invariant::nothing_foreign,
                  row.id.str() + " is of the account " + row.account.id + ", which nobody has");
    return std::nullopt;
  }
  homes_.emplace(row.id, found);
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
  if (world_.net().secrets.is_in(text))
    rules_.broken(invariant::no_secret_told, "a token stands in a text for people");
}

void watch::follow_record(const change_entry& change) {
  const auto row = world_.running().data().integration(change.integration);
  const auto from = row && *row ? home_of(**row) : std::nullopt;
  if (!from || is_local_id(change.record))
    return;
  const auto theirs = from->seen->find(change.stream, from->account, change.record);
  const auto name = name_of(change.integration, change.stream, change.record);
  const auto who = std::string{from->provider->provider()} + "#" + std::to_string(from->account);
  if (!theirs)
    return rules_.broken(invariant::nothing_foreign, name + " is not of its account", who);
  if (disconnected_.contains(change.integration) && stands_disconnected(**row)
      && !is_edited(change))
    rules_.broken(invariant::still_when_disconnected, name + " changes", who);
  const auto ours
      = world_.running().data().record(change.integration, change.stream, change.record);
  if (!ours || !*ours)
    return; // the disk is full
  if (!is_edited(change))
    check_news(change, **ours, who);
  if (change.deleted) {
    if (theirs->live && !is_erased(change)
        && !removed_.contains(
            removal(from->provider->provider(), change.stream, from->account, change.record)))
      rules_.broken(invariant::absence_is_not_deletion, name + " was never deleted", who);
    return;
  }
  if (is_edited(change))
    return; // its view is ours, and goes back where the edit loses
  auto& newest = newest_[{change.integration, change.stream, change.record}];
  if ((*ours)->modified_at < newest)
    rules_.broken(invariant::never_older,
                  name + " went back from " + format_iso_time(newest) + " to "
                      + format_iso_time((*ours)->modified_at),
                  who);
  newest = std::max(newest, (*ours)->modified_at);
}

void watch::check_news(const change_entry& change, const record_row& ours, const std::string& who) {
  news fresh{ours.version, ours.body, ours.deleted};
  const record_key key{change.integration, change.stream, change.record};
  if (const auto before = told_.find(key); before != told_.end() && before->second == fresh)
    rules_.broken(invariant::no_empty_news,
                  name_of(change.integration, change.stream, change.record)
                      + " is told as changed and is as before",
                  who);
  told_.insert_or_assign(key, std::move(fresh));
}

void watch::look_around() {
  if (!world_.is_running())
    return; // it did not start again
  const auto all = world_.ask<std::vector<integration_status>>(
      [&](auto done) { world_.running().list(done); });
  if (!all)
    return rules_.broken(invariant::answers_everyone, "list: " + all.failure().line());
  std::set<std::tuple<std::string, std::string, std::string>> accounts;
  disconnected_.clear();
  for (const auto& one : *all) {
    world_.say(one.id.str() + " is " + one.state + " (" + one.code + "), "
               + std::to_string(one.records) + " records");
    check_panel(one);
    if (one.state == "disconnected")
      disconnected_.insert(one.id);
    if (!one.account.id.empty()
        && !accounts.emplace(one.workspace.str(), one.provider, one.account.id).second)
      rules_.broken(invariant::one_per_account,
                    one.workspace.str() + " has two integrations of " + one.account.id);
  }
}

void watch::check_panel(const integration_status& panel) {
  if (std::ranges::find(states, panel.state) == states.end())
    rules_.broken(invariant::one_way_out, panel.id.str() + " is " + panel.state);
  if (panel.next_step.empty())
    rules_.broken(invariant::one_way_out, panel.id.str() + " has no next step");
  check_words(panel.because + panel.next_step);
  if (panel.last_error)
    check_words(panel.last_error->sentence);
  for (const auto& step : panel.history)
    check_words(step.because);
  for (const auto& incident : panel.incidents)
    check_words(incident.sentence + incident.next_step);
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
    const auto from = home_of(row);
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
      compare_stream(row, *from, stream);
    compare_counts(row, *told);
  }
  compare_edits();
}

void watch::compare_counts(const integration_row& row, const integration_status& panel) {
  for (const auto& stream : panel.streams) {
    const auto ours = world_.running().data().records(row.id, stream.name, {}, ~size_t{0});
    if (!ours)
      continue; // told already
    const auto live = static_cast<uint64_t>(std::ranges::count(*ours, false, &record_row::deleted));
    if (stream.records != live)
      rules_.broken(invariant::counts_agree, row.id.str() + " " + stream.name + " has "
                                                 + std::to_string(live) + " records and tells of "
                                                 + std::to_string(stream.records));
  }
}

void watch::compare_stream(const integration_row& row, const home& from,
                           const stream_description& stream) {
  const auto who = std::string{from.provider->provider()} + "#" + std::to_string(from.account);
  const auto ours = world_.running().data().records(row.id, stream.name, {}, ~size_t{0});
  if (!ours)
    return rules_.broken(invariant::nothing_lost, ours.failure().line(), who);
  std::map<std::string_view, const record_row*> by_id;
  for (const auto& record : *ours)
    by_id.emplace(record.id, &record);
  for (const auto& theirs : from.seen->records(stream.name, from.account)) {
    const auto at = by_id.find(theirs.id);
    const auto name = name_of(row.id, stream.name, theirs.id);
    if (at == by_id.end()) {
      if (theirs.live)
        rules_.broken(invariant::nothing_lost, name + " is missing", who);
    } else if (at->second->deleted == theirs.live) {
      if (theirs.live || !may_be_unnoticed(stream, from, theirs.id))
        rules_.broken(invariant::nothing_lost,
                      name + (theirs.live ? " is deleted here alone" : " is deleted there alone"),
                      who);
    } else if (theirs.live && at->second->version != theirs.version) {
      rules_.broken(
          invariant::nothing_lost,
          name + " is of " + at->second->version + " here, of " + theirs.version + " there", who);
    } else if (theirs.live && !says(at->second->body, theirs.text)) {
      rules_.broken(invariant::nothing_lost, name + " lacks \"" + theirs.text + "\" here", who);
    }
  }
}

/// Some lists tell of no deletion: it shows once all is enumerated again.
bool watch::may_be_unnoticed(const stream_description& stream, const home& from,
                             std::string_view id) const {
  const auto at = removed_.find(removal(from.provider->provider(), stream.name, from.account, id));
  return at != removed_.end() && world_.elapsed() - at->second < stream.reconcile_every;
}

/// On our side, perhaps by another id that it had before.
bool watch::is_erased(const change_entry& change) const {
  return std::ranges::any_of(edits_, [&](const taken_edit& edit) {
    if (!edit.erases || edit.integration != change.integration || edit.stream != change.stream)
      return false;
    const auto now = world_.running().data().record(edit.integration, edit.stream, edit.record);
    return edit.record == change.record || (now && *now && (*now)->id == change.record);
  });
}

bool watch::is_edited(const change_entry& change) const {
  return edited_.contains({change.integration, change.stream, change.record});
}

void watch::was_edited(taken_edit edit) {
  edited_.insert({edit.integration, edit.stream, edit.record});
  const auto row = world_.running().data().integration(edit.integration);
  if (const auto from = row && *row ? home_of(**row) : std::nullopt; from && edit.erases)
    was_removed(from->provider->provider(), edit.stream, from->account, edit.record);
  edits_.push_back(std::move(edit));
}

uint64_t watch::writes_seen() const {
  uint64_t all = 0;
  for (const auto& provider : world_.providers())
    all += provider->observed()->writes();
  return all;
}

} // namespace nexte::program
