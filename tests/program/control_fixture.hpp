// The control API over a fake engine; every answer is held against the OpenAPI file.
#pragma once

#include "actors/program/control_api.hpp"
#include "protocol/http/transport.hpp"
#include "tests/program/documented_api.hpp"
#include "tests/program/fake_engine.hpp"
#include "tests/program/known_providers.hpp"

#include <gtest/gtest.h>

namespace nexte::program {

class control_fixture : public testing::Test {
protected:
  static constexpr std::string_view origin = "http://127.0.0.1:8686";

  static control::guard_options guarded() {
    control::guard_options who;
    who.address = "127.0.0.1";
    who.port = 8686;
    who.token = secret{"t0ken"};
    return who;
  }

  http_response call(std::string method, std::string target, std::string body = {}) {
    http_request request{method, std::string{origin} + target, std::move(body), "application/json"};
    request.headers.add("Authorization", "Bearer t0ken");
    return send(std::move(request));
  }
  http_response send(http_request request) {
    const auto method = request.method;
    const auto target = request.url.substr(origin.size());
    std::optional<http_response> got;
    const auto answer = [&](http_response r) {
      EXPECT_FALSE(got) << "answered twice";
      got = std::move(r);
    };
    api.handle(std::move(request), answer, [&](http_response head, auto body) {
      answer(std::move(head));
      feed = std::move(body);
    });
    EXPECT_TRUE(got) << "not answered";
    EXPECT_EQ(document.mismatch(method, target, *got), "") << method << " " << target;
    return *got;
  }
  json::value get(std::string target) {
    const auto response = call("GET", std::move(target));
    EXPECT_EQ(response.status, 200) << *response.body;
    return *json::parse_value(*response.body);
  }
  /// The detail and hint of a problem, after its status.
  std::string problem(std::string method, std::string target, std::string body = {}) {
    const auto response = call(std::move(method), std::move(target), std::move(body));
    return std::to_string(response.status) + " "
           + (response.status < 400 ? *response.body : control::read_problem(response).line());
  }

  std::shared_ptr<byte_feed> feed; ///< The body of the last answer that is a stream.
  documented_api document;
  fake_engine engine;
  control_api api{engine, test_providers(), guarded()};
};

} // namespace nexte::program
