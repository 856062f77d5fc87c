// Calls that wait for their answer, and certificates for loopback.
#pragma once

#include "protocol/http/beast_client.hpp"
#include "protocol/http/certificate.hpp"
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

} // namespace nexte::testing
