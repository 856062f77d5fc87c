#include "protocol/control/router.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::control;

namespace {

/// A handler that answers with its name and what the path held.
route_handler named(std::string name) {
  return [name](const routed_request& request, reply send) {
    auto text = name;
    for (const auto& [key, value] : request.path)
      text += " " + key + "=" + value;
    for (const auto& [key, value] : request.query)
      text += " " + key + "?" + value;
    send({200, text});
  };
}

router make_router() {
  return router{{
      {"GET", "/", {}, named("root")},
      {"GET", "/v1/things", {"after", "limit"}, named("list")},
      {"POST", "/v1/things", {}, named("add")},
      {"GET", "/v1/things/{id}", {}, named("get")},
      {"GET", "/v1/things/special", {}, named("special")},
      {"PUT", "/v1/things/{id}/parts/{part}", {}, named("part")},
  }};
}

http_response answer(std::string method, std::string target) {
  std::optional<http_response> got;
  make_router().handle({std::move(method), "http://127.0.0.1:1" + std::move(target)},
                       [&](http_response response) { got = std::move(response); });
  return got.value();
}

std::string text(std::string method, std::string target) {
  const auto got = answer(std::move(method), std::move(target));
  return got.status == 200 ? *got.body : std::to_string(got.status);
}

} // namespace

TEST(Router, FindsTheRouteOfMethodAndPath) {
  EXPECT_EQ(text("GET", "/"), "root");
  EXPECT_EQ(text("GET", "/v1/things"), "list");
  EXPECT_EQ(text("POST", "/v1/things"), "add");
  EXPECT_EQ(text("GET", "/v1/things/7"), "get id=7");
  EXPECT_EQ(text("PUT", "/v1/things/7/parts/8"), "part id=7 part=8");
}

TEST(Router, PrefersAFixedSegment) {
  EXPECT_EQ(text("GET", "/v1/things/special"), "special");
}

TEST(Router, DecodesSegmentsAfterItHasSplitThem) {
  EXPECT_EQ(text("GET", "/v1/things/a%2Fb%20+%C3%BC"), "get id=a/b +ü");
  EXPECT_EQ(text("GET", "/v1/things/%FF"), "400");
}

TEST(Router, AnswersHeadAsGet) {
  EXPECT_EQ(text("HEAD", "/v1/things/7"), "get id=7");
}

TEST(Router, HasNothingAtOtherPaths) {
  for (const auto* path :
       {"/v1", "/v1/things/", "/v1//things", "/v1/things/7/", "/v1/things/7/parts",
        "/v1/things/7/parts/", "/v1/things/7/parts/8/9", "/V1/things"})
    EXPECT_EQ(text("GET", path), "404") << path;
}

TEST(Router, NamesTheMethodsThatAPathAllows) {
  const auto got = answer("DELETE", "/v1/things");
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.headers.get("Allow"), "GET, POST");
  EXPECT_EQ(answer("OPTIONS", "/").headers.get("Allow"), "GET");
}

TEST(Router, TakesOnlyTheParametersOfTheRoute) {
  EXPECT_EQ(text("GET", "/v1/things?limit=3&after=x%20y"), "list limit?3 after?x y");
  const auto unknown = answer("GET", "/v1/things?limt=3");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body->find("use: after, limit"), std::string::npos);
  EXPECT_EQ(text("GET", "/v1/things?limit=3&limit=4"), "400");
  EXPECT_EQ(text("GET", "/v1/things?after=%FF"), "400");
  EXPECT_EQ(text("GET", "/?x"), "400");
}
