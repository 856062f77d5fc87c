// How a browser gets in, and the events that keep its page live.
#include "tests/program/control_fixture.hpp"

#include <chrono>
#include <thread>

using namespace nexte;
using namespace nexte::program;

namespace {

class LiveApi : public control_fixture {
protected:
  /// What the stream says, until it holds `part`.
  std::string events_until(std::string_view part) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (heard.find(part) == heard.npos && std::chrono::steady_clock::now() < give_up) {
      heard += feed->take().bytes;
      std::this_thread::yield();
    }
    EXPECT_NE(heard.find(part), heard.npos) << part << " is not in:\n" << heard;
    return std::exchange(heard, {});
  }
  http_response with_token(std::string method, std::string target, std::string_view token) {
    http_request request{std::move(method), std::string{origin} + target};
    request.headers.add("Authorization", "Bearer " + std::string{token});
    return send(std::move(request));
  }
  std::string session_token() {
    const auto made = *json::parse_value(*call("POST", "/v1/login-codes").body);
    const std::string url{made.string_or_empty("url")};
    const auto mark = url.find("/#login=");
    EXPECT_EQ(url.substr(0, mark), origin);
    http_request begin{"POST", std::string{origin} + "/v1/sessions",
                       R"({"code":")" + url.substr(mark + 8) + R"("})", "application/json"};
    const auto begun = send(begin);
    EXPECT_EQ(begun.status, 201);
    EXPECT_EQ(send(begin).status, 403) << "a link works once";
    return std::string{json::parse_value(*begun.body)->string_or_empty("token")};
  }

  integration_id one = engine.put(1, "acme");
  std::string heard;
};

} // namespace

TEST_F(LiveApi, OpensASessionWithALinkThatWorksOnce) {
  const auto token = session_token();
  EXPECT_EQ(with_token("GET", "/v1/integrations", token).status, 200);
  EXPECT_EQ(with_token("DELETE", "/v1/sessions", token).status, 204);
  EXPECT_EQ(with_token("GET", "/v1/integrations", token).status, 401);
}

TEST_F(LiveApi, MakesLinksForThoseWhoMayUseItAlready) {
  http_request request{"POST", std::string{origin} + "/v1/login-codes", "", "application/json"};
  EXPECT_EQ(send(request).status, 401);
  EXPECT_TRUE(api.login_link(origin).starts_with(std::string{origin} + "/#login="));
}

TEST_F(LiveApi, KeepsAnswersFromCachesAndOtherOrigins) {
  for (const auto& answer :
       {call("GET", "/v1/integrations"), call("GET", "/nothing"), call("GET", "/v1/events"),
        with_token("GET", "/v1/changes", "wrong")}) {
    EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
    EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.headers.get("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
  }
}

TEST_F(LiveApi, NeedsTheTokenForEventsToo) {
  EXPECT_EQ(with_token("GET", "/v1/events", "wrong").status, 401);
  EXPECT_FALSE(feed);
}

TEST_F(LiveApi, TellsOfAChangeThatTheEngineNoticed) {
  EXPECT_EQ(call("GET", "/v1/events").status, 200);
  events_until("event: snapshot");
  engine.statuses[one].badge = "red";
  engine.on_change(one);
  EXPECT_NE(events_until("event: status").find(one.str()), std::string::npos);
}

TEST_F(LiveApi, TellsOfAnIncidentFromItsBeginToItsEnd) {
  call("GET", "/v1/events");
  incident_row incident;
  incident.integration = one;
  incident.kind = "disconnected";
  notification_row notice;
  notice.integration = one;
  notice.kind = "disconnected";
  engine.write({put_incident{incident, notice}});
  engine.statuses[one].incidents = *engine.data().incidents(one);
  engine.on_change(one);
  const auto begun = events_until("event: notification") + heard;
  EXPECT_NE(begun.find("event: incident"), begun.npos) << begun;
  engine.write({close_incident{one, "disconnected", "", {}}});
  engine.statuses[one].incidents.clear();
  engine.on_change(one);
  events_until(R"("closed_at":"2)");
}

TEST_F(LiveApi, DoesNotRepeatNotificationsThatTheReaderFindsInTheList) {
  incident_row incident;
  incident.integration = one;
  incident.kind = "disconnected";
  notification_row notice;
  notice.integration = one;
  notice.sentence = "old";
  engine.write({put_incident{incident, notice}});
  call("GET", "/v1/events");
  notice.sentence = "new";
  engine.write({put_incident{incident, notice}});
  engine.on_change(one);
  const auto told = events_until("event: notification");
  EXPECT_EQ(told.find(R"("sentence":"old")"), told.npos);
  EXPECT_NE(told.find(R"("sentence":"new")"), told.npos);
}

TEST_F(LiveApi, EndsTheStreamAndForgetsTheEngineWhenItStops) {
  fake_engine other;
  std::shared_ptr<byte_feed> body;
  {
    control_api ends{other, test_providers(), guarded()};
    http_request request{"GET", std::string{origin} + "/v1/events"};
    request.headers.add("Authorization", "Bearer t0ken");
    ends.handle(
        request, [](const http_response&) {},
        [&](const http_response&, auto feed_of_it) { body = std::move(feed_of_it); });
    EXPECT_TRUE(other.on_change);
  }
  EXPECT_EQ(body->take().after, byte_feed::state::ended);
  EXPECT_FALSE(other.on_change);
}
