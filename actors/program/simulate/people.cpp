#include "actors/program/simulate/people.hpp"

#include "protocol/provider.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>

namespace nexte::program {
namespace {

using namespace std::chrono_literals;
using enum fault_site;
using deed = simulation::observer::deed;

constexpr auto all_joined_after = 20min;
constexpr auto look_every = 5min;
constexpr auto decide_every = 10min;
/// Each account sees an edit in so long, on average.
constexpr auto edit_every = 5min;
/// … and one on our side.
constexpr auto local_edit_every = 20min;
constexpr auto skew_max = 10min;
constexpr auto disk_full_max = 10min;
constexpr auto outage_max = 15min;
constexpr uint64_t messages_till_death_max = 500; ///< A minute's work, or some.
constexpr auto sleep_of_machine = 8h;
/// A consent that was under way when the faults ended may yet fail.
constexpr auto signs_in_for = 15min;

constexpr std::string_view modes[] = {"real_time", "hourly", "paused"};

/// How far files of this process may grow; a full disk at an exact place.
void limit_files(rlim_t bytes) {
  rlimit limits{};
  ::getrlimit(RLIMIT_FSIZE, &limits);
  limits.rlim_cur = std::min(bytes, limits.rlim_max);
  ::setrlimit(RLIMIT_FSIZE, &limits);
}

} // namespace

void people::begin() {
  if (faults_.armed(clock_skewed) && faults_.strikes(clock_skewed)) {
    const auto range = milliseconds{skew_max}.count();
    world_.net().skew = milliseconds{
        static_cast<int64_t>(faults_.below(clock_skewed, static_cast<uint64_t>(2 * range)))
        - range};
    world_.say("the providers' clocks are off by " + std::to_string(world_.net().skew.count())
               + " ms");
  }
  for (unsigned number = 0; number < workspaces_; ++number) {
    member made;
    made.workspace = "workspace-" + std::to_string(number);
    // The second one shares the account of the first: its counters, too.
    made.account = number == 1 ? 0 : number;
    const auto& offered = world_.providers();
    made.provider
        = number == 1 ? cast_[0].provider : offered[chance_.below(offered.size())]->provider();
    cast_.push_back(std::move(made));
    world_.events().at(at_random(all_joined_after), [this, number] { join(number); });
  }
  world_.events().at(edit_every, [this] { live(); });
  world_.events().at(all_joined_after, [this] { work(); });
  world_.events().at(decide_every, [this] { decide(); });
  world_.events().at(look_every, [this] { suffer(); });
}

milliseconds people::at_random(milliseconds below) {
  return milliseconds{static_cast<int64_t>(chance_.below(static_cast<uint64_t>(below.count())))};
}

void people::join(size_t number) {
  auto made = cast_[number];
  const auto id = world_.ask<integration_id>([&](auto done) {
    world_.running().add(*workspace_id::parse(made.workspace), made.provider, done);
  });
  if (!id) {
    world_.say("cannot add: " + id.failure().what);
    return world_.events().at(world_.elapsed() + look_every, [this, number] { join(number); });
  }
  made.id = *id;
  members_.push_back(made);
  sign_in(made, made.account);
}

void people::sign_in(const member& who, size_t account) {
  auto& seen = *world_.provider(who.provider)->observed();
  world_.say(who.id.str() + " signs in at " + who.provider + "#" + std::to_string(account));
  world_.consent(who.id, seen.login(account));
}

void people::live() {
  if (resting_)
    return;
  const auto& who = cast_[chance_.below(cast_.size())];
  auto& seen = *world_.provider(who.provider)->observed();
  const auto& streams = find_provider(who.provider)->streams;
  const auto& stream = streams[chance_.below(streams.size())].name;
  constexpr deed deeds[] = {deed::edit,   deed::edit,   deed::edit,   deed::edit,
                            deed::create, deed::create, deed::remove, deed::restore};
  const auto what = deeds[chance_.below(std::size(deeds))];
  const auto done = seen.act(what, stream, who.account, chance_, world_.net().provider_now());
  if (done && what == deed::remove)
    sees_.was_removed(who.provider, stream, who.account, done->id);
  if (done) {
    last_changed_ = done->id;
    world_.say(who.provider + "#" + std::to_string(who.account) + " " + stream + " " + done->id
               + (done->live ? " changes" : " is deleted"));
  }
  world_.events().at(world_.elapsed() + 1ms + at_random(milliseconds{edit_every} * 2 / workspaces_),
                     [this] { live(); });
}

void people::work() {
  if (resting_)
    return;
  world_.events().at(world_.elapsed() + 1ms
                         + at_random(milliseconds{local_edit_every} * 2 / workspaces_),
                     [this] { work(); });
  const auto roll = chance_.below(20);
  if (members_.empty())
    return;
  if (roll == 0)
    return restore();
  const auto who = members_[chance_.below(members_.size())];
  const auto& streams = find_provider(who.provider)->streams;
  const auto& stream = streams[chance_.below(streams.size())];
  if (!stream.push)
    return;
  const auto record = roll < 4 ? std::string{} : some_record(who, stream.name).value_or("");
  if (roll < 18 || record.empty())
    edit(who, stream.name, record);
  else
    erase(who, stream.name, record);
}

/// One that somebody over there changed a moment ago, if it is of this stream; else any.
std::optional<std::string> people::some_record(const member& who, const std::string& stream) {
  const auto& data = world_.running().data();
  if (const auto known = data.record(who.id, stream, last_changed_);
      known && *known && !(*known)->deleted && chance_.below(2) == 0)
    return last_changed_;
  constexpr size_t looked_at = 30;
  const auto rows = data.records(who.id, stream, {}, 1 + chance_.below(looked_at));
  if (!rows || rows->empty() || rows->back().deleted)
    return std::nullopt;
  return rows->back().id;
}

void people::edit(const member& who, const std::string& stream, const std::string& record) {
  const auto number = ++edits_;
  const auto fields
      = world_.provider(who.provider)->observed()->local_edit(stream, mark_of(number));
  if (fields.empty())
    return;
  const auto done = world_.ask<edit_receipt>(
      [&](auto reply) { world_.running().put(who.id, stream, record, fields, reply); });
  world_.say(who.id.str() + " edit " + std::to_string(number) + " of " + stream + " "
             + (done ? done->record : done.failure().what));
  if (done)
    sees_.was_edited({who.id, stream, done->record, number, record.empty(), false});
}

void people::erase(const member& who, const std::string& stream, const std::string& record) {
  const auto done = world_.ask<edit_receipt>(
      [&](auto reply) { world_.running().erase(who.id, stream, record, reply); });
  world_.say(who.id.str() + " erase of " + stream + " " + record
             + (done ? "" : ": " + done.failure().what));
  if (done)
    sees_.was_edited({who.id, stream, record, 0, false, true});
}

void people::restore() {
  constexpr size_t newest = 8;
  const auto rows = world_.running().data().conflicts({}, newest);
  if (!rows || rows->empty())
    return;
  const auto& row = (*rows)[chance_.below(rows->size())];
  const auto done
      = world_.ask<edit_receipt>([&](auto reply) { world_.running().restore(row.id, reply); });
  world_.say(row.integration.str() + " restore of " + row.stream + " " + row.record
             + (done ? "" : ": " + done.failure().what));
  if (done)
    sees_.was_edited({row.integration, row.stream, row.record, 0, false, row.loser.deleted});
}

void people::decide() {
  if (resting_)
    return;
  world_.events().at(world_.elapsed() + decide_every, [this] { decide(); });
  if (members_.empty())
    return;
  const auto who = members_[chance_.below(members_.size())];
  const auto roll = chance_.below(20);
  const auto said = [&](std::string_view what, const result<void>& answer) {
    world_.say(who.id.str() + " " + std::string{what}
               + (answer ? "" : ": " + answer.failure().what));
  };
  if (roll < 6)
    said("refresh", world_.ask<void>([&](auto done) { world_.running().refresh(who.id, done); }));
  else if (roll < 12)
    said("mode", world_.ask<void>([&](auto done) {
      world_.running().set_mode(who.id, std::string{modes[chance_.below(std::size(modes))]}, done);
    }));
  else if (roll < 13)
    said("disconnect",
         world_.ask<void>([&](auto done) { world_.running().disconnect(who.id, done); }));
  else if (roll < 14) // two accounts belong to nobody at first
    sign_in(who, workspaces_ + chance_.below(2));
  for (const auto& each : std::vector<member>{members_}) {
    const auto panel = world_.ask<integration_status>(
        [&](auto done) { world_.running().status(each.id, done); });
    if (panel && panel->state == "disconnected" && chance_.below(3) == 0)
      sign_in(each, each.account);
  }
}

void people::fill_disk() {
  world_.say("the disk is full");
  std::error_code failed;
  limit_files(std::filesystem::file_size(world_.data_dir() / "data.mdb", failed));
  const auto span = static_cast<uint64_t>(milliseconds{disk_full_max}.count());
  world_.events().at(world_.elapsed()
                         + milliseconds{static_cast<int64_t>(faults_.below(disk_full, span))},
                     [this] {
                       limit_files(RLIM_INFINITY);
                       world_.say("the disk has room again");
                     });
}

void people::suffer() {
  if (resting_)
    return;
  world_.events().at(world_.elapsed() + look_every, [this] { suffer(); });
  if (faults_.strikes(revoked)) {
    const auto& who = cast_[faults_.below(revoked, cast_.size())];
    world_.say(who.provider + "#" + std::to_string(who.account) + " is revoked");
    world_.provider(who.provider)->observed()->revoke(who.account);
  }
  if (faults_.strikes(scope_withdrawn)) {
    const auto& who = cast_[faults_.below(scope_withdrawn, cast_.size())];
    const auto& streams = find_provider(who.provider)->streams;
    const auto& scopes = streams[faults_.below(scope_withdrawn, streams.size())].scopes;
    if (!scopes.empty()) {
      world_.say(who.provider + "#" + std::to_string(who.account) + " loses " + scopes.front());
      world_.provider(who.provider)->observed()->withdraw_scope(who.account, scopes.front());
    }
  }
  if (faults_.strikes(expired)) {
    const auto& who = cast_[faults_.below(expired, cast_.size())];
    world_.provider(who.provider)->observed()->expire(who.account, world_.net().provider_now());
  }
  if (faults_.strikes(wall_jumped)) {
    constexpr auto range = 32 * 24 * 60;
    world_.wall_jump
        += std::chrono::minutes{static_cast<int64_t>(faults_.below(wall_jumped, range)) - 24 * 60};
    world_.say("the wall clock jumps");
  }
  if (faults_.strikes(suspended)) {
    world_.wall_jump += sleep_of_machine; // the steady clock stands meanwhile
    world_.say("the machine slept");
  }
  if (faults_.strikes(disk_full))
    fill_disk();
  if (faults_.strikes(killed)) // the copy of what is durable needs room
    world_.kill_after(1 + faults_.below(killed, messages_till_death_max),
                      [] { limit_files(RLIM_INFINITY); });
  if (faults_.strikes(outage)) {
    const auto& who = cast_[faults_.below(outage, cast_.size())];
    world_.say(who.provider + " is out of service");
    world_.net().fail(who.provider,
                      milliseconds{static_cast<int64_t>(faults_.below(
                          outage, static_cast<uint64_t>(milliseconds{outage_max}.count())))});
  }
  sees_.look_around();
}

void people::rest() {
  resting_ = true;
  faults_.disarm();
  world_.net().heal();
  limit_files(RLIM_INFINITY);
  world_.say("nothing fails any more");
  sign_in_again();
  for (auto after = look_every; after <= signs_in_for; after += look_every)
    world_.events().at(world_.elapsed() + after, [this] { sign_in_again(); });
}

void people::sign_in_again() {
  const auto all = world_.ask<std::vector<integration_status>>(
      [&](auto done) { world_.running().list(done); });
  if (!all)
    return;
  for (const auto& one : *all) {
    if (one.mode != modes[0])
      static_cast<void>(world_.ask<void>(
          [&](auto done) { world_.running().set_mode(one.id, std::string{modes[0]}, done); }));
    const bool in_need = one.state == "disconnected" || !one.missing_scopes.empty();
    if (!in_need || one.account.id.empty())
      continue;
    auto& seen = *world_.provider(one.provider)->observed();
    for (size_t account = 0; account < seen.accounts(); ++account)
      if (seen.account_id(account) == one.account.id)
        world_.consent(one.id, seen.login(account));
  }
}

} // namespace nexte::program
