#include "actors/program/metrics.hpp"

#include "tests/program/control_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

using namespace nexte;
using namespace nexte::program;

namespace {

struct family {
  std::string help;
  std::string type;
  std::vector<std::string> samples; ///< Name and labels.
};

/// Reads the text as a scraper does; a line that is none is a failure.
std::map<std::string, family> read(const std::string& text) {
  static const std::regex meta{R"(# (HELP|TYPE) ([a-z_]+) (.+))"};
  static const std::regex sample{R"(([a-z_]+)(\{[^}]*\})? ([-0-9.eE]+|\+Inf|Nan))"};
  std::map<std::string, family> all;
  std::istringstream lines{text};
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, meta)) {
      current = found[2];
      (found[1] == "HELP" ? all[current].help : all[current].type) = found[3];
    } else if (std::regex_match(line, found, sample)) {
      EXPECT_TRUE(found[1].str().starts_with(current))
          << "a sample outside of its family: " << line;
      all[current].samples.push_back(found[1].str() + found[2].str());
    } else {
      ADD_FAILURE() << "no line of the format: " << line;
    }
  }
  return all;
}

class Metrics : public control_fixture {
protected:
  std::string text() {
    return *call("GET", "/metrics").body;
  }
};

distribution_figures waits() {
  return {{0.5, 1}, {2, 1, 1}, 7.5};
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_F(Metrics, CountIntegrationsByStateAlsoThoseOfNone) {
  engine.put(1, "acme");
  engine.put(2, "other", "disconnected");
  const auto shown = text();
  const auto line = [](std::string_view state, int count) {
    return "nexte_sync_integrations{provider=\"hubspot\",state=\"" + std::string{state} + "\"} "
           + std::to_string(count);
  };
  EXPECT_TRUE(has_line(shown, line("connected", 1))) << shown;
  EXPECT_TRUE(has_line(shown, line("disconnected", 1)));
  EXPECT_TRUE(has_line(shown, line("rate_limited", 0))) << "a series must not come and go";
}

TEST_F(Metrics, TakeTheBusiestAccountForAProvidersQuota) {
  const auto one = engine.put(1, "acme");
  const auto two = engine.put(2, "other");
  engine.statuses[one].quota_used = 5;
  engine.statuses[one].quota_limit = 10;
  engine.statuses[two].quota_used = 30;
  engine.statuses[two].quota_limit = 40;
  EXPECT_TRUE(has_line(text(), "nexte_sync_quota_used_ratio{provider=\"hubspot\"} 0.75"));
}

TEST_F(Metrics, SayWhenAQuotaIsUsedUp) {
  const quota_sample now{fake_engine::noon, 5, 10, 0};
  quota_desk::by_provider quota;
  quota["figma"].samples = {now};
  quota["hubspot"].samples = {now};
  quota["hubspot"].forecast.full_at = fake_engine::noon + seconds{90};
  const auto shown = metrics_text({}, {}, quota);
  EXPECT_TRUE(has_line(shown, "nexte_sync_quota_full_seconds{provider=\"hubspot\"} 90")) << shown;
  EXPECT_TRUE(has_line(shown, "nexte_sync_quota_full_seconds{provider=\"figma\"} +Inf"));
}

TEST_F(Metrics, AddUpBuckets) {
  engine.measured.cycle_seconds = waits();
  const auto shown = text();
  for (const std::string line :
       {"nexte_sync_cycle_duration_seconds_bucket{le=\"0.5\"} 2",
        "nexte_sync_cycle_duration_seconds_bucket{le=\"1\"} 3",
        "nexte_sync_cycle_duration_seconds_bucket{le=\"+Inf\"} 4",
        "nexte_sync_cycle_duration_seconds_count 4", "nexte_sync_cycle_duration_seconds_sum 7.5"})
    EXPECT_TRUE(has_line(shown, line)) << line << "\n" << shown;
}

TEST_F(Metrics, NeedTheToken) {
  EXPECT_EQ(send({"GET", std::string{origin} + "/metrics"}).status, 401);
}

// https://prometheus.io/docs/practices/naming/, read 2026-11-24, and what promtool checks.
TEST_F(Metrics, FollowTheNamingRules) {
  const auto id = engine.put(1, "acme");
  incident_row incident;
  incident.kind = "rate_limited";
  engine.statuses[id].incidents = {incident};
  engine.statuses[id].quota_limit = 10;
  engine.measured.commit_writes = waits();
  for (const auto& [name, one] : read(text())) {
    EXPECT_TRUE(name.starts_with("nexte_sync_")) << name;
    EXPECT_FALSE(one.help.empty()) << name;
    EXPECT_FALSE(one.samples.empty()) << name;
    EXPECT_EQ(name.ends_with("_total"), one.type == "counter") << name;
    for (const auto* unit : {"_milliseconds", "_minutes", "_ms", "_kilobytes", "_percent"})
      EXPECT_EQ(name.find(unit), std::string::npos) << name << " has no base unit";
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
    EXPECT_NE(one.help, name) << "says nothing";
    for (const auto* unit : {"_s", "_sec", "_min", "_h", "_b", "_kb", "_mb", "_bits", "_days"})
      EXPECT_FALSE(name.ends_with(unit)) << name << " abbreviates its unit";
    for (const auto* part : {"_count", "_sum", "_bucket", "gauge", "counter", "histogram"})
      EXPECT_EQ(name.find(part), std::string::npos) << name << " holds what a type adds";
    EXPECT_EQ(std::ranges::count(one.samples, name + "_bucket{le=\"+Inf\"}"),
              one.type == "histogram" ? 1 : 0)
        << name;
  }
}

TEST_F(Metrics, AreAllThatTheDashboardShows) {
  const auto id = engine.put(1, "acme");
  incident_row incident;
  incident.kind = "rate_limited";
  engine.statuses[id].incidents = {incident};
  engine.statuses[id].quota_limit = 10;
  const auto known = read(text());
  std::ifstream file{NEXTE_SOURCE_DIR "/actors/program/operations/grafana.json"};
  const std::string dashboard{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_TRUE(json::parse_value(dashboard));
  static const std::regex name{R"(nexte_sync_[a-z_]+)"};
  size_t shown = 0;
  for (std::sregex_iterator at{dashboard.begin(), dashboard.end(), name}, end; at != end; ++at) {
    auto family = at->str();
    for (const std::string part : {"_bucket", "_count", "_sum"})
      if (family.ends_with(part))
        family.resize(family.size() - part.size());
    EXPECT_TRUE(known.contains(family)) << family;
    ++shown;
  }
  EXPECT_GE(shown, known.size());
}
