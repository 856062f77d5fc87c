#include "protocol/hubspot/change_search.hpp"

#include "protocol/json/writer.hpp"

#include <algorithm>

namespace nexte::hubspot {
namespace {

constexpr unsigned search_limit = 200; // objects a page, hubspot.md §3.1
constexpr std::string_view object_id = "hs_object_id";
constexpr std::string_view below_every_id = "0";

/// Results come slightly out of order, and a fraction of a millisecond early (hubspot.md §3.1).
constexpr milliseconds order_slack{1};

void add_filter(json::writer& out, std::string_view property, std::string_view comparison,
                std::string_view value) {
  out.begin_object();
  out.key("propertyName").value(property);
  out.key("operator").value(comparison);
  out.key("value").value(value);
  out.end_object();
}

std::string written(wall_time at) {
  return std::to_string(at.time_since_epoch().count());
}

/// Ids are decimal numbers of up to 64 bits without leading zeros.
bool id_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

} // namespace

change_search::change_search(wall_time since, std::string since_id)
    : since_(std::max(since, search_since_min)),
      id_(since >= search_since_min ? std::move(since_id) : std::string{}),
      known_(since_),
      known_id_(id_) {}

std::string change_search::request_body(const object_type& type) const {
  const bool draining = !id_.empty();
  json::writer out;
  out.begin_object();
  out.key("filterGroups").begin_array().begin_object().key("filters").begin_array();
  add_filter(out, type.last_modified, "GTE", written(since_));
  if (draining) {
    add_filter(out, type.last_modified, "LT", written(since_ + milliseconds{1}));
    add_filter(out, object_id, "GT", id_);
  }
  out.end_array().end_object().end_array();
  out.key("sorts").begin_array().begin_object();
  out.key("propertyName").value(draining ? object_id : type.last_modified);
  out.key("direction").value("ASCENDING").end_object().end_array();
  out.key("properties").begin_array();
  for (const auto property : type.properties)
    out.value(property);
  out.end_array();
  out.key("limit").value(search_limit);
  return out.end_object().take();
}

result<void> change_search::advance(const object_page& answer, wall_time server_now) {
  if (!horizon_)
    horizon_ = server_now - index_lag_max;
  if (answer.after && answer.objects.records.empty())
    return error{ec::malformed, "HubSpot's search names a next page after an empty one"};
  for (const auto& object : answer.objects.records)
    seen_max_ = std::max(seen_max_, object.modified_at);
  if (!id_.empty()) {
    if (auto drained = drain(answer); !drained)
      return drained;
  } else if (answer.after) {
    walk(answer);
  } else {
    done_ = true;
  }
  // The rest was modified after the walk began: the next walk's business.
  done_ = done_ || since_ > *horizon_ + index_lag_max;
  note_known();
  return {};
}

result<void> change_search::drain(const object_page& answer) {
  if (!answer.after) { // this millisecond is through
    since_ += milliseconds{1};
    id_.clear();
    return {};
  }
  const auto& objects = answer.objects.records;
  const auto last = std::ranges::max_element(objects, id_less, &record_view::id);
  if (!id_less(id_, last->id))
    return error{ec::malformed, "HubSpot's search by id does not move on from " + id_};
  id_ = last->id;
  return {};
}

void change_search::walk(const object_page& answer) {
  std::optional<wall_time> settled;
  wall_time last{};
  for (const auto& object : answer.objects.records) {
    last = std::max(last, object.modified_at);
    if (object.modified_at <= *horizon_)
      settled = std::max(settled.value_or(object.modified_at), object.modified_at);
  }
  if (!settled && since_ < *horizon_)
    leapt_ = true;
  const auto next = settled.value_or(last) - order_slack;
  if (next > since_)
    since_ = next;
  else
    id_ = below_every_id;
}

/// Moves `known` behind the walk.
void change_search::note_known() {
  if (leapt_)
    return;
  // At the end all that the index held is known. A quiet stream then stands one past the last
  // change, so that its next walk finds nothing instead of that change.
  const auto reached = done_ ? std::max(since_, seen_max_ + milliseconds{1}) : since_;
  known_ = std::min(reached, *horizon_);
  known_id_ = known_ == since_ ? id_ : std::string{};
}

} // namespace nexte::hubspot
