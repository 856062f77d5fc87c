// Calls that wait for their answer, and certificates for loopback.
#pragma once

#include "protocol/http/beast_client.hpp"
#include "protocol/http/certificate.hpp"
#include "protocol/http/server.hpp"
#include "protocol/http/url.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace nexte::testing {

/// A call under way. A second answer would throw in the transport.
inline std::future<http_answer> start(transport& net, http_request request) {
  auto promised = std::make_shared<std::promise<http_answer>>();
  auto answer = promised->get_future();
  net.call(std::move(request),
           [promised](http_answer got) { promised->set_value(std::move(got)); });
  return answer;
}

/// The answer; a stuck test fails instead of hanging.
inline http_answer wait(std::future<http_answer>& answer) {
  if (answer.wait_for(std::chrono::seconds{20}) == std::future_status::ready)
    return answer.get();
  ADD_FAILURE() << "no answer came";
  return {error{ec::bug, "no answer came"}, false};
}

inline http_answer ask(transport& net, http_request request) {
  auto answer = start(net, std::move(request));
  return wait(answer);
}

inline http_answer ask(transport& net, std::string url) {
  return ask(net, http_request{"GET", std::move(url)});
}

inline int status_of(const http_answer& answer) {
  return answer.response ? answer.response->status : 0;
}

/// A file that goes with the test.
class temporary_file {
public:
  explicit temporary_file(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "nexte_XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    path_ = name;
    std::ofstream{path_} << text;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    std::error_code ignored; // the system clears its own
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

inline throwaway_certificate certificate_for(const std::vector<std::string>& names,
                                             std::chrono::hours from = std::chrono::hours{-1},
                                             std::chrono::hours to = std::chrono::hours{1}) {
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  return *make_throwaway_certificate(names, now + from, now + to);
}

/// A client that may call `origin` alone, trusting `ca_file`.
inline beast_client_options options_for(const std::string& origin,
                                        std::filesystem::path ca_file = {}) {
  const auto url = *parse_url(origin);
  beast_client_options options;
  options.allowed.push_back({url.host, url.port, std::move(ca_file), url.scheme == "http"});
  return options;
}

inline std::unique_ptr<beast_client> make_client(beast_client_options options) {
  auto made = beast_client::make(std::move(options));
  EXPECT_TRUE(made) << made.failure().line();
  return made ? *std::move(made) : nullptr;
}

/// Tells what it was asked.
inline void echo(http_request request, http_server::reply send) {
  http_response response{200, request.method + " " + request.body};
  for (const auto* name :
       {"Host", "Accept-Encoding", "User-Agent", "Authorization", "Content-Length"})
    response.headers.add("X-Got-" + std::string{name}, std::string{request.headers.get(name)});
  send(std::move(response));
}

/// A server over TLS on loopback, and how to call it.
class https_test : public ::testing::Test {
protected:
  /// Serves `on_request` over TLS as 127.0.0.1 and localhost.
  void serve(http_server::handler on_request) {
    serve_as(certificate_for({"127.0.0.1", "localhost"}), std::move(on_request));
  }
  void serve_as(const throwaway_certificate& certificate, http_server::handler on_request = echo) {
    ca_ = std::make_unique<temporary_file>(certificate.ca_pem);
    http_server_options options;
    options.tls = std::make_unique<server_certificate>(certificate.server);
    options.threads = 2;
    auto started = http_server::start(std::move(options), std::move(on_request));
    ASSERT_TRUE(started) << started.failure().line();
    server_ = *std::move(started);
    origin_ = server_->origin();
  }
  beast_client_options options() const {
    return options_for(origin_, ca_->path());
  }

  std::unique_ptr<temporary_file> ca_;
  std::unique_ptr<http_server> server_;
  std::string origin_;
};

} // namespace nexte::testing
