// The quota tables of all providers.
#include "protocol/figma/quota.hpp"
#include "protocol/google/quota.hpp"
#include "protocol/hubspot/quota.hpp"
#include "protocol/microsoft/quota.hpp"
#include "protocol/notion/quota.hpp"
#include "protocol/pipedrive/quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace nexte;
using namespace std::chrono_literals;

namespace {

struct table {
  std::string provider;
  std::vector<quota_window> windows;
  std::vector<concurrency_cap> caps;
  std::set<std::string_view> endpoints; ///< That its connector may name.
};

std::vector<table> tables() {
  return {
      {"google", google::quota_windows(), {}, {google::gmail_endpoint, google::drive_endpoint}},
      {"microsoft",
       microsoft::quota_windows(),
       microsoft::concurrency_caps(),
       {microsoft::outlook_endpoint}},
      {"hubspot", hubspot::quota_windows(), {}, {"search"}},
      {"pipedrive", pipedrive::quota_windows(), {}, {pipedrive::search_endpoint}},
      {"notion", notion::quota_windows(), {}, {}},
      {"figma", figma::quota_windows(), {}, {figma::tier1_endpoint, figma::tier3_endpoint}},
  };
}

bool counts(const quota_window& window, std::string_view endpoint) {
  return window.endpoint == endpoint || window.endpoint == every_endpoint;
}

} // namespace

TEST(QuotaTables, AreOfPositiveWindowsAndCaps) {
  for (const auto& [provider, windows, caps, endpoints] : tables()) {
    for (const auto& window : windows) {
      EXPECT_GT(window.limit, 0u) << provider << ' ' << window.name;
      EXPECT_GT(window.span, 0ms) << provider << ' ' << window.name;
      EXPECT_TRUE(!window.daily || window.span == 24h) << provider << ' ' << window.name;
    }
    for (const auto& cap : caps)
      EXPECT_GT(cap.limit, 0u) << provider << ' ' << cap.name;
  }
}

TEST(QuotaTables, HaveNamesThatAreUnique) {
  for (const auto& [provider, windows, caps, endpoints] : tables()) {
    std::set<std::string> names{""};
    for (const auto& window : windows)
      EXPECT_TRUE(names.insert(window.name).second) << provider << ' ' << window.name;
    for (const auto& cap : caps)
      EXPECT_TRUE(names.insert(cap.name).second) << provider << ' ' << cap.name;
  }
}

TEST(QuotaTables, NameNoEndpointClassBesideThoseOfTheConnector) {
  for (const auto& [provider, windows, caps, endpoints] : tables()) {
    const auto known = [&endpoints = endpoints](const std::string& endpoint) {
      return endpoint.empty() || endpoint == every_endpoint || endpoints.contains(endpoint);
    };
    for (const auto& window : windows)
      EXPECT_TRUE(known(window.endpoint)) << provider << ' ' << window.name;
    for (const auto& cap : caps)
      EXPECT_TRUE(known(cap.endpoint)) << provider << ' ' << cap.name;
  }
}

TEST(QuotaTables, LimitEveryRequestOfWhateverClass) {
  for (auto& [provider, windows, caps, endpoints] : tables()) {
    auto classes = endpoints;
    classes.insert("");
    for (const auto endpoint : classes)
      EXPECT_TRUE(std::ranges::any_of(windows, [&](const auto& w) { return counts(w, endpoint); }))
          << provider << " \"" << endpoint << '"';
  }
}

TEST(QuotaTables, LetTheDearestCallGo) {
  for (const auto& window : google::quota_windows())
    EXPECT_GE(window.limit, google::messages_get_units);
  for (const auto& window : pipedrive::quota_windows())
    EXPECT_TRUE(window.counts == quota_unit::request || window.limit >= pipedrive::search_tokens);
}

TEST(QuotaTables, SayWhereAPersonLooks) {
  for (const auto where :
       {google::quota_dashboard, microsoft::quota_dashboard, hubspot::quota_dashboard,
        pipedrive::quota_dashboard, notion::quota_dashboard, figma::quota_dashboard})
    EXPECT_TRUE(where.starts_with("https://")) << where;
  for (const auto* provider : providers())
    EXPECT_TRUE(provider->quota_dashboard.starts_with("https://")) << provider->name;
}
