// A Pipedrive simulator with a token at hand, and its answers read.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/pipedrive/simulator.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexte::test {

struct simulated_pipedrive {
  explicit simulated_pipedrive(uint64_t records = 20, unsigned accounts = 1)
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
    return send({"GET", sim.api_domain() + path});
  }
  http_response post(const std::string& path, std::string body) {
    return send({"POST", sim.api_domain() + path, std::move(body), "application/json"});
  }
  http_response patch(const std::string& path, std::string body) {
    return send({"PATCH", sim.api_domain() + path, std::move(body), "application/json"});
  }
  http_response del(const std::string& path) {
    return send({"DELETE", sim.api_domain() + path});
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
  /// The record in an answer, or null JSON.
  static json::value data(const http_response& response) {
    const auto whole = read(response);
    const auto* found = whole.find("data");
    return found ? *found : json::value{};
  }
  static std::string error_of(const http_response& response) {
    return std::string{read(response).string_or_empty("error")};
  }
  /// All ids of a list, page by page.
  std::vector<std::string> ids(const std::string& path) {
    std::vector<std::string> all;
    for (std::string cursor;;) {
      const auto whole
          = read(get(path + (cursor.empty() ? "" : "&cursor=" + percent_encode(cursor))));
      const auto* rows = whole.find("data");
      EXPECT_TRUE(rows) << path;
      if (!rows)
        return all;
      for (const auto& row : rows->items)
        all.push_back(row.find("id")->text);
      cursor = whole.find("additional_data")->string_or_empty("next_cursor");
      if (cursor.empty())
        return all;
    }
  }

  wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
  simulation::pipedrive_simulator sim;
  std::string token;
};

} // namespace nexte::test
