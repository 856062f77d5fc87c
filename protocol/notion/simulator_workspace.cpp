#include "protocol/notion/simulator_workspace.hpp"

#include "protocol/simulation/data_set.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>

namespace nexte::simulation::notion {
namespace {

constexpr std::array<std::string_view, 4> names = {"North", "South", "West", "East"};
constexpr std::array<std::string_view, 3> tables = {"Projects", "Customers", "Tasks"};
constexpr uint64_t trashed_percent = 2; ///< Beside the live ones.
constexpr std::chrono::hours past_kept{1};

/// Of ten pages so many stand by themselves; the others are rows.
constexpr uint64_t plain_of_ten = 3;

void apply(page_state& to, const page_changes& changes) {
  for (const auto& [field, value] :
       {std::pair{&page_state::title, &changes.title}, std::pair{&page_state::note, &changes.note},
        std::pair{&page_state::amount, &changes.amount},
        std::pair{&page_state::stage, &changes.stage}})
    if (*value)
      to.*field = **value;
  to.trashed = changes.in_trash.value_or(to.trashed);
  to.archived = changes.archived.value_or(to.archived);
}

} // namespace

workspace::workspace(size_t index, const simulator_options& options)
    : seed_(seeded_random::mix(options.seed) + seeded_random::mix(index + 1)) {
  const auto suffix = index < names.size() ? std::string{} : std::to_string(index);
  name = std::string{names[index % names.size()]} + suffix + " Notes";
  auto host = name;
  std::ranges::transform(host, host.begin(), [](char c) {
    return c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  login = "owner@" + host + ".example";
  bot_id = fresh_id();
  id = fresh_id();
  owner_id = fresh_id();
  fill(options, seed_);
}

std::string workspace::fresh_id() {
  seeded_random random{seeded_random::mix(seed_ ^ seeded_random::mix(++made_))};
  return random_uuid(random);
}

void workspace::fill(const simulator_options& options, uint64_t seed) {
  const data_set data{seed, 0};
  const auto live = options.records;
  const auto all = live + live * trashed_percent / 100;
  const auto database = fresh_id(); // of two data sources; the third one has its own
  const auto created = data.times_at(0, std::max<uint64_t>(all, 1)).created_at;
  for (const auto table : tables)
    sources.push_back(
        {fresh_id(), table == "Tasks" ? fresh_id() : database, std::string{table}, created});
  std::string above;
  for (uint64_t i = 0; i < all; ++i) {
    const auto times = data.times_at(i, all);
    page_state made;
    made.id = fresh_id();
    made.created_at = times.created_at;
    made.edited_at = times.modified_at;
    made.edited_by = owner_id;
    if (i % 10 < plain_of_ten) {
      made.title = data.organization_at(i).name;
      if (i % 10 == 0)
        above = made.id; // the next two lie below it
      else
        made.kind = parent_kind::page, made.parent = above;
    } else {
      const auto row = data.opportunity_at(i);
      made.kind = parent_kind::data_source;
      made.parent = sources[i % sources.size()].id;
      made.title = row.title;
      made.note = data.person_at(i).note;
      made.amount = std::to_string(row.amount);
      made.stage = stages[row.stage];
    }
    made.trashed = i >= live;
    const auto key = made.id;
    pages_[key].emplace_back(made.edited_at, std::move(made));
  }
}

const page_state* workspace::find(std::string_view page) const {
  const auto found = pages_.find(page);
  return found == pages_.end() ? nullptr : &found->second.back().second;
}

void workspace::each(wall_time at, const std::function<void(const page_state&)>& see) const {
  for (const auto& [key, states] : pages_) {
    const auto after
        = std::ranges::find_if(states, [at](const auto& state) { return state.first > at; });
    if (after != states.begin())
      see(std::prev(after)->second);
  }
}

page_state& workspace::next_state(past& of, wall_time now) {
  const auto fresh = std::ranges::find_if(
      of, [now](const auto& state) { return state.first > now - past_kept; });
  if (fresh != of.begin()) // the last one before is what was shown then
    of.erase(of.begin(), std::prev(fresh));
  of.emplace_back(now, of.back().second);
  return of.back().second;
}

void workspace::each_below(std::string_view page, const std::function<void(past&)>& see) {
  for (auto& [key, states] : pages_)
    if (key != page && is_below(key, page))
      see(states);
}

const page_state& workspace::create(parent_kind kind, std::string parent,
                                    const page_changes& content, std::string_view by,
                                    wall_time now) {
  page_state made;
  made.id = fresh_id();
  made.kind = kind;
  made.parent = std::move(parent);
  made.created_at = made.edited_at = now;
  made.edited_by = by;
  if (const auto* above = find(made.parent)) {
    made.shared = above->shared;
    made.trashed_above = above->in_trash();
  }
  apply(made, content);
  auto& states = pages_[made.id];
  states.emplace_back(now, std::move(made));
  return states.back().second;
}

const page_state& workspace::change(std::string_view page, const page_changes& changes,
                                    std::string_view by, wall_time now) {
  auto& states = pages_.find(page)->second;
  const bool was_in_trash = states.back().second.in_trash();
  auto& state = next_state(states, now);
  apply(state, changes);
  if (changes.in_trash == false)
    state.trashed_above = false; // as a page of its own
  const bool moves_in_trash = state.in_trash() != was_in_trash;
  if (!moves_in_trash || trashing_moves_time) {
    state.edited_at = now;
    state.edited_by = by;
  }
  if (moves_in_trash)
    each_below(page, [&](past& below) {
      next_state(below, now).trashed_above = states.back().second.in_trash();
    });
  return states.back().second;
}

void workspace::share(std::string_view page, bool shared, wall_time now) {
  next_state(pages_.find(page)->second, now).shared = shared;
  each_below(page, [&](past& below) { next_state(below, now).shared = shared; });
}

void workspace::move(std::string_view page, std::string_view below, wall_time now) {
  const auto& above = *find(below);
  auto& state = next_state(pages_.find(page)->second, now);
  state.kind = parent_kind::page;
  state.parent = below;
  state.edited_at = now;
  if (state.shared != above.shared)
    share(page, above.shared, now);
}

void workspace::purge(std::string_view page) {
  std::vector<std::string> gone{std::string{page}};
  each_below(page, [&](past& below) { gone.push_back(below.back().second.id); });
  for (const auto& one : gone)
    pages_.erase(one);
}

bool workspace::is_below(std::string_view page, std::string_view above) const {
  for (const auto* at = find(page); at; at = find(at->parent))
    if (at->id == above)
      return true;
  return false;
}

const data_source* workspace::find_source(std::string_view source) const {
  const auto found = std::ranges::find(sources, source, &data_source::id);
  return found == sources.end() ? nullptr : &*found;
}

} // namespace nexte::simulation::notion
