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
constexpr auto skew_max = 10min;
constexpr auto disk_full_max = 10min;
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
  for (const auto& provider : world_.providers())
    for (unsigned number = 0; number < workspaces_; ++number)
      world_.events().at(
          milliseconds{static_cast<int64_t>(
              chance_.below(static_cast<uint64_t>(milliseconds{all_joined_after}.count())))},
          [this, name = std::string{provider->provider()}, number] { join(name, number); });
  world_.events().at(edit_every, [this] { live(); });
  world_.events().at(decide_every, [this] { decide(); });
  world_.events().at(look_every, [this] { suffer(); });
}

void people::join(std::string provider, unsigned number) {
  member made;
  made.workspace = "workspace-" + std::to_string(number);
  made.provider = std::move(provider);
  // The second one shares the account of the first: its counters, too.
  made.account = number == 1 ? 0 : number;
  const auto id = world_.ask<integration_id>([&](auto done) {
    world_.running().add(*workspace_id::parse(made.workspace), made.provider, done);
  });
  if (!id) {
    world_.say("cannot add: " + id.failure().what);
    return world_.events().at(world_.elapsed() + look_every,
                              [this, made, number] { join(made.provider, number); });
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
  for (const auto& provider : world_.providers()) {
    auto& seen = *provider->observed();
    const auto& streams = find_provider(provider->provider())->streams;
    const auto& stream = streams[chance_.below(streams.size())].name;
    const auto account = chance_.below(workspaces_);
    constexpr deed deeds[] = {deed::edit,   deed::edit,   deed::edit,   deed::edit,
                              deed::create, deed::create, deed::remove, deed::restore};
    const auto what = deeds[chance_.below(std::size(deeds))];
    const auto done = seen.act(what, stream, account, chance_, world_.net().provider_now());
    if (done && what == deed::remove)
      sees_.was_removed(provider->provider(), stream, account, done->id);
    if (done)
      world_.say(std::string{provider->provider()} + "#" + std::to_string(account) + " " + stream
                 + " " + done->id + (done->live ? " changes" : " is deleted"));
  }
  const auto pause = static_cast<uint64_t>(milliseconds{edit_every}.count()) * 2 / workspaces_;
  world_.events().at(world_.elapsed()
                         + milliseconds{1 + static_cast<int64_t>(chance_.below(pause))},
                     [this] { live(); });
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
  for (const auto& provider : world_.providers()) {
    auto& seen = *provider->observed();
    if (faults_.strikes(revoked)) {
      const auto account = faults_.below(revoked, workspaces_);
      world_.say(std::string{provider->provider()} + "#" + std::to_string(account) + " is revoked");
      seen.revoke(account);
    }
    if (faults_.strikes(expired))
      seen.expire(faults_.below(expired, workspaces_), world_.net().provider_now());
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
  if (faults_.strikes(killed)) {
    limit_files(RLIM_INFINITY);
    world_.kill();
    world_.boot();
  }
  sees_.look_around();
}

void people::rest() {
  resting_ = true;
  faults_.disarm();
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
    if (one.state != "disconnected" || one.account.id.empty())
      continue;
    auto& seen = *world_.provider(one.provider)->observed();
    for (size_t account = 0; account < seen.accounts(); ++account)
      if (seen.account_id(account) == one.account.id)
        world_.consent(one.id, seen.login(account));
  }
}

} // namespace nexte::program
