// A HubSpot simulator with a token at hand, and its answers read.
#pragma once

#include "protocol/hubspot/simulator.hpp"
#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include <string>

namespace nexte::test {

struct simulated_hubspot {
  explicit simulated_hubspot(uint64_t records = 20, unsigned accounts = 1)
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
  http_response get(const std::string& path) {
    return send({"GET", base + path});
  }
  http_response post(const std::string& path, std::string body) {
    return send({"POST", base + path, std::move(body), "application/json"});
  }
  http_response patch(const std::string& path, std::string body) {
    return send({"PATCH", base + path, std::move(body), "application/json"});
  }
  http_response del(const std::string& path) {
    return send({"DELETE", base + path});
  }
  http_response form(const std::string& path, std::string body) {
    return sim.handle({"POST", base + path, std::move(body), "application/x-www-form-urlencoded"},
                      now);
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
  std::string create(const simulation::hubspot_simulator::named_values& values,
                     std::string_view type = "contacts") {
    return sim.create(type, values, now);
  }

  const std::string base = "https://api.hubapi.com";
  wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
  simulation::hubspot_simulator sim;
  std::string token;
};

/// The member at a path of names, or null JSON.
inline const json::value& at(const json::value& value,
                             std::initializer_list<std::string_view> path) {
  static const json::value none;
  const auto* found = &value;
  for (const auto name : path) {
    found = found->find(name);
    if (!found)
      return none;
  }
  return *found;
}

} // namespace nexte::test
