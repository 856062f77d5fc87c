// The admin action `stats`: what tests and the demo prove their claims with.
#include "protocol/hubspot/simulator_admin.hpp"

#include <map>

namespace nexte::simulation {

using namespace hubspot;

bool hubspot_admin::is_true(std::string_view name) const {
  const auto* member = body.find(name);
  return member && member->truth;
}

void hubspot_admin::write_quota(json::writer& out) const {
  out.begin_object();
  for (const auto& rule : at.quota_.rules()) {
    const auto report = at.quota_.report(rule.name);
    out.key(rule.name).begin_object().key("limit").value(rule.limit);
    out.key("peak").value(report.peak).key("admitted").value(report.admitted);
    out.key("violations").value(report.violations).end_object();
  }
  out.end_object();
}

void hubspot_admin::write_served(json::writer& out, bool every_record) const {
  out.begin_object();
  for (auto& account : at.portals_) {
    out.key(std::to_string(account.hub_id)).begin_object();
    for (const auto& type : schemas()) {
      const auto& stream = account.stream(type);
      std::map<uint32_t, uint64_t> times; // how many records were served so many times
      for (const auto& [id, count] : stream.served)
        ++times[count];
      out.key(type.name).begin_object();
      out.key("live").value(static_cast<uint64_t>(stream.store.live_count()));
      out.key("records").value(static_cast<uint64_t>(stream.served.size()));
      out.key("times").begin_object();
      for (const auto& [count, records] : times)
        out.key(std::to_string(count)).value(records);
      out.end_object();
      if (every_record) {
        out.key("by_record").begin_object();
        for (const auto& [id, count] : stream.served)
          out.key(std::to_string(id)).value(count);
        out.end_object();
      }
      out.end_object();
    }
    out.end_object();
  }
  out.end_object();
}

hubspot_admin::outcome hubspot_admin::stats() {
  json::writer out;
  uint64_t sum = 0;
  out.begin_object().key("requests").begin_object();
  for (const auto& [endpoint, count] : at.requests_) {
    out.key(endpoint).value(count);
    sum += count;
  }
  out.end_object().key("requests_total").value(sum).key("statuses").begin_object();
  for (const auto& [status, count] : at.statuses_)
    out.key(std::to_string(status)).value(count);
  out.end_object().key("writes").value(at.writes_).key("quota");
  write_quota(out);
  out.key("faults_armed").value(static_cast<uint64_t>(at.faults_.armed())).key("served");
  write_served(out, is_true("records"));
  out.end_object();
  if (is_true("reset")) {
    at.requests_.clear();
    at.statuses_.clear();
    at.writes_ = 0;
    at.quota_.reset_reports();
    for (auto& account : at.portals_)
      for (const auto& type : schemas())
        account.stream(type).served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation
