// A Microsoft 365 simulator with a token at hand, and its answers read.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/microsoft/simulator.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexte::test {

struct simulated_microsoft {
  explicit simulated_microsoft(uint64_t records = 20, unsigned accounts = 1)
      : sim(options(records, accounts)), token(sim.issue_access_token(now)) {}

  static simulation::simulator_options options(uint64_t records, unsigned accounts) {
    simulation::simulator_options o;
    o.records = records;
    o.accounts = accounts;
    o.auto_consent = true;
    return o;
  }

  http_response send(http_request request) {
    if (!request.headers.has("Authorization") && !token.empty())
      request.headers.add("Authorization", "Bearer " + token);
    return sim.handle(request, now);
  }
  /// `path` below Graph's address, or a link of an answer.
  http_response get(const std::string& path, const std::string& prefer = immutable) {
    http_request request{"GET", path.starts_with("http") ? path : sim.api_base() + path};
    if (!prefer.empty())
      request.headers.add("Prefer", prefer);
    return send(std::move(request));
  }
  json::value admin(std::string_view action, const std::string& body = "{}") {
    const auto response = sim.admin(action, body, now);
    EXPECT_EQ(response.status, 200) << *response.body;
    return read(response);
  }
  static json::value read(const http_response& response) {
    auto value = json::parse_value(*response.body);
    EXPECT_TRUE(value) << *response.body;
    return value ? *std::move(value) : json::value{};
  }
  static std::string code_of(const http_response& response) {
    const auto whole = read(response);
    const auto* error = whole.find("error");
    return error ? std::string{error->string_or_empty("code")} : "";
  }
  /// A round of a delta: its entries, and at last its delta link.
  struct round {
    std::vector<json::value> entries;
    std::string link;
    size_t pages = 0;
  };
  round follow(const std::string& from, const std::string& prefer = immutable) {
    round all;
    for (std::string at = from; !at.empty();) {
      const auto whole = read(get(at, prefer));
      const auto* rows = whole.find("value");
      EXPECT_TRUE(rows) << at;
      if (!rows)
        return all;
      ++all.pages;
      all.entries.insert(all.entries.end(), rows->items.begin(), rows->items.end());
      all.link = whole.string_or_empty("@odata.deltaLink");
      at = whole.string_or_empty("@odata.nextLink");
      EXPECT_NE(at.empty(), all.link.empty()); // exactly one of the two
    }
    return all;
  }

  static inline const std::string immutable = "IdType=\"ImmutableId\", odata.maxpagesize=7";

  wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
  simulation::microsoft_simulator sim;
  std::string token;
};

} // namespace nexte::test
