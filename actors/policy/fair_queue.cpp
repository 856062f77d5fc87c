#include "actors/policy/fair_queue.hpp"

#include <algorithm>

namespace nexte {
namespace {

constexpr auto person = static_cast<size_t>(quota_lane::person);
constexpr auto background = static_cast<size_t>(quota_lane::background);
/// Members without requests that are kept, for they mostly come back.
constexpr size_t empty_members_min = 1024;
/// A unit of cost, divided among the workspaces of a class without much rounding.
constexpr uint64_t share_unit = uint64_t{1} << 20;

unsigned longer(unsigned run, size_t lane) {
  return lane == person ? std::min(run + 1, person_run_max) : 0;
}

} // namespace

waiting_id fair_queue::push(const waiting_request& request) {
  while (classes_.size() <= request.key.endpoint)
    classes_.emplace_back();
  auto& kind = classes_[request.key.endpoint];
  kind.quantum = std::max<uint64_t>(kind.quantum, request.cost);
  auto& one = member_of(request, kind);
  ++one.requests;
  held_ += one.parked;
  const auto id = requests_.insert({&one, 0, 0, request.cost, request.lane});
  append(id);
  return id;
}

bool fair_queue::withdraw(waiting_id waiting) {
  if (!requests_.find(waiting))
    return false;
  const auto entry = requests_.erase(waiting);
  auto& one = *entry.owner;
  unlink(entry);
  --one.requests;
  held_ -= one.parked;
  if (entry.before == 0 && one.parked)
    unpark(one); // it may have been parked for this one
  return true;
}

bool fair_queue::hurry(waiting_id waiting) {
  auto* entry = requests_.find(waiting);
  if (!entry || entry->lane == quota_lane::person)
    return false;
  unlink(*entry);
  if (entry->before == 0 && entry->owner->parked)
    unpark(*entry->owner);
  entry->lane = quota_lane::person;
  append(waiting);
  return true;
}

std::vector<quota_grant> fair_queue::pop_ready(quota_ledger& ledger, steady_time now,
                                               size_t grants_max) {
  std::vector<quota_grant> granted;
  unpark_due(ledger, now);
  for (auto& kind : classes_)
    kind.stopped = false;
  ready_ = true;
  while (ready_ && granted.size() < grants_max) {
    const auto grant = pop_one(ledger, now);
    ready_ = grant.has_value();
    if (grant)
      granted.push_back(*grant);
  }
  if (members_.size() > 2 * requests_.size() + empty_members_min)
    forget_empty();
  return granted;
}

std::optional<steady_time> fair_queue::next_due() const {
  if (ready_)
    return steady_time::min();
  std::optional<steady_time> due;
  if (!parked_.empty())
    due = std::get<steady_time>(*parked_.begin());
  for (const auto& kind : classes_)
    if (kind.stopped && kind.retry_due)
      due = due ? std::min(*due, *kind.retry_due) : kind.retry_due;
  return due;
}

fair_queue::member& fair_queue::member_of(const waiting_request& request, endpoint_class& kind) {
  const auto [at, is_new] = members_.try_emplace({request.integration, request.key});
  auto& one = at->second;
  if (is_new) {
    one.serial = ++serial_;
    one.key = request.key;
    for (size_t lane = 0; lane < lanes; ++lane) {
      one.turns[lane] = &kind.rings[lane].workspaces[request.workspace.str()];
      ++one.turns[lane]->members;
    }
  }
  one.turns[static_cast<size_t>(request.lane)]->weight = std::max(1u, request.weight);
  return one;
}

/// Puts a request at the end of its lane's line.
void fair_queue::append(waiting_id waiting) {
  auto& entry = *requests_.find(waiting);
  auto& one = *entry.owner;
  const auto lane = static_cast<size_t>(entry.lane);
  auto& line = one.waiting[lane];
  entry.before = line.tail;
  entry.after = 0;
  if (line.tail)
    requests_.find(line.tail)->after = waiting;
  line.tail = waiting;
  if (line.head)
    return;
  line.head = waiting;
  if (one.parked)
    unpark(one); // what it was parked for may be dearer than the new one
  else
    list(one, lane);
}

/// Takes an entry, which may be erased already, out of its line.
void fair_queue::unlink(const request_entry& entry) {
  auto& line = entry.owner->waiting[static_cast<size_t>(entry.lane)];
  (entry.before ? requests_.find(entry.before)->after : line.head) = entry.after;
  (entry.after ? requests_.find(entry.after)->before : line.tail) = entry.before;
}

/// Gives a member a turn in its workspace, and the workspace one in its class.
void fair_queue::list(member& one, size_t lane) {
  ready_ = true;
  if (one.in_turn[lane])
    return;
  one.in_turn[lane] = true;
  auto& turn = *one.turns[lane];
  turn.ready.push_back(&one);
  if (turn.in_ring)
    return;
  auto& kind = classes_[one.key.endpoint];
  turn.in_ring = true;
  turn.deficit = kind.quantum * turn.weight;
  auto& [workspaces, ring, served] = kind.rings[lane];
  if (ring.empty()) // what it did not ask for meanwhile is lost
    served = std::max(served, served_[lane]);
  ring.push_back(&turn);
}

void fair_queue::park(member& one, const quota_decision& refused, quota_ledger& ledger) {
  one.parked = true;
  held_ += one.requests;
  one.due = refused.retry_due;
  if (one.due)
    parked_.emplace(*one.due, one.serial, &one);
  one.watched = refused.counter;
  if (one.watched) {
    auto& watchers = watchers_[one.watched];
    one.watcher = watchers.insert(watchers.end(), &one);
    ledger.watch(one.watched, !one.due);
  }
}

void fair_queue::unpark(member& one) {
  one.parked = false;
  held_ -= one.requests;
  if (one.due)
    parked_.erase({*one.due, one.serial, &one});
  if (one.watched) {
    const auto at = watchers_.find(one.watched);
    at->second.erase(one.watcher);
    if (at->second.empty())
      watchers_.erase(at);
  }
  for (size_t lane = 0; lane < lanes; ++lane)
    if (one.waiting[lane].head)
      list(one, lane);
}

void fair_queue::unpark_due(quota_ledger& ledger, steady_time now) {
  while (!parked_.empty() && std::get<steady_time>(*parked_.begin()) <= now)
    unpark(*std::get<member*>(*parked_.begin()));
  for (const auto counter : ledger.take_woken())
    for (auto at = watchers_.find(counter); at != watchers_.end(); at = watchers_.find(counter))
      unpark(*at->second.front());
}

void fair_queue::forget_empty() {
  std::erase_if(members_, [](auto& entry) {
    auto& one = entry.second;
    if (one.waits() || one.in_turn[person] || one.in_turn[background])
      return false;
    for (auto* turn : one.turns)
      --turn->members;
    return true;
  });
  for (auto& kind : classes_)
    for (auto& lane : kind.rings)
      std::erase_if(lane.workspaces, [](const auto& entry) {
        return entry.second.members == 0 && !entry.second.in_ring;
      });
}

/// Grants one request, of whichever lane and class it is the turn.
std::optional<quota_grant> fair_queue::pop_one(quota_ledger& ledger, steady_time now) {
  while (true) {
    auto lane = person;
    auto* kind = next_class(person);
    if (!kind || person_run_ >= person_run_max)
      if (auto* other = next_class(background)) {
        lane = background;
        kind = other;
      }
    if (!kind)
      return std::nullopt;
    if (const auto grant = serve(*kind, lane, ledger, now))
      return grant;
  }
}

/// The class in which a workspace was served least, of those that may have something to give. Null:
/// there is none.
fair_queue::endpoint_class* fair_queue::next_class(size_t lane) {
  endpoint_class* least = nullptr;
  for (auto& kind : classes_)
    if (!kind.stopped && !kind.rings[lane].ring.empty()
        && (!least || kind.rings[lane].served < least->rings[lane].served))
      least = &kind;
  return least;
}

/// The request that a member has its turn in `lane` for: a long run of the person lane lends one.
waiting_id fair_queue::head_of(const member& one, size_t lane) {
  const bool lend = lane == person && one.person_run >= person_run_max;
  const auto lent = lend ? one.waiting[background].head : 0;
  return lent ? lent : one.waiting[lane].head;
}

/// Whose request is next in a lane: the head of the first member of the first workspace that has
/// units left in this round. Null: the lane is empty after all.
fair_queue::member* fair_queue::next_member(endpoint_class& kind, size_t lane) {
  auto& ring = kind.rings[lane].ring;
  while (!ring.empty()) {
    auto& turn = *ring.front();
    while (!turn.ready.empty()) {
      auto* one = turn.ready.front();
      if (!one->parked && one->waiting[lane].head)
        break;
      one->in_turn[lane] = false;
      turn.ready.pop_front();
    }
    if (turn.ready.empty()) {
      turn.in_ring = false;
      ring.pop_front();
      continue;
    }
    auto* one = turn.ready.front();
    if (turn.deficit >= requests_.find(head_of(*one, lane))->cost)
      return one;
    turn.deficit += kind.quantum * turn.weight;
    ring.push_back(&turn);
    ring.pop_front();
  }
  return nullptr;
}

/// Grants one request of the class, parking on the way whoever's own counters are against it. None:
/// the class is stopped, or its lane empty after all.
std::optional<quota_grant> fair_queue::serve(endpoint_class& kind, size_t lane,
                                             quota_ledger& ledger, steady_time now) {
  while (auto* one = next_member(kind, lane)) {
    const auto waiting = head_of(*one, lane);
    const auto cost = requests_.find(waiting)->cost;
    const auto decision = ledger.take(one->key, cost, now);
    if (decision.grant == 0 && decision.app_wide) {
      kind.stopped = true;
      kind.retry_due = decision.retry_due;
      return std::nullopt;
    }
    if (decision.grant == 0) {
      park(*one, decision, ledger);
      continue;
    }
    auto& [workspaces, ring, served] = kind.rings[lane];
    served_[lane] = served;
    served += cost * share_unit / ring.size();
    const auto entry = requests_.erase(waiting);
    unlink(entry);
    --one->requests;
    person_run_ = longer(person_run_, static_cast<size_t>(entry.lane));
    one->person_run = longer(one->person_run, static_cast<size_t>(entry.lane));
    auto& turn = *one->turns[lane];
    turn.deficit -= cost;
    turn.ready.pop_front();
    turn.ready.push_back(one); // the next integration's turn; an empty one goes when reached
    return quota_grant{waiting, decision.grant};
  }
  return std::nullopt;
}

} // namespace nexte
