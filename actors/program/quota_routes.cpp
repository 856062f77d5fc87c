// The quota of each provider over time.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"

#include <cmath>

namespace nexte::program {
namespace {

using control::problem;
using control::routed_request;

void write_provider(json::writer& to, const std::string& name,
                    const quota_history::provider_quota& quota) {
  const auto& now = quota.samples.back();
  to.begin_object().key("provider").value(name).key("used").value(now.used);
  to.key("limit").value(now.limit).key("waiting").value(now.waiting);
  write_time(to, "back_at", quota.back_at);
  to.key("used_per_hour").value(int64_t{std::llround(quota.forecast.used_per_hour)});
  write_time(to, "full_at", quota.forecast.full_at);
  to.key("samples").begin_array();
  for (const auto& sample : quota.samples) {
    to.begin_object();
    write_time(to, "at", sample.at);
    to.key("used").value(sample.used).key("limit").value(sample.limit);
    to.key("waiting").value(sample.waiting).end_object();
  }
  to.end_array().end_object();
}

} // namespace

std::vector<control::route> quota_routes(const api_context& with) {
  const auto show = [runs = with.runs, quota = with.quota](const routed_request&,
                                                           control::reply send) {
    runs->list([quota, send = std::move(send)](const result<std::vector<integration_status>>& all) {
      if (!all)
        return send(problem(all.failure()));
      json::writer to;
      to.begin_object().key("providers").begin_array();
      for (const auto& [name, one] : quota->take(*all))
        write_provider(to, name, one);
      to.end_array().end_object();
      send_json(send, to);
    });
  };
  return {{"GET", "/v1/quota", {}, show}};
}

} // namespace nexte::program
