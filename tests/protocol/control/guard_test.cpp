#include "protocol/control/guard.hpp"

#include <gtest/gtest.h>

#include <functional>

using namespace nexte;
using namespace nexte::control;

namespace {

constexpr size_t body_max = 64;

guard make_guard() {
  return guard{{"127.0.0.1", 8686, secret{"t0ken"}, {"/healthz"}, body_max}};
}

/// A request that passes every check.
http_request good() {
  http_request request{"POST", "http://127.0.0.1:8686/v1/x", std::string(body_max, ' '),
                       "application/json"};
  request.headers.add("Authorization", "Bearer t0ken");
  request.headers.add("Origin", "http://127.0.0.1:8686");
  request.headers.add("Sec-Fetch-Site", "same-origin");
  return request;
}

/// The status that the good request gets once `spoil` has had it; 0: it passes.
int status_after(const std::function<void(http_request&)>& spoil) {
  auto request = good();
  spoil(request);
  const auto refusal = make_guard().refuse(request);
  return refusal ? refusal->status : 0;
}

int status_with(std::string_view header, std::string value) {
  return status_after([&](auto& r) { r.headers.set(header, value); });
}

int status_at(std::string url) {
  return status_after([&](auto& r) {
    r.url = url;
    r.headers.set("Origin", "");
    r.headers = {};
    r.headers.add("Authorization", "Bearer t0ken");
    r.headers.add("Content-Type", "application/json");
  });
}

} // namespace

TEST(Guard, LetsAGoodRequestPass) {
  EXPECT_EQ(status_after([](auto&) {}), 0);
}

TEST(Guard, NeedsOnlyTokenAndTypeOfAProgramThatIsNoBrowser) {
  EXPECT_EQ(status_at("http://127.0.0.1:8686/v1/x"), 0);
}

TEST(Guard, KnowsItsOwnNamesAndNoOther) {
  for (const auto* url : {"http://localhost:8686/v1/x", "http://[::1]:8686/v1/x"})
    EXPECT_EQ(status_at(url), 0) << url;
  for (const auto* url :
       {"http://rebound.example:8686/v1/x", "http://127.0.0.1.nip.io:8686/v1/x",
        "http://localhost.example:8686/v1/x", "http://127.0.0.1:8687/v1/x", "http://127.0.0.1/v1/x",
        "http://10.0.0.1:8686/v1/x", "http:///v1/x", "http://a b/"})
    EXPECT_EQ(status_at(url), 421) << url;
}

TEST(Guard, KnowsTheAddressItListensOn) {
  const guard wide{{"10.1.2.3", 8686, secret{"t0ken"}, {}, body_max}};
  auto request = good();
  request.headers.set("Origin", "http://10.1.2.3:8686");
  request.url = "http://10.1.2.3:8686/v1/x";
  EXPECT_FALSE(wide.refuse(request));
}

TEST(Guard, RefusesAnotherOrigin) {
  for (const auto* origin : {"https://evil.example", "http://127.0.0.1:3000", "null", "",
                             "http://localhost:8686", "http://127.0.0.1:8686.evil.example"})
    EXPECT_EQ(status_with("Origin", origin), 403) << origin;
}

TEST(Guard, RefusesAnotherSite) {
  for (const auto* site : {"cross-site", "same-site", "", "anything"})
    EXPECT_EQ(status_with("Sec-Fetch-Site", site), 403) << site;
  EXPECT_EQ(status_with("Sec-Fetch-Site", "none"), 0);
}

TEST(Guard, NeedsTheToken) {
  for (const auto* value : {"", "Bearer", "Bearer ", "Bearer t0ke", "Bearer t0kenn", "Bearer T0ken",
                            "Basic t0ken", "t0ken", "Bearer  t0ken"})
    EXPECT_EQ(status_with("Authorization", value), 401) << value;
  EXPECT_EQ(status_with("Authorization", "bearer t0ken"), 0);
  auto request = good();
  request.headers.set("Authorization", "Bearer wrong");
  EXPECT_EQ(make_guard().refuse(request)->headers.get("WWW-Authenticate"), "Bearer");
}

TEST(Guard, LetsAnOpenPathPassWithoutTokenButNotForeignPages) {
  const auto at = [](std::string path) {
    return http_request{"GET", "http://127.0.0.1:8686" + std::move(path)};
  };
  EXPECT_FALSE(make_guard().refuse(at("/healthz")));
  EXPECT_FALSE(make_guard().refuse(at("/healthz?x")));
  EXPECT_TRUE(make_guard().refuse(at("/healthz/")));
  auto foreign = at("/healthz");
  foreign.headers.add("Origin", "https://evil.example");
  EXPECT_EQ(make_guard().refuse(foreign)->status, 403);
}

TEST(Guard, NeedsJsonOnWritesEvenWithoutBody) {
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                           "multipart/form-data", ""})
    EXPECT_EQ(status_with("Content-Type", type), 415) << type;
  EXPECT_EQ(status_with("Content-Type", "Application/JSON ; charset=utf-8"), 0);
  EXPECT_EQ(status_after([](auto& r) {
              r.body.clear();
              r.headers.set("Content-Type", "text/plain");
            }),
            415);
  for (const auto* method : {"GET", "HEAD", "DELETE"})
    EXPECT_EQ(status_after([&](auto& r) {
                r.method = method;
                r.headers.set("Content-Type", "text/plain");
              }),
              0)
        << method;
}

TEST(Guard, BoundsTheBody) {
  EXPECT_EQ(status_after([](auto& r) { r.body.push_back(' '); }), 413);
}

TEST(Guard, NeverSaysTheToken) {
  const auto refusal = make_guard().refuse({"GET", "http://127.0.0.1:8686/v1/x"});
  EXPECT_EQ(refusal->body->find("t0ken"), std::string::npos);
}

TEST(Guard, TakesAnotherTokenThatItsOwnerKnows) {
  guard_options options{"127.0.0.1", 8686, secret{"t0ken"}, {}, body_max};
  options.accepts = [](std::string_view token) { return token == "session"; };
  const guard with_sessions{std::move(options)};
  for (const auto& [token, status] :
       {std::pair{"session", 0}, {"t0ken", 0}, {"other", 401}, {"", 401}}) {
    auto request = good();
    request.headers.set("Authorization", "Bearer " + std::string{token});
    const auto refusal = with_sessions.refuse(request);
    EXPECT_EQ(refusal ? refusal->status : 0, status) << token;
  }
}

TEST(Guard, LetsALinkElsewhereLeadToAnOpenPathOnly) {
  const auto visit = [](std::string path, std::string method, std::string mode, std::string dest) {
    http_request request{std::move(method), "http://127.0.0.1:8686" + std::move(path)};
    request.headers.add("Authorization", "Bearer t0ken");
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Sec-Fetch-Site", "cross-site");
    request.headers.add("Sec-Fetch-Mode", std::move(mode));
    request.headers.add("Sec-Fetch-Dest", std::move(dest));
    const auto refusal = make_guard().refuse(request);
    return refusal ? refusal->status : 0;
  };
  EXPECT_EQ(visit("/healthz", "GET", "navigate", "document"), 0);
  EXPECT_EQ(visit("/v1/x", "GET", "navigate", "document"), 403);
  EXPECT_EQ(visit("/healthz", "POST", "navigate", "document"), 403);
  EXPECT_EQ(visit("/healthz", "GET", "navigate", "iframe"), 403);
  EXPECT_EQ(visit("/healthz", "GET", "no-cors", "image"), 403);
  EXPECT_EQ(visit("/healthz", "GET", "cors", "empty"), 403);
}
