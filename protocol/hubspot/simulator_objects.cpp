#include "protocol/hubspot/simulator_objects.hpp"

#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>
#include <cstring>

namespace nexte::simulation::hubspot {
namespace {

index_key key_of(const object& state) {
  return {state.modified_at, seeded_random::mix(state.id), state.id};
}

/// Ids of new records step like this, so that they are not guessable by counting.
constexpr uint64_t id_step = 37;

} // namespace

packed_properties::entry packed_properties::entry_at(size_t at) const {
  uint16_t property = 0;
  uint32_t size = 0;
  std::memcpy(&property, bytes_.data() + at, sizeof property);
  std::memcpy(&size, bytes_.data() + at + sizeof property, sizeof size);
  return {property, std::string_view{bytes_}.substr(at + head_bytes, size)};
}

std::string_view packed_properties::get(uint16_t property) const {
  for (size_t at = 0; at < bytes_.size();) {
    const auto found = entry_at(at);
    if (found.property == property)
      return found.value;
    at += entry_bytes(found.value);
  }
  return {};
}

void packed_properties::set(uint16_t property, std::string_view value) {
  std::string bytes;
  const auto append = [&](uint16_t name, std::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&name), sizeof name);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes.append(text);
  };
  each([&](uint16_t other, std::string_view text) {
    if (other != property)
      append(other, text);
  });
  if (!value.empty())
    append(property, value);
  bytes_ = std::move(bytes);
}

std::string value_of(const schema& type, const object& state, uint16_t property) {
  const auto name = type.properties[property].name;
  if (name == "hs_object_id")
    return std::to_string(state.id);
  if (name == "createdate")
    return format_instant(state.created_at);
  if (name == type.modified_property)
    return format_instant(state.modified_at);
  return std::string{state.properties.get(property)};
}

object_store::object_store(const schema& type, milliseconds search_lag)
    : properties_(type.properties.begin(), type.properties.end()), type_(type), lag_(search_lag) {
  type_.properties = properties_;
}

void object_store::define(std::string_view name, bool unique) {
  property_description made;
  made.name = own_names_.emplace_back(name);
  made.unique = unique;
  properties_.push_back(made);
  type_.properties = properties_;
}

object_ptr object_store::find(uint64_t id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : found->second.current;
}

std::optional<uint64_t> object_store::find_unique(uint16_t property, std::string_view value) const {
  const auto found = unique_.find({property, lower_case(value)});
  return found == unique_.end() ? std::nullopt : std::optional{found->second};
}

std::pair<std::vector<object_ptr>, std::optional<uint64_t>>
object_store::list(bool archived, uint64_t from, size_t limit) const {
  std::vector<object_ptr> found;
  if (archived) {
    for (auto at = archived_.lower_bound(from); at != archived_.end(); ++at) {
      if (found.size() == limit)
        return {std::move(found), *at};
      found.push_back(records_.at(*at).current);
    }
    return {std::move(found), std::nullopt};
  }
  for (auto at = records_.lower_bound(from); at != records_.end(); ++at) {
    const auto& state = at->second.current;
    if (!state || state->archived_at)
      continue;
    if (found.size() == limit)
      return {std::move(found), at->first};
    found.push_back(state);
  }
  return {std::move(found), std::nullopt};
}

object_ptr object_store::create(const property_values& values, wall_time now,
                                std::string_view source) {
  object state;
  state.id = last_id_ + id_step;
  state.created_at = now;
  state.modified_at = now;
  state.source = source;
  for (const auto& [property, value] : values)
    state.properties.set(property, value);
  compute(state);
  auto stored = std::make_shared<const object>(std::move(state));
  store(stored, now);
  return stored;
}

void object_store::seed(object made) {
  compute(made);
  const auto id = made.id;
  const bool archived = made.archived_at.has_value();
  auto state = std::make_shared<const object>(std::move(made));
  last_id_ = std::max(last_id_, id);
  records_[id].current = state;
  if (archived) {
    archived_.insert(id);
    return;
  }
  enlist_unique(*state);
  show(id, state);
}

object_ptr object_store::update(uint64_t id, const property_values& values, wall_time now,
                                std::string_view source, bool silent) {
  const auto before = find(id);
  object state = *before;
  bool changed = false;
  for (const auto& [property, value] : values) {
    const auto old = state.properties.get(property);
    if (old == value)
      continue;
    const bool is_first
        = std::ranges::none_of(state.history, [wanted = property](const history_entry& entry) {
            return entry.property == wanted;
          });
    if (is_first)
      state.history.push_back({property, std::string{old}, state.created_at, state.source});
    state.history.push_back({property, value, now, source});
    state.properties.set(property, value);
    changed = true;
  }
  if (!changed)
    return before;
  if (!silent)
    state.modified_at = std::max(state.modified_at, now);
  compute(state);
  auto stored = std::make_shared<const object>(std::move(state));
  delist_unique(*before);
  store(stored, now);
  return stored;
}

void object_store::archive(uint64_t id, wall_time now) {
  object state = *find(id);
  delist_unique(state);
  state.archived_at = now; // no property changes: last modification stays (hubspot.md §3.2)
  store(std::make_shared<const object>(std::move(state)), now);
}

void object_store::restore(uint64_t id, wall_time now) {
  object state = *find(id);
  state.archived_at.reset();
  state.modified_at = std::max(state.modified_at, now);
  store(std::make_shared<const object>(std::move(state)), now);
}

void object_store::erase(uint64_t id, wall_time now) {
  auto& held = records_.at(id);
  if (!held.current)
    return;
  if (archived_.erase(id) == 0)
    delist_unique(*held.current);
  held.current = nullptr;
  ++gone_;
  pending_.push_back({now + lag_, id, nullptr});
}

void object_store::store(object_ptr state, wall_time now) {
  const auto id = state->id;
  last_id_ = std::max(last_id_, id);
  if (state->archived_at) {
    archived_.insert(id);
  } else {
    archived_.erase(id);
    enlist_unique(*state);
  }
  pending_.push_back({now + lag_, id, state->archived_at ? nullptr : state});
  records_[id].current = std::move(state);
}

std::vector<object_store::unique_key> object_store::unique_keys(const object& state) const {
  std::vector<unique_key> keys;
  for (uint16_t i = 0; i < type_.properties.size(); ++i)
    if (const auto value = state.properties.get(i); type_.properties[i].unique && !value.empty())
      keys.emplace_back(i, lower_case(value));
  const auto email = type_.find("email");
  const auto additional = type_.find("hs_additional_emails");
  if (!email || !additional)
    return keys;
  auto rest = state.properties.get(*additional);
  while (!rest.empty()) {
    const auto one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    keys.emplace_back(*email, lower_case(one));
  }
  return keys;
}

void object_store::enlist_unique(const object& state) {
  for (auto& key : unique_keys(state))
    unique_.emplace(std::move(key), state.id);
}

void object_store::delist_unique(const object& state) {
  for (const auto& key : unique_keys(state))
    if (const auto found = unique_.find(key); found != unique_.end() && found->second == state.id)
      unique_.erase(found);
}

void object_store::show(uint64_t id, object_ptr state) {
  auto& shown = records_.at(id).indexed;
  if (shown && !index_dirty_) {
    const auto at = std::ranges::lower_bound(index_, key_of(*shown));
    index_.erase(at);
  } else if (shown) {
    std::erase(index_, key_of(*shown));
  }
  shown = std::move(state);
  if (!shown)
    return;
  const auto key = key_of(*shown);
  index_dirty_ = index_dirty_ || (!index_.empty() && key < index_.back());
  index_.push_back(key);
}

const std::vector<index_key>& object_store::index(wall_time now) {
  while (!pending_.empty() && pending_.front().due <= now) {
    auto next = std::move(pending_.front());
    pending_.pop_front();
    show(next.id, std::move(next.state));
  }
  if (index_dirty_)
    std::ranges::sort(index_);
  index_dirty_ = false;
  return index_;
}

const object& object_store::indexed(uint64_t id) const {
  return *records_.at(id).indexed;
}

void object_store::compute(object& state) const {
  const auto get = [&](std::string_view name) {
    const auto property = type_.find(name);
    return property ? std::string{state.properties.get(*property)} : std::string{};
  };
  const auto set = [&](std::string_view name, std::string_view value) {
    if (const auto property = type_.find(name);
        property && state.properties.get(*property) != value)
      state.properties.set(*property, value);
  };
  if (type_.name == "contacts") {
    const auto email = get("email");
    const auto at = email.find('@');
    set("hs_email_domain", at == std::string::npos ? "" : std::string_view{email}.substr(at + 1));
    auto name = get("firstname");
    if (const auto last = get("lastname"); !last.empty())
      name.append(name.empty() ? "" : " ").append(last);
    set("hs_full_name_or_email", name.empty() ? email : name);
  } else if (type_.name == "deals") {
    const auto stage = get("dealstage");
    set("hs_is_closed", stage == "closedwon" || stage == "closedlost" ? "true" : "false");
  }
}

} // namespace nexte::simulation::hubspot
