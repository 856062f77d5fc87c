#include "protocol/pipedrive/simulator_store.hpp"

#include <algorithm>

namespace nexte::simulation::pipedrive {
namespace {

constexpr std::string_view nothing = "null";

bool is_purged(const kept_record& record, wall_time now) {
  return record.deleted_at && now >= *record.deleted_at + deleted_kept;
}

/// Custom fields are given one by one: those that are not keep their values (pipedrive.md §4).
std::string merged(std::string_view before, std::string_view written) {
  auto fields = json::parse_value(before);
  const auto given = json::parse_value(written);
  if (!fields->is_object())
    return std::string{written};
  for (const auto& [code, value] : given->members) {
    const auto same = std::ranges::find(fields->members, code, &json::value::member::first);
    if (same == fields->members.end())
      fields->members.emplace_back(code, value);
    else
      same->second = value;
  }
  return json::to_text(*fields);
}

/// What follows from a deal's status (pipedrive.md §2).
void follow_status(const schema& type, kept_record& record, const written_record& from,
                   wall_time now) {
  const auto status = type.find("status");
  const auto is_written = [&](std::string_view name) {
    const auto field = type.find(name);
    return std::ranges::any_of(from.values, [&](const auto& v) { return v.first == field; });
  };
  if (!status || !is_written("status"))
    return;
  const auto at = json::quoted(format_iso_seconds(now));
  const auto value = record.get(*status);
  const auto fill = [&](std::string_view name, bool holds) {
    if (!holds)
      record.set(*type.find(name), std::string{nothing});
    else if (!is_written(name))
      record.set(*type.find(name), at);
  };
  fill("won_time", value == "\"won\"");
  fill("lost_time", value == "\"lost\"");
  fill("close_time", value != "\"open\"");
  if (value != "\"lost\"")
    record.set(*type.find("lost_reason"), std::string{nothing});
}

} // namespace

std::string_view kept_record::get(uint8_t field) const {
  const auto found = std::ranges::lower_bound(values, field, {}, &field_values::value_type::first);
  return found == values.end() || found->first != field ? nothing : std::string_view{found->second};
}

void kept_record::set(uint8_t field, std::string value) {
  const auto found = std::ranges::lower_bound(values, field, {}, &field_values::value_type::first);
  const bool there = found != values.end() && found->first == field;
  if (value == nothing) {
    if (there)
      values.erase(found);
  } else if (there) {
    found->second = std::move(value);
  } else {
    values.emplace(found, field, std::move(value));
  }
}

const kept_record* record_store::find(int64_t id, wall_time now) const {
  const auto found = records_.find(id);
  return found == records_.end() || is_purged(found->second, now) ? nullptr : &found->second;
}

const kept_record& record_store::create(const written_record& from, wall_time now) {
  kept_record made;
  made.id = ++last_id_;
  made.added_at = from.added_at.value_or(whole_second(now));
  if (type_.archives && from.archived.value_or(false))
    made.archived_at = whole_second(now);
  apply(made, from, now);
  made.updated_at = from.updated_at.value_or(whole_second(now));
  by_update_.emplace(made.updated_at, made.id);
  return records_.emplace(made.id, std::move(made)).first->second;
}

const kept_record& record_store::update(int64_t id, const written_record& from, wall_time now) {
  auto& record = records_.at(id);
  if (from.added_at)
    record.added_at = *from.added_at;
  if (from.archived)
    record.archived_at = *from.archived ? std::optional{whole_second(now)} : std::nullopt;
  apply(record, from, now);
  touch(record, from.updated_at.value_or(now));
  return record;
}

const kept_record& record_store::remove(int64_t id, wall_time now) {
  auto& record = records_.at(id);
  record.deleted_at = whole_second(now);
  touch(record, now);
  return record;
}

const kept_record& record_store::restore(int64_t id, wall_time now) {
  auto& record = records_.at(id);
  record.deleted_at.reset();
  touch(record, now);
  return record;
}

void record_store::erase(int64_t id) {
  by_update_.erase({records_.at(id).updated_at, id});
  records_.erase(id);
}

void record_store::seed(kept_record record) {
  last_id_ = std::max(last_id_, record.id);
  by_update_.emplace(record.updated_at, record.id);
  records_.emplace(record.id, std::move(record));
}

std::pair<int64_t, int64_t> record_store::position_of(const kept_record& record, sort_key sort) {
  if (sort == sort_key::id)
    return {0, record.id};
  const auto at = sort == sort_key::update_time ? record.updated_at : record.added_at;
  return {at.time_since_epoch().count(), record.id};
}

std::pair<std::vector<const kept_record*>, bool> record_store::list(const list_query& query,
                                                                    wall_time now) const {
  std::vector<const kept_record*> found;
  const auto take = [&](const kept_record& record) {
    if (matches(record, query, now))
      found.push_back(&record);
    return found.size() <= query.limit;
  };
  if (query.sort == sort_key::id && !query.descending) {
    auto at = query.after ? records_.upper_bound(query.after->second) : records_.begin();
    while (at != records_.end() && take(at->second))
      ++at;
  } else if (query.sort == sort_key::update_time && !query.descending) {
    std::pair<wall_time, int64_t> from{query.since.value_or(wall_time::min()), 0};
    if (query.after)
      from = std::max(from, {wall_time{milliseconds{query.after->first}}, query.after->second + 1});
    for (auto at = by_update_.lower_bound(from);
         at != by_update_.end() && take(records_.at(at->second));)
      ++at;
  } else {
    const auto before = [&](const kept_record* a, const kept_record* b) {
      const auto at_a = position_of(*a, query.sort);
      const auto at_b = position_of(*b, query.sort);
      return query.descending ? at_a > at_b : at_a < at_b;
    };
    for (const auto& [id, record] : records_) {
      const auto at = position_of(record, query.sort);
      if ((!query.after || (query.descending ? at < *query.after : at > *query.after))
          && matches(record, query, now))
        found.push_back(&record);
    }
    std::ranges::sort(found, before);
  }
  const bool more = found.size() > query.limit;
  if (more)
    found.resize(query.limit);
  return {std::move(found), more};
}

bool record_store::matches(const kept_record& record, const list_query& query,
                           wall_time now) const {
  const bool deleted = record.deleted_at.has_value();
  const bool archived = !deleted && record.archived_at;
  switch (query.state) {
    case record_state::live:
      if (deleted || archived)
        return false;
      break;
    case record_state::live_or_deleted:
      if (archived)
        return false;
      break;
    case record_state::deleted:
      if (!deleted)
        return false;
      break;
    case record_state::archived:
      if (!archived)
        return false;
      break;
  }
  return !is_purged(record, now) && (!query.since || record.updated_at >= *query.since)
         && (!query.until || record.updated_at < *query.until)
         && (query.ids.empty() || std::ranges::count(query.ids, record.id) > 0)
         && std::ranges::all_of(query.equal_to, [&](const auto& wanted) {
              return record.get(wanted.first) == wanted.second;
            });
}

void record_store::apply(kept_record& record, const written_record& from, wall_time now) {
  for (const auto& [field, value] : from.values) {
    const auto name = type_.fields[field].name;
    if (name == "stage_id" && record.get(field) != value)
      record.set(*type_.find("stage_change_time"), json::quoted(format_iso_seconds(now)));
    const bool custom = type_.fields[field].kind == field_kind::custom;
    record.set(field, custom ? merged(record.get(field), value) : value);
  }
  follow_status(type_, record, from, now);
}

void record_store::touch(kept_record& record, wall_time at) {
  by_update_.erase({record.updated_at, record.id});
  record.updated_at = whole_second(at);
  by_update_.emplace(record.updated_at, record.id);
}

void write_record(json::writer& out, const schema& type, const kept_record& record) {
  const auto write_time = [&](std::string_view name, std::optional<wall_time> at) {
    out.key(name);
    if (at)
      out.value(format_iso_seconds(*at));
    else
      out.null();
  };
  out.begin_object().key("id").value(record.id);
  for (size_t i = 0; i < type.fields.size(); ++i)
    if (type.fields[i].kind != field_kind::custom)
      out.key(type.fields[i].name).raw(record.get(static_cast<uint8_t>(i)));
  write_time("add_time", record.added_at);
  write_time("update_time", record.updated_at);
  out.key("is_deleted").value(record.deleted_at.has_value());
  if (type.archives) {
    out.key("is_archived").value(record.archived_at.has_value());
    write_time("archive_time", record.archived_at);
  }
  const auto custom = record.get(*type.find("custom_fields"));
  out.key("custom_fields").raw(custom == nothing ? "{}" : custom);
  out.end_object();
}

} // namespace nexte::simulation::pipedrive
