#include "protocol/hubspot/writer.hpp"

#include "protocol/hubspot/errors.hpp"
#include "protocol/hubspot/object_batch.hpp"
#include "protocol/hubspot/rejections.hpp"
#include "protocol/json/fields.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <functional>

namespace nexte::hubspot {
namespace {

using indices = std::vector<size_t>; ///< Into the edits of a push.

/// What HubSpot said to the write of one edit.
enum class sending : uint8_t {
  none,    ///< Nothing was written yet.
  written, ///< Done: it is to be read again.
  missing, ///< Not done, for the object was not there: it is to be looked for.
};

/// What the steps of one push share.
struct push_run {
  stream_io& io;
  const object_type& type;
  std::string api_base;
  std::string objects_url;
  std::vector<outgoing_edit> edits;
  std::vector<property_values> fields;               ///< Of each edit.
  std::vector<std::optional<push_outcome>> outcomes; ///< Of each edit, once it is known.
  std::vector<sending> sent;                         ///< Of each edit.
  /// Of each edit: what HubSpot made of it, as it answered the write.
  std::vector<std::optional<remote_record>> made;
  bool key_defined = false; ///< The key property was made by this push.
};

/// Those without an outcome that `holds` for.
indices open_edits(const push_run& run, const std::function<bool(size_t)>& holds) {
  indices found;
  for (size_t i = 0; i < run.edits.size(); ++i)
    if (!run.outcomes[i] && holds(i))
      found.push_back(i);
  return found;
}

push_outcome outcome_of(push_verdict what, const remote_record* record) {
  push_outcome outcome;
  outcome.what = what;
  if (record)
    outcome.record = *record;
  return outcome;
}

error refused(const push_run& run, const http_response& answer, std::string_view what) {
  return {ec::refused,
          "HubSpot refuses to " + std::string{what} + " " + std::string{run.type.name} + " ("
              + classify(answer, run.io.now()).code + ")",
          "it no longer understands this request: report it to the developer"};
}

bool is_success(const http_response& answer) {
  return answer.status >= 200 && answer.status < 300;
}

// ---- reading ------------------------------------------------------------------------------------

/// Those of `ids` that there are; of none it asks nothing.
task<records> look_up(push_run& run, std::vector<std::string> ids, look how) {
  if (ids.empty())
    co_return records{};
  auto request = read_batch(run.objects_url, run.type, ids, how);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  // Where the key property was never made there is nothing to be found by it; where none of the
  // ids is known some answer 404.
  if (answer->status == 404 || (how == look::by_key && answer->status == 400))
    co_return records{};
  if (!is_success(*answer))
    co_return refused(run, *answer, "show");
  co_return read_records(*answer, how);
}

std::vector<std::string> ids_of(const push_run& run, const indices& which) {
  std::vector<std::string> ids;
  for (const auto i : which)
    ids.push_back(run.edits[i].record);
  return ids;
}

// ---- writing ------------------------------------------------------------------------------------

/// Adds our key to the object type; another may have just done so.
task<done_t> add_key(push_run& run) {
  auto request = define_key(run.api_base, run.type);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!is_success(*answer) && answer->status != 409)
    co_return error{ec::refused,
                    "HubSpot refuses the unique property \"" + std::string{key_property}
                        + "\", by which new records are told apart ("
                        + classify(*answer, run.io.now()).code + ")",
                    "ask a HubSpot admin of the account whether its unique properties, 10 of each "
                    "object type, are used up"};
  run.key_defined = true;
  co_return done_t{};
}

/// Notes which objects an upsert made.
result<void> take_ids(push_run& run, const indices& group, const http_response& answer) {
  const auto made = read_records(answer, look::by_key);
  if (!made)
    return made.failure();
  for (const auto i : group) {
    const auto at = made->find(run.edits[i].key);
    if (at == made->end())
      return error{ec::transport, "HubSpot does not say what it made of a new record",
                   "it is looked up before it is tried again"};
    run.edits[i].record = at->second.id;
  }
  return {};
}

/// Notes how HubSpot answered updates; where it cannot be read the last look alone tells.
void take_answers(push_run& run, const indices& group, const http_response& answer) {
  const auto made = read_records(answer, look::live);
  if (!made)
    return;
  for (const auto i : group)
    if (const auto at = made->find(run.edits[i].record); at != made->end())
      run.made[i] = at->second;
}

std::vector<write_input> inputs_of(const push_run& run, const indices& group, edit_kind kind) {
  std::vector<write_input> inputs;
  for (const auto i : group) {
    const auto& edit = run.edits[i];
    inputs.push_back({kind == edit_kind::create ? edit.key : edit.record,
                      kind == edit_kind::erase ? nullptr : &run.fields[i]});
  }
  return inputs;
}

/// Whether a success is HubSpot's own word for these: a portal on the way says 200 to anything.
bool is_proved(const push_run& run, const indices& group, const http_response& answer,
               edit_kind kind) {
  if (kind == edit_kind::erase)
    return answer.status == 204; // hubspot.md §2
  const auto told = read_records(answer, look::live);
  return told && std::ranges::all_of(group, [&](size_t i) {
           return told->contains(run.edits[i].record);
         });
}

/// Writes all of them; those that HubSpot refuses get their outcome. A batch is done whole or not
/// at all, or says in a 207 that it was done in part: doing a part twice changes nothing.
task<done_t> write(push_run& run, indices all, edit_kind kind) {
  std::vector<indices> groups;
  if (!all.empty())
    groups.push_back(std::move(all));
  while (!groups.empty()) {
    const auto group = std::move(groups.back());
    groups.pop_back();
    auto request = write_batch(run.objects_url, inputs_of(run, group, kind), kind);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (is_success(*answer) && answer->status != 207) {
      for (const auto i : group)
        run.sent[i] = sending::written;
      if (kind == edit_kind::create)
        if (auto taken = take_ids(run, group, *answer); !taken)
          co_return std::move(taken).failure();
      if (kind != edit_kind::create && !is_proved(run, group, *answer, kind))
        co_return error{ec::transport, "an answer to a write is not HubSpot's",
                        "it is looked at again before it is repeated"};
      if (kind == edit_kind::update)
        take_answers(run, group, *answer);
      continue;
    }
    if (kind == edit_kind::create && !run.key_defined
        && answer->body->find(key_property) != std::string::npos) {
      auto defined = co_await add_key(run);
      if (!defined)
        co_return std::move(defined).failure();
      groups.push_back(group);
      continue;
    }
    if (group.size() > 1) {
      const auto middle = group.begin() + static_cast<ptrdiff_t>(group.size() / 2);
      groups.emplace_back(middle, group.end());
      groups.emplace_back(group.begin(), middle);
    } else if (is_missing(*answer, kind)) {
      run.sent[group.front()] = sending::missing;
    } else {
      run.outcomes[group.front()] = rejection_of(*answer, run.type);
    }
  }
  co_return done_t{};
}

// ---- the steps ----------------------------------------------------------------------------------

/// Every property that may be edited is as `base` says, but for `fields` where these are given.
bool is_as(const push_run& run, const property_values& there, const property_values& base,
           const property_values* fields) {
  return std::ranges::all_of(run.type.properties, [&](std::string_view name) {
    if (is_computed(name))
      return true;
    const bool edited = fields && fields->contains(name);
    return same_value(name, value_of(there, name), value_of(edited ? *fields : base, name));
  });
}

/// Whether the edit may be written, or what becomes of it.
result<std::optional<push_outcome>> compare(const push_run& run, size_t i,
                                            const remote_record& there) {
  const auto& edit = run.edits[i];
  auto now = read_properties(there.body);
  if (!now)
    return std::move(now).failure().with_context("object " + there.id);
  const auto base = read_properties(edit.base);
  const bool is_update = edit.kind == edit_kind::update;
  if (is_update && base && is_as(run, *now, *base, &run.fields[i]))
    return std::optional{outcome_of(push_verdict::confirmed, &there)};
  // By value: two changes in one millisecond have one version.
  const bool unchanged
      = base ? is_as(run, *now, *base, nullptr) : there.version == edit.base_version;
  if (!unchanged)
    return std::optional{outcome_of(push_verdict::conflict, &there)};
  return std::optional<push_outcome>{};
}

/// Archived, or gone for good: an erase has what it wants.
task<done_t> settle_missing(push_run& run, indices missing) {
  auto archived = co_await look_up(run, ids_of(run, missing), look::archived);
  if (!archived)
    co_return std::move(archived).failure();
  for (const auto i : missing) {
    const auto at = archived->find(run.edits[i].record);
    const auto* there = at == archived->end() ? nullptr : &at->second;
    const bool wanted = run.edits[i].kind == edit_kind::erase;
    run.outcomes[i] = outcome_of(wanted ? push_verdict::confirmed : push_verdict::gone, there);
  }
  co_return done_t{};
}

/// Step 1.
task<done_t> create(push_run& run) {
  const auto is_create = [&run](size_t i) { return run.edits[i].kind == edit_kind::create; };
  std::vector<std::string> keys;
  for (const auto i : open_edits(run, is_create))
    if (run.edits[i].attempted)
      keys.push_back(run.edits[i].key);
  auto made = co_await look_up(run, std::move(keys), look::by_key);
  if (!made)
    co_return std::move(made).failure();
  indices fresh;
  for (const auto i : open_edits(run, is_create)) {
    const auto at = made->find(run.edits[i].key);
    if (at == made->end()) {
      fresh.push_back(i);
      continue;
    }
    run.edits[i].record = at->second.id;
    run.sent[i] = sending::written;
  }
  co_return co_await write(run, std::move(fresh), edit_kind::create);
}

/// Step 2.
task<done_t> look_first(push_run& run) {
  const auto rest
      = open_edits(run, [&run](size_t i) { return run.edits[i].kind != edit_kind::create; });
  auto there = co_await look_up(run, ids_of(run, rest), look::live);
  if (!there)
    co_return std::move(there).failure();
  indices missing;
  for (const auto i : rest) {
    const auto at = there->find(run.edits[i].record);
    if (at == there->end()) {
      missing.push_back(i);
      continue;
    }
    auto compared = compare(run, i, at->second);
    if (!compared)
      co_return std::move(compared).failure();
    run.outcomes[i] = *std::move(compared);
  }
  co_return co_await settle_missing(run, std::move(missing));
}

/// Step 3.
task<done_t> change(push_run& run) {
  for (const auto kind : {edit_kind::update, edit_kind::erase}) {
    auto those = open_edits(run, [&](size_t i) { return run.edits[i].kind == kind; });
    auto done = co_await write(run, std::move(those), kind);
    if (!done)
      co_return std::move(done).failure();
  }
  co_return done_t{};
}

/// The record as our write left it, where somebody has changed a property of the edit since: to
/// confirm what is there now would pass his change for ours. It is told as any other change.
remote_record as_written(const push_run& run, size_t i, const remote_record& there) {
  const auto& made = run.made[i];
  const auto now = read_properties(there.body);
  const auto then = made ? read_properties(made->body) : now;
  if (!now || !then)
    return there;
  field_map back;
  for (const auto& [name, value] : run.fields[i])
    if (then->contains(name) && !same_value(name, value_of(*now, name), value_of(*then, name)))
      back[name] = value_of(*then, name).empty() ? std::string{no_value}
                                                 : json::quoted(value_of(*then, name));
  if (back.empty())
    return there;
  field_shape shape;
  shape.container = "properties";
  shape.text_values = true;
  auto body = with_fields(there.body, back, shape);
  if (!body)
    return there;
  return {there.id, made->version, made->modified_at, false, *std::move(body)};
}

/// Step 4.
task<done_t> look_again(push_run& run) {
  const auto sent = open_edits(run, [&run](size_t i) { return run.sent[i] != sending::none; });
  auto there = co_await look_up(run, ids_of(run, sent), look::live);
  if (!there)
    co_return std::move(there).failure();
  indices missing;
  for (const auto i : sent) {
    const auto at = there->find(run.edits[i].record);
    if (at == there->end()) {
      missing.push_back(i);
    } else if (run.edits[i].kind != edit_kind::erase && run.sent[i] == sending::written) {
      const auto written = as_written(run, i, at->second);
      run.outcomes[i] = outcome_of(push_verdict::confirmed, &written);
    } else { // restored in the same moment
      run.outcomes[i] = outcome_of(push_verdict::conflict, &at->second);
    }
  }
  co_return co_await settle_missing(run, std::move(missing));
}

constexpr task<done_t> (*steps[])(push_run&) = {create, look_first, change, look_again};

/// Reads what is to be written; an edit that cannot be read is rejected alone.
void read_edits(push_run& run) {
  for (size_t i = 0; i < run.edits.size(); ++i) {
    if (run.edits[i].kind == edit_kind::erase)
      continue;
    auto fields = read_fields(run.edits[i].fields);
    if (fields) {
      run.fields[i] = *std::move(fields);
      continue;
    }
    push_outcome outcome;
    outcome.what = push_verdict::rejected;
    outcome.code = "malformed";
    outcome.sentence
        = "The edit cannot be read (" + fields.failure().what + "); correct it and save it again.";
    run.outcomes[i] = std::move(outcome);
  }
}

} // namespace

task<std::vector<push_outcome>> push(stream_io& io, const object_type& type, push_request request) {
  push_run run{io, type, request.api_base, {}, std::move(request.edits), {}, {}, {}, {}, false};
  run.objects_url = run.api_base + "/crm/v3/objects/" + std::string{type.name};
  run.fields.resize(run.edits.size());
  run.outcomes.resize(run.edits.size());
  run.sent.resize(run.edits.size());
  run.made.resize(run.edits.size());
  read_edits(run);
  for (const auto step : steps) {
    auto done = co_await step(run);
    if (!done)
      co_return std::move(done).failure().with_context("hubspot." + std::string{type.name});
  }
  std::vector<push_outcome> outcomes;
  for (auto& outcome : run.outcomes)
    outcomes.push_back(*std::move(outcome));
  co_return outcomes;
}

} // namespace nexte::hubspot
