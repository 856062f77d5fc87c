#include "actors/program/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

namespace nexte::program {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using label = ClientMetric::Label;

constexpr std::string_view states[] = {"connected", "rate_limited", "reconnecting", "disconnected"};

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily made;
  made.name = "nexte_sync_" + std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

void add_gauge(MetricFamily& to, double value, std::vector<label> labels = {}) {
  auto& made = to.metric.emplace_back();
  made.label = std::move(labels);
  made.gauge.value = value;
}

MetricFamily gauge(std::string name, std::string help, double value) {
  auto made = family(std::move(name), std::move(help), MetricType::Gauge);
  add_gauge(made, value);
  return made;
}

MetricFamily histogram(std::string name, std::string help, const distribution_figures& figures) {
  auto made = family(std::move(name), std::move(help), MetricType::Histogram);
  auto& shown = made.metric.emplace_back().histogram;
  for (size_t i = 0; i < figures.counts.size(); ++i) {
    shown.sample_count += figures.counts[i];
    const auto bound
        = i < figures.bounds.size() ? figures.bounds[i] : std::numeric_limits<double>::infinity();
    shown.bucket.push_back({shown.sample_count, bound});
  }
  shown.sample_sum = figures.sum;
  return made;
}

/// What is counted of all integrations of one provider.
struct provider_sum {
  std::map<std::string, uint64_t, std::less<>> states;
  uint64_t records = 0;
  double quota_part = 0; ///< Of its tightest account.
};

std::map<std::string, provider_sum> sums_of(const std::vector<integration_status>& all) {
  std::map<std::string, provider_sum> sums;
  for (const auto& one : all) {
    auto& sum = sums[one.provider];
    ++sum.states[one.state];
    sum.records += one.records;
    if (one.quota_limit > 0)
      sum.quota_part
          = std::max(sum.quota_part, static_cast<double>(one.quota_used) / one.quota_limit);
  }
  return sums;
}

void add_integrations(std::vector<MetricFamily>& to, const std::vector<integration_status>& all) {
  auto by_state = family("integrations", "Integrations by provider and state of the connection.",
                         MetricType::Gauge);
  auto records = family("records", "Live records in the store, by provider.", MetricType::Gauge);
  auto quota = family("quota_used_ratio",
                      "Part used of the tightest window of the provider's busiest account.",
                      MetricType::Gauge);
  for (const auto& [provider, sum] : sums_of(all)) {
    for (const auto state : states) {
      const auto found = sum.states.find(state);
      add_gauge(by_state, found == sum.states.end() ? 0 : static_cast<double>(found->second),
                {{"provider", provider}, {"state", std::string{state}}});
    }
    add_gauge(records, static_cast<double>(sum.records), {{"provider", provider}});
    add_gauge(quota, sum.quota_part, {{"provider", provider}});
  }
  std::map<std::string, uint64_t> kinds;
  for (const auto& one : all)
    for (const auto& incident : one.incidents)
      ++kinds[incident.kind];
  auto incidents = family("open_incidents", "Open incidents by kind.", MetricType::Gauge);
  for (const auto& [kind, count] : kinds)
    add_gauge(incidents, static_cast<double>(count), {{"kind", kind}});
  for (auto* one : {&by_state, &records, &quota, &incidents})
    to.push_back(std::move(*one));
}

MetricFamily quota_forecast_of(const quota_desk::by_provider& quota) {
  auto shown
      = family("quota_full_seconds",
               "Time until the provider's busiest account has used its quota up, at the pace "
               "of the last minutes; +Inf where it does not.",
               MetricType::Gauge);
  for (const auto& [provider, one] : quota) {
    const auto& full_at = one.forecast.full_at;
    const std::chrono::duration<double> left
        = full_at ? *full_at - one.samples.back().at : milliseconds{0};
    add_gauge(shown, full_at ? left.count() : std::numeric_limits<double>::infinity(),
              {{"provider", provider}});
  }
  return shown;
}

} // namespace

std::string metrics_text(const engine_figures& figures, const std::vector<integration_status>& all,
                         const quota_desk::by_provider& quota) {
  std::vector<MetricFamily> shown;
  add_integrations(shown, all);
  shown.push_back(quota_forecast_of(quota));
  shown.push_back(histogram("cycle_duration_seconds",
                            "Runs of a stream that ended well, from their begin to their end.",
                            figures.cycle_seconds));
  shown.push_back(histogram("poll_lateness_seconds", "From when a poll was due until it began.",
                            figures.lateness_seconds));
  shown.push_back(histogram("quota_grant_wait_seconds",
                            "From asking for quota until it was granted.",
                            figures.grant_wait_seconds));
  shown.push_back(gauge("quota_requests_waiting", "Requests that wait for quota.",
                        static_cast<double>(figures.requests_waiting)));
  auto restarts = family("connector_restarts_total",
                         "Connectors that failed and were started again.", MetricType::Counter);
  restarts.metric.emplace_back().counter.value = static_cast<double>(figures.restarts);
  shown.push_back(std::move(restarts));
  shown.push_back(histogram("store_commit_writes", "Writes gathered into one durable transaction.",
                            figures.commit_writes));
  shown.push_back(gauge("store_writes_waiting", "Writes that wait for the store.",
                        static_cast<double>(figures.writes_waiting)));
  shown.push_back(gauge("store_size_bytes", "Size of the store's file.",
                        static_cast<double>(figures.store_bytes)));
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, shown);
  return std::move(text).str();
}

} // namespace nexte::program
