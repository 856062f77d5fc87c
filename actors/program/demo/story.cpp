#include "actors/program/demo/story.hpp"

#include "actors/program/demo/both_sides.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

constexpr seconds sync_max{900};
constexpr seconds step_max{90};
constexpr std::string_view edited_stream = "contacts";
constexpr unsigned storm_seconds = 6;
/// Of a workspace's records, what an overlap window may show again after a reconnect.
constexpr uint64_t shown_again_percent_max = 1;

using told = result<std::string>;

error failed(std::string what) {
  return {ec::bug, std::move(what)};
}

std::string in_seconds(std::chrono::steady_clock::duration length) {
  const auto tenths = std::chrono::duration_cast<milliseconds>(length).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// A body for the provider's admin: the customer's account and a record of contacts.
json::writer& begin_record(json::writer& to, const customer& who, std::string_view id) {
  to.begin_object().key("type").value(edited_stream).key("account").value(who.account);
  if (!id.empty())
    to.key("id").value(id);
  return to;
}

bool is_verified(const integration_status& status) {
  return !status.streams.empty() && std::ranges::all_of(status.streams, [](const stream_status& s) {
    return s.verified && !s.running && s.verified_at != wall_time{};
  });
}

/// Waits until the integration is in that state with that badge.
result<void> wait_for_state(demo_world& world, const customer& who, std::string_view state,
                            std::string_view badge) {
  return world.wait_until(who.workspace + " " + std::string{state}, step_max,
                          [&]() -> result<bool> {
                            const auto status = world.status(who.id);
                            if (!status)
                              return status.failure();
                            return status->state == state && status->badge == badge;
                          });
}

/// Waits until every stream was verified after this moment.
result<void> wait_for_sync(demo_world& world, const customer& who, wall_time after) {
  return world.wait_until(who.workspace + " in sync again", step_max, [&]() -> result<bool> {
    const auto status = world.status(who.id);
    if (!status)
      return status.failure();
    return status->state == "connected" && is_verified(*status)
           && std::ranges::all_of(status->streams,
                                  [&](const auto& s) { return s.verified_at > after; });
  });
}

told connect_all(demo_world& world) {
  world.begin_clock();
  for (auto& who : world.customers()) {
    const auto workspace = workspace_id::parse(who.workspace);
    if (!workspace)
      return workspace.failure();
    const auto id = wait_for<integration_id>(
        [&](auto done) { world.running().add(*workspace, who.provider, done); });
    if (!id)
      return id.failure();
    who.id = *id;
    const auto outcome = world.consent(who);
    if (!outcome)
      return outcome.failure();
    const auto status = world.status(who.id);
    if (!status)
      return status.failure();
    if (outcome->other_account || status->account.id != who.account)
      return failed(who.workspace + " is connected to " + status->account.id + ", not to "
                    + who.account);
  }
  return std::to_string(world.protagonists().size()) + " workspaces signed in by OAuth to "
         + std::to_string(world.customers().size()) + " accounts of "
         + std::to_string(world.customers().size() / world.protagonists().size()) + " providers";
}

told sync_all(demo_world& world) {
  uint64_t records = 0;
  const auto done = world.wait_until("first sync", sync_max, [&]() -> result<bool> {
    records = 0;
    uint64_t expected = 0;
    bool all = true;
    for (const auto& who : world.customers()) {
      const auto status = world.status(who.id);
      if (!status)
        return status.failure();
      if (status->state == "disconnected")
        return failed(who.workspace + " is disconnected: " + status->because);
      records += status->records;
      expected += world.records_of(who.provider) * status->streams.size();
      all = all && is_verified(*status);
    }
    world.tells().progress(records, expected, "records");
    return all;
  });
  if (!done)
    return done.failure();
  return grouped(records) + " records in "
         + in_seconds(std::chrono::steady_clock::now() - world.began());
}

told compare_all(demo_world& world) {
  for (const auto& who : world.customers()) {
    const auto stats = world.at_provider(who.provider, "stats", "{}");
    if (!stats)
      return stats.failure();
    const auto status = world.status(who.id);
    if (!status)
      return status.failure();
    const auto* served = stats->find("served");
    const auto* account = served ? served->find(who.account) : nullptr;
    for (const auto& stream : status->streams) {
      const auto* there = account ? account->find(stream.name) : nullptr;
      const auto* live = there ? there->find("live") : nullptr;
      if (!live || live->text != std::to_string(stream.records))
        return failed(who.workspace + " has " + grouped(stream.records) + " " + stream.name
                      + ", the provider has " + (live ? live->text : "none"));
    }
  }
  return std::string{"the providers count the same in each stream of each account"};
}

/// The first live contact after `after`.
result<std::string> live_contact(demo_world& world, const customer& who, std::string_view after) {
  const auto rows = world.running().data().records(who.id, edited_stream, after, 100);
  if (!rows)
    return rows.failure();
  const auto found = std::ranges::find(*rows, false, &record_row::deleted);
  if (found == rows->end())
    return failed("there is no live contact to change");
  return found->id;
}

told changes_arrive(demo_world& world) {
  const auto& who = world.protagonists().front();
  const auto edited = live_contact(world, who, {});
  if (!edited)
    return edited.failure();
  const auto archived = live_contact(world, who, *edited);
  if (!archived)
    return archived.failure();
  json::writer edit, create, archive;
  begin_record(edit, who, *edited).key("properties").begin_object();
  edit.key("jobtitle").value("Timbuktu").end_object().end_object();
  begin_record(create, who, {}).key("properties").begin_object();
  create.key("firstname").value("Demo").key("lastname").value("Newcomer");
  create.end_object().end_object();
  begin_record(archive, who, *archived).end_object();
  const auto begun = std::chrono::steady_clock::now();
  if (auto done = world.at_provider("edit", edit.take()); !done)
    return std::move(done).failure();
  const auto created = world.at_provider("create", create.take());
  if (!created)
    return created.failure();
  if (auto done = world.at_provider("archive", archive.take()); !done)
    return std::move(done).failure();
  const auto id = created->string_or_empty("id");
  const auto& data = world.running().data();
  const auto arrived = world.wait_until(
      "an edit, a creation and an archived contact", step_max, [&]() -> result<bool> {
        const auto first = data.record(who.id, edited_stream, *edited);
        const auto second = data.record(who.id, edited_stream, id);
        const auto third = data.record(who.id, edited_stream, *archived);
        for (const auto* read : {&first, &second, &third})
          if (!*read)
            return read->failure();
        return *first && (*first)->body.find("Timbuktu") != std::string::npos && *second
               && !(*second)->deleted && *third && (*third)->deleted;
      });
  if (!arrived)
    return arrived.failure();
  return "an edit, a creation and an archived contact arrived within "
         + in_seconds(std::chrono::steady_clock::now() - begun);
}

result<bool> is_notified(demo_world& world, const customer& who, std::string_view kind) {
  const auto all = world.running().data().notifications(0, 1000);
  if (!all)
    return all.failure();
  return std::ranges::any_of(
      *all, [&](const notification_row& n) { return n.integration == who.id && n.kind == kind; });
}

told token_revoked(demo_world& world) {
  const auto& who = world.protagonists().front();
  const auto before = world.status(who.id);
  if (!before)
    return before.failure();
  json::writer body;
  body.begin_object().key("account").value(who.account).key("at_once").value(true).end_object();
  if (auto done = world.at_provider("revoke", body.take()); !done)
    return std::move(done).failure();
  if (auto red = wait_for_state(world, who, "disconnected", "red"); !red)
    return std::move(red).failure();
  if (auto notified = world.wait_until("a notification", step_max,
                                       [&] { return is_notified(world, who, "disconnected"); });
      !notified)
    return std::move(notified).failure();
  const auto after = world.status(who.id);
  if (!after)
    return after.failure();
  if (after->records != before->records)
    return failed("records changed from " + grouped(before->records) + " to "
                  + grouped(after->records));
  return "red, Disconnected, one notification; " + grouped(after->records) + " records still here";
}

told reconnect(demo_world& world) {
  const auto& who = world.protagonists().front();
  const auto before = world.status(who.id);
  if (!before)
    return before.failure();
  if (auto reset = world.at_provider("stats", R"({"reset":true})"); !reset)
    return std::move(reset).failure();
  const auto begun_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const auto outcome = world.consent(who);
  if (!outcome)
    return outcome.failure();
  if (outcome->other_account || outcome->id != who.id)
    return failed("Reconnect made another integration");
  if (auto synced = wait_for_sync(world, who, begun_at); !synced)
    return std::move(synced).failure();
  const auto after = world.status(who.id);
  if (!after)
    return after.failure();
  if (after->records != before->records || after->badge != "green")
    return failed("after Reconnect " + grouped(after->records) + " records of "
                  + grouped(before->records) + ", badge " + after->badge);
  const auto shown = world.served_live(who);
  if (!shown)
    return shown.failure();
  if (*shown * 100 > after->records * shown_again_percent_max)
    return failed("the provider served " + grouped(*shown) + " records again");
  return "green, the same integration and records; nothing was fetched anew but the "
         + grouped(*shown) + " records changed within the overlap window";
}

told quota_storm(demo_world& world) {
  const auto& who = world.protagonists().back();
  const auto begun_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  json::writer body;
  body.begin_object().key("for_seconds").value(storm_seconds);
  body.key("retry_after_seconds").value(1).end_object();
  if (auto done = world.at_provider("limit", body.take()); !done)
    return std::move(done).failure();
  if (auto amber = wait_for_state(world, who, "rate_limited", "amber"); !amber)
    return std::move(amber).failure();
  const auto waiting = world.status(who.id);
  if (!waiting)
    return waiting.failure();
  if (!waiting->next_step_at)
    return failed("a wait for quota without a known end");
  if (auto synced = wait_for_sync(world, who, begun_at); !synced)
    return std::move(synced).failure();
  const auto after = world.status(who.id);
  if (!after)
    return after.failure();
  if (after->restarts != 0)
    return failed("the storm restarted the connector");
  return "amber with a known end, then green by itself in "
         + in_seconds(std::chrono::floor<milliseconds>(std::chrono::system_clock::now())
                      - begun_at);
}

/// The storm before hit everybody: the last ones come back a little later.
result<void> wait_for_calm(demo_world& world) {
  return world.wait_until("everybody green", step_max, [&]() -> result<bool> {
    for (const auto& who : world.customers()) {
      const auto status = world.status(who.id);
      if (!status)
        return status.failure();
      if (status->badge != "green")
        return false;
    }
    return true;
  });
}

told connector_defect(demo_world& world) {
  if (auto calm = wait_for_calm(world); !calm)
    return std::move(calm).failure();
  const auto begun_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  std::vector<uint64_t> before;
  for (const auto& who : world.customers()) {
    const auto status = world.status(who.id);
    if (!status)
      return status.failure();
    before.push_back(status->records);
  }
  if (auto reset = world.at_provider("stats", R"({"reset":true})"); !reset)
    return std::move(reset).failure();
  world.plant_defect();
  const customer* hit = nullptr;
  const auto restarted = world.wait_until("a restart", step_max, [&]() -> result<bool> {
    for (const auto& who : world.customers()) {
      const auto status = world.status(who.id);
      if (status && status->restarts > 0)
        hit = &who;
    }
    return hit != nullptr;
  });
  if (!restarted)
    return restarted.failure();
  if (auto synced = wait_for_sync(world, *hit, begun_at); !synced)
    return std::move(synced).failure();
  for (size_t i = 0; i < before.size(); ++i) {
    const auto status = world.status(world.customers()[i].id);
    if (!status)
      return status.failure();
    if (status->records != before[i] || status->badge != "green")
      return failed(world.customers()[i].workspace + " was harmed: " + status->state + ", "
                    + status->because);
  }
  const auto shown = world.served_live(*hit);
  if (!shown)
    return shown.failure();
  const auto records = before[static_cast<size_t>(hit - world.customers().data())];
  if (*shown * 100 > records * shown_again_percent_max)
    return failed("the restart read " + grouped(*shown) + " records again");
  return hit->workspace
         + "'s connector failed alone, was started again from its checkpoint, and is "
         + "green; the others did not notice";
}

constexpr demo_step story[] = {
    {"connect", connect_all},
    {"first sync", sync_all},
    {"nothing missing", compare_all},
    {"changes arrive", changes_arrive},
    {"token revoked", token_revoked},
    {"reconnect", reconnect},
    {"both sides edit", both_sides_edit},
    {"429 storm", quota_storm},
    {"connector defect", connector_defect},
};

} // namespace

std::span<const demo_step> demo_story() {
  return story;
}

} // namespace nexte::program
