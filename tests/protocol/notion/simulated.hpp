// A Notion simulator with a token at hand, and its answers read.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/notion/simulator.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexte::test {

struct simulated_notion {
  explicit simulated_notion(uint64_t records = 20, unsigned accounts = 1)
      : sim(options(records, accounts)), token(sim.issue_access_token(now)) {}

  static simulation::simulator_options options(uint64_t records, unsigned accounts) {
    simulation::simulator_options o;
    o.records = records;
    o.accounts = accounts;
    o.auto_consent = true;
    return o;
  }

  http_response send(const std::string& method, const std::string& path,
                     const std::string& body = {}) {
    http_request request{method, "https://api.notion.com" + path, body,
                         body.empty() ? "" : "application/json"};
    if (!token.empty())
      request.headers.add("Authorization", "Bearer " + token);
    if (!version.empty())
      request.headers.add("Notion-Version", version);
    return sim.handle(request, now);
  }
  http_response get(const std::string& path) {
    return send("GET", path);
  }
  http_response search(const std::string& body) {
    return send("POST", "/v1/search", body);
  }
  http_response query(const std::string& body, size_t source = 0) {
    return send("POST", "/v1/data_sources/" + space().sources[source].id + "/query", body);
  }
  json::value admin(std::string_view action, const std::string& body = "{}") {
    const auto response = sim.admin(action, body, now);
    EXPECT_EQ(response.status, 200) << *response.body;
    return read(response);
  }
  simulation::notion::workspace& space() {
    return sim.workspace_at(0);
  }
  static json::value read(const http_response& response) {
    auto value = json::parse_value(*response.body);
    EXPECT_TRUE(value) << *response.body;
    return value ? *std::move(value) : json::value{};
  }
  static std::string code_of(const http_response& response) {
    return std::string{read(response).string_or_empty("code")};
  }
  static std::vector<std::string> ids_of(const http_response& response) {
    std::vector<std::string> ids;
    const auto whole = read(response);
    const auto* results = whole.find("results");
    EXPECT_TRUE(results) << *response.body;
    if (results)
      for (const auto& one : results->items)
        ids.emplace_back(one.string_or_empty("id"));
    return ids;
  }
  /// All ids of a list, page by page; `body` without its closing brace.
  template <class Ask>
  std::vector<std::string> all_ids(const std::string& body, Ask ask) {
    std::vector<std::string> all;
    for (std::string more = "}";;) {
      const auto answer = ask(body + more);
      for (auto& id : ids_of(answer))
        all.push_back(std::move(id));
      const auto whole = read(answer);
      const auto cursor = whole.string_or_empty("next_cursor");
      EXPECT_EQ(whole.find("has_more")->truth, !cursor.empty());
      if (cursor.empty())
        return all;
      more = R"(,"start_cursor":")" + std::string{cursor} + "\"}";
    }
  }
  /// Some page that is live.
  std::string some_page(simulation::notion::parent_kind kind
                        = simulation::notion::parent_kind::data_source) {
    std::string id;
    space().each(now, [&](const auto& page) {
      if (id.empty() && page.kind == kind && !page.in_trash())
        id = page.id;
    });
    return id;
  }

  wall_time now = *parse_iso_time("2026-03-01T10:00:30Z");
  simulation::notion_simulator sim;
  std::string token;
  std::string version = "2026-03-11";
};

} // namespace nexte::test
