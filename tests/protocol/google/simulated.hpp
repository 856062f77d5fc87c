// A Google simulator with a token at hand, and its answers read.
#pragma once

#include "protocol/google/simulator.hpp"
#include "protocol/json/reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexte::test {

struct simulated_google {
  explicit simulated_google(uint64_t records = 20, unsigned accounts = 1)
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
  /// `path` below "https://gmail.googleapis.com/gmail/v1/users/me/".
  http_response mail(const std::string& path) {
    return send({"GET", "https://gmail.googleapis.com/gmail/v1/users/me/" + path});
  }
  /// `path` below "https://www.googleapis.com/".
  http_response get(const std::string& path) {
    return send({"GET", "https://www.googleapis.com/" + path});
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
  /// `error.errors[0].reason`
  static std::string reason(const http_response& response) {
    const auto whole = read(response);
    const auto* failure = whole.find("error");
    const auto* errors = failure ? failure->find("errors") : nullptr;
    return errors && !errors->items.empty()
               ? std::string{errors->items[0].string_or_empty("reason")}
               : std::string{};
  }

  wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
  simulation::google_simulator sim;
  std::string token;
};

} // namespace nexte::test
