// The admin action `stats`: what tests and the demo prove their claims with.
#include "protocol/hubspot/simulator_admin.hpp"

namespace nexte::simulation {

using namespace hubspot;

void hubspot_admin::write_served(json::writer& out, bool every_record) const {
  out.begin_object();
  for (auto& account : at_.portals_) {
    out.key(std::to_string(account.hub_id)).begin_object();
    for (const auto& type : schemas()) {
      const auto& stream = account.stream(type);
      out.key(type.name);
      begin_served(out, stream.store.live_count(), stream.served);
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

admin_call::outcome hubspot_admin::stats() {
  json::writer out;
  out.begin_object();
  write_traffic(out, at_.traffic_);
  out.key("quota").begin_object();
  write_rules(out, at_.quota_);
  out.end_object();
  out.key("faults_armed").value(static_cast<uint64_t>(faults_.armed())).key("served");
  write_served(out, is_true("records"));
  out.end_object();
  if (is_true("reset")) {
    at_.traffic_ = {};
    at_.quota_.reset_reports();
    for (auto& account : at_.portals_)
      for (const auto& type : schemas())
        account.stream(type).served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation
