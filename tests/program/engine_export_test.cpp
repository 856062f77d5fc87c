// The engine behind its control API and commands, under virtual time: what leaves it for people.
#include "actors/program/commands.hpp"
#include "actors/program/control_api.hpp"
#include "tests/support/world_view.hpp"

#include <algorithm>
#include <set>
#include <sstream>

using namespace nexte;
using namespace nexte::program;
using namespace nexte::test;

namespace {

/// The control API as a network of one host; the engine runs while it is waited for.
class api_transport final : public transport {
public:
  api_transport(const control_api& api, std::function<void()> run) : api_(api), run_(run) {}
  void call(http_request request, done on_done) override {
    api_.handle(std::move(request), [on_done](http_response r) { on_done({std::move(r), true}); });
    run_();
  }

private:
  const control_api& api_;
  std::function<void()> run_;
};

class EngineExport : public virtual_world {
protected:
  static constexpr const char* origin = "http://127.0.0.1:8686";

  void open() {
    boot();
    control::guard_options who;
    who.address = "127.0.0.1";
    who.port = 8686;
    who.token = secret{"t0ken"};
    api = std::make_unique<control_api>(engine(), providers(), who);
    client = std::make_unique<control_client>(
        std::make_shared<api_transport>(*api, [this] { settle(); }),
        engine_door{origin, secret{"t0ken"}});
  }
  void TearDown() override {
    api.reset(); // the engine outlives it
    virtual_world::TearDown();
  }
  shell with(bool as_json) {
    return {*client, out, {}, as_json, [this] { return wall_now(); }, [](milliseconds) {}};
  }
  std::string shown(const result<void>& done) {
    EXPECT_TRUE(done) << done.failure().line();
    return std::exchange(out, {}).str();
  }
  std::string get(const std::string& target) {
    auto text = client->call("GET", target);
    EXPECT_TRUE(text) << text.failure().line();
    return text ? *text : std::string{};
  }
  /// Notes every secret that goes over the wire, and refuses API calls saying them back.
  void overhear(bool refuse) {
    net->intercept = [this, refuse](const http_request& request) -> std::optional<http_answer> {
      const auto bearer = request.headers.get("Authorization");
      if (bearer.starts_with("Bearer "))
        secrets.emplace(bearer.substr(7));
      const auto form = parse_query(request.body);
      for (const auto* name : {"code", "refresh_token", "client_secret", "code_verifier", "token"})
        if (const auto* value = form ? find_parameter(*form, name) : nullptr)
          secrets.insert(*value);
      if (!refuse || request.url.find("/objects/") == std::string::npos)
        return std::nullopt;
      return http_answer{
          http_response{400, R"({"category":"ODD","message":"for )" + std::string{bearer} + R"("})",
                        "application/json"}};
    };
  }

  std::unique_ptr<control_api> api;
  std::unique_ptr<control_client> client;
  std::ostringstream out;
  std::set<std::string> secrets;
};

} // namespace

TEST_F(EngineExport, GivesTheErrorLogAsJsonLinesWithoutASecret) {
  open();
  const auto id = add();
  overhear(true);
  consent(id);
  advance(2h); // runs fail, tokens are renewed
  hubspot().admin("revoke", R"({"at_once":true})", wall_now());
  advance(1h);
  secrets.insert(hubspot().endpoints().client_secret);
  secrets.insert(std::string(32, 'k'));
  secrets.insert("t0ken");
  ASSERT_GE(secrets.size(), 8u) << "access and refresh tokens, code, verifier, client secret, keys";

  const auto lines_of_log = get("/v1/integrations/" + id.str() + "/errors");
  EXPECT_EQ(lines_of_log, shown(show_errors(with(true), id.str())));
  std::set<std::string> codes;
  size_t lines = 0;
  std::istringstream in{lines_of_log};
  for (std::string line; std::getline(in, line); ++lines) {
    const auto entry = json::parse_value(line);
    ASSERT_TRUE(entry) << line;
    for (const auto* member : {"at", "stream", "code", "sentence"})
      EXPECT_TRUE(entry->find(member)) << member;
    codes.emplace(entry->string_or_empty("code"));
  }
  EXPECT_GE(lines, 10u);
  EXPECT_TRUE(codes.count("refused"));
  EXPECT_TRUE(codes.count("invalid_grant"));
  const auto table = shown(show_errors(with(false), id.str()));
  const auto panel = get("/v1/integrations/" + id.str());
  for (const auto& hidden : secrets)
    for (const auto* text : {&lines_of_log, &table, &panel})
      EXPECT_EQ(text->find(hidden), std::string::npos);
}

TEST_F(EngineExport, GivesTheErrorLogWhateverTheState) {
  open();
  const auto id = add();
  const auto at = "/v1/integrations/" + id.str() + "/errors";
  EXPECT_EQ(get(at), "");
  net->intercept = [](const http_request& request) -> std::optional<http_answer> {
    if (request.url.find("/objects/") == std::string::npos)
      return std::nullopt;
    return http_answer{http_response{400, R"({"category":"ODD"})", "application/json"}};
  };
  consent(id);
  advance(1s);
  const auto connected_log = get(at);
  EXPECT_EQ(std::ranges::count(connected_log, '\n'), 3) << "one for each stream";
  EXPECT_TRUE(ask<void>([&](auto done) { engine().disconnect(id, done); }));
  EXPECT_EQ(get(at), connected_log);
}

TEST_F(EngineExport, ReleasesAMassDeletionByTheIncidentsCommand) {
  options.records = 40;
  open();
  const auto id = connected();
  advance(1min);
  size_t left = 30;
  for (const auto& [record, state] : hubspot().snapshot("contacts"))
    if (!state.archived && left > 0 && left--)
      hubspot().admin("erase", R"({"type":"contacts","id":")" + record + "\"}", wall_now());
  shown(program::refresh(with(false), id.str()));
  advance(10s);
  const auto panel = shown(show_status(with(false), id.str()));
  EXPECT_NE(panel.find("30 deletions held back"), std::string::npos) << panel;
  EXPECT_NE(panel.find("mass_delete_held"), std::string::npos);
  uint64_t incident = 0;
  for (const auto& one : status(id).incidents)
    incident = one.id;
  EXPECT_NE(shown(show_incidents(with(false), false)).find("mass_delete_held"), std::string::npos);
  shown(program::release(with(false), incident));
  EXPECT_EQ(status(id).streams[0].records, 10u);
  EXPECT_EQ(shown(show_incidents(with(false), false)), "No open incidents.\n");
}

TEST_F(EngineExport, ExplainsWithEvidence) {
  open();
  const auto id = connected();
  advance(1min);
  const auto text = shown(program::explain(with(false), id.str(), "contacts", "1"));
  EXPECT_NE(text.find("[not_shown_by_provider]"), std::string::npos) << text;
  EXPECT_NE(text.find("  - HubSpot was asked for 1 among"), std::string::npos) << text;
}
