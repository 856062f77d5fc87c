#include "protocol/oauth/callback_listener.hpp"

#include "tests/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace nexte;
using namespace nexte::oauth;
using nexte::testing::raw_client;

namespace {

class CallbackListener : public ::testing::Test {
protected:
  /// Listens for provider "hubspot"; queries with `code=good` answer the attempt.
  void open() {
    auto opened = listeners_->open("hubspot", [this](std::string_view query) {
      ++hits_;
      last_query_ = query;
      return query.find("code=good") != std::string_view::npos;
    });
    ASSERT_TRUE(opened) << opened.failure().line();
    listener_ = *std::move(opened);
    port_ = port_of(*listener_);
  }
  static uint16_t port_of(const callback_listener& listener) {
    const auto& uri = listener.redirect_uri();
    return static_cast<uint16_t>(std::stoi(uri.substr(uri.find(':', 7) + 1)));
  }
  std::string host() const {
    return "127.0.0.1:" + std::to_string(port_);
  }
  std::string ask(const std::string& start, const std::string& fields = {}) {
    return exchange(start + " HTTP/1.1\r\nHost: " + host() + "\r\n" + fields + "\r\n");
  }
  std::string exchange(const std::string& bytes) {
    raw_client browser{port_};
    browser.send(bytes);
    return browser.read_all();
  }
  /// Waits until nobody listens any more.
  bool closes() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (raw_client{port_}.connected())
      if (std::chrono::steady_clock::now() > deadline)
        return false;
    return true;
  }

  std::unique_ptr<callback_listeners> listeners_ = make_loopback_listeners();
  std::unique_ptr<callback_listener> listener_;
  uint16_t port_ = 0;
  std::atomic<int> hits_ = 0;
  std::string last_query_;
};

bool has_status(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

bool holds(const std::string& answer, std::string_view text) {
  return answer.find(text) != std::string::npos;
}

} // namespace

TEST_F(CallbackListener, NamesItsOwnAddress) {
  open();
  EXPECT_EQ(listener_->redirect_uri(), "http://" + host() + "/oauth/hubspot");
  auto second = listeners_->open("hubspot", [](std::string_view) { return true; });
  ASSERT_TRUE(second);
  EXPECT_NE((*second)->redirect_uri(), listener_->redirect_uri());
}

TEST_F(CallbackListener, HearsTheCallbackAndTakesTheCodeOutOfTheAddressBar) {
  open();
  const auto answer = ask("GET /oauth/hubspot?code=good&state=a%2Fb");
  EXPECT_EQ(last_query_, "code=good&state=a%2Fb");
  EXPECT_TRUE(has_status(answer, 303)) << answer;
  EXPECT_TRUE(holds(answer, "\r\nLocation: /done\r\n"));
  EXPECT_FALSE(holds(answer, "good"));
  const auto page = ask("GET /done");
  EXPECT_TRUE(has_status(page, 200));
  EXPECT_TRUE(holds(page, "You can close this window"));
}

TEST_F(CallbackListener, SendsPagesThatKeepNothingAndLoadNothing) {
  open();
  for (const auto* start : {"GET /oauth/hubspot?code=good", "GET /done", "GET /oauth/hubspot?x=1",
                            "GET /other", "POST /oauth/hubspot"}) {
    const auto answer = ask(start);
    EXPECT_TRUE(holds(answer, "\r\nCache-Control: no-store\r\n")) << answer;
    EXPECT_TRUE(holds(answer, "\r\nReferrer-Policy: no-referrer\r\n")) << answer;
    EXPECT_TRUE(holds(answer, "\r\nContent-Security-Policy: default-src 'none'\r\n")) << answer;
    EXPECT_TRUE(holds(answer, "\r\nX-Content-Type-Options: nosniff\r\n")) << answer;
    EXPECT_TRUE(holds(answer, "\r\nConnection: close\r\n")) << answer;
    EXPECT_TRUE(holds(answer, "\r\nContent-Type: text/html; charset=utf-8\r\n")) << answer;
    EXPECT_FALSE(answer.ends_with("reset"));
  }
}

TEST_F(CallbackListener, WaitsOnAfterAStrayHit) {
  open();
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=stale"), 400));
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot"), 400));
  EXPECT_EQ(hits_, 2);
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
  EXPECT_EQ(hits_, 3);
}

TEST_F(CallbackListener, AnswersARepeatAlikeWithoutTellingItAgain) {
  open();
  const auto first = ask("GET /oauth/hubspot?code=good&state=x");
  EXPECT_EQ(ask("GET /oauth/hubspot?code=good&state=x"), first);
  EXPECT_EQ(hits_, 1);
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good&state=y"), 400));
  EXPECT_EQ(hits_, 1);
}

TEST_F(CallbackListener, ServesNothingElse) {
  open();
  for (const auto* start :
       {"GET /", "GET /favicon.ico", "GET /oauth/google?code=good", "GET /oauth/hubspot/?code=good",
        "GET /oauth/hubspotx?code=good", "GET /done", "POST /elsewhere", "HEAD /elsewhere"})
    EXPECT_TRUE(has_status(ask(start), 404)) << start;
  EXPECT_EQ(hits_, 0);
}

TEST_F(CallbackListener, RefusesEveryOtherHost) {
  open();
  const std::string start = "GET /oauth/hubspot?code=good HTTP/1.1\r\n";
  for (const auto& fields :
       {std::string{}, "Host: evil.example:" + std::to_string(port_) + "\r\n",
        "Host: localhost:" + std::to_string(port_) + "\r\n", std::string{"Host: 127.0.0.1\r\n"},
        "Host: " + host() + "\r\nHost: " + host() + "\r\n"})
    EXPECT_TRUE(has_status(exchange(start + fields + "\r\n"), 400)) << fields;
  EXPECT_EQ(hits_, 0);
}

TEST_F(CallbackListener, IsPoliteToOtherMethodsWithoutUsingTheCodeUp) {
  open();
  const auto head = ask("HEAD /oauth/hubspot?code=good");
  EXPECT_TRUE(has_status(head, 200));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  const auto options
      = ask("OPTIONS /oauth/hubspot?code=good", "Access-Control-Request-Private-Network: true\r\n");
  EXPECT_TRUE(has_status(options, 204)) << options;
  EXPECT_TRUE(holds(options, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
  const auto post = ask("POST /oauth/hubspot?code=good");
  EXPECT_TRUE(has_status(post, 405)) << post;
  EXPECT_TRUE(holds(post, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_EQ(hits_, 0);
}

TEST_F(CallbackListener, TakesTheRestOfARequestInSoThatTheAnswerIsNotLostToAReset) {
  open();
  raw_client browser{port_};
  browser.send("POST / HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_TRUE(has_status(browser.read_all(), 404));
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(browser.send(std::string(1000, 'x'))) << i;
}

TEST_F(CallbackListener, TakesLongCodesAndBoundsTheHead) {
  open();
  const std::string code = "code=good" + std::string(20'000, 'x');
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?" + code), 303));
  EXPECT_EQ(last_query_, code);
  EXPECT_TRUE(has_status(ask("GET /", "X-Filler: " + std::string(40'000, 'x') + "\r\n"), 431));
}

TEST_F(CallbackListener, ReadsARequestThatComesInPieces) {
  open();
  raw_client browser{port_};
  const std::string bytes = "GET /oauth/hubspot?code=good HTTP/1.1\r\nHost: " + host() + "\r\n\r\n";
  for (const char c : bytes)
    browser.send({&c, 1});
  EXPECT_TRUE(has_status(browser.read_all(), 303));
}

TEST_F(CallbackListener, ClosesTlsAndAnswersGarbage) {
  open();
  EXPECT_FALSE(listener_->heard_tls());
  const auto tls = exchange(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(tls.empty() || tls == "reset");
  EXPECT_TRUE(listener_->heard_tls());
  EXPECT_TRUE(has_status(exchange("\x01\x02\x03\r\n\r\n"), 400));
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
}

TEST_F(CallbackListener, ServesBesideIdleConnections) {
  open();
  std::vector<raw_client> speculative;
  for (int i = 0; i < 20; ++i) {
    speculative.emplace_back(port_);
    if (i % 2)
      speculative.back().send("GET /oauth");
  }
  { raw_client gone{port_}; }
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
}

TEST_F(CallbackListener, BoundsItsConnectionsAndRecovers) {
  open();
  {
    std::vector<raw_client> greedy;
    for (int i = 0; i < 64; ++i)
      greedy.emplace_back(port_);
    const auto turned_away = ask("GET /");
    EXPECT_TRUE(turned_away.empty() || turned_away == "reset") << turned_away;
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  std::string answer;
  while (!has_status(answer, 303) && std::chrono::steady_clock::now() < deadline)
    answer = ask("GET /oauth/hubspot?code=good");
  EXPECT_TRUE(has_status(answer, 303));
}

TEST_F(CallbackListener, ListensOnTheOneAddressAndKeepsItToItself) {
  open();
  EXPECT_FALSE((raw_client{port_, "127.0.0.2"}.connected()));
  int listening = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    int flag = 0;
    socklen_t bytes = sizeof flag;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &flag, &bytes) != 0 || !flag)
      continue;
    ++listening;
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
  EXPECT_EQ(listening, 1);
}

TEST_F(CallbackListener, ClosesItsPortWhenTheAttemptEndsUnanswered) {
  open();
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=stale"), 400));
  listener_.reset();
  EXPECT_TRUE(closes());
}

TEST_F(CallbackListener, TellsNoHitOnceItIsGone) {
  open();
  raw_client early{port_};
  EXPECT_TRUE(has_status(ask("GET /"), 404)); // so `early` has been accepted
  listener_.reset();
  early.send("GET /oauth/hubspot?code=good HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  EXPECT_TRUE(has_status(early.read_all(), 400));
  EXPECT_EQ(hits_, 0);
}

TEST_F(CallbackListener, StillShowsThePageAfterAnAnsweredAttemptEndedThenCloses) {
  open();
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
  listener_.reset();
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=other"), 400));
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
  EXPECT_EQ(hits_, 1);
  EXPECT_TRUE(has_status(ask("GET /done"), 200));
  EXPECT_TRUE(closes());
}

TEST_F(CallbackListener, MayBeDestroyedInsideItsHit) {
  auto opened = listeners_->open("figma", [this](std::string_view) {
    listener_.reset();
    return true;
  });
  ASSERT_TRUE(opened);
  listener_ = *std::move(opened);
  port_ = port_of(*listener_);
  EXPECT_TRUE(has_status(ask("GET /oauth/figma?code=x"), 303));
  EXPECT_EQ(listener_, nullptr);
  EXPECT_TRUE(has_status(ask("GET /done"), 200));
  EXPECT_TRUE(closes());
}

TEST_F(CallbackListener, MayBeDestroyedElsewhereWhileAHitRuns) {
  std::promise<void> in_hit;
  std::promise<void> destroyed;
  auto opened = listeners_->open("figma", [&](std::string_view) {
    in_hit.set_value();
    destroyed.get_future().wait(); // the destructor must not wait for us
    return true;
  });
  ASSERT_TRUE(opened);
  listener_ = *std::move(opened);
  port_ = port_of(*listener_);
  auto answer = std::async(std::launch::async, [&] { return ask("GET /oauth/figma?code=x"); });
  in_hit.get_future().wait();
  listener_.reset();
  destroyed.set_value();
  EXPECT_TRUE(has_status(answer.get(), 303));
  EXPECT_TRUE(has_status(ask("GET /done"), 200));
}

TEST_F(CallbackListener, EndsWithItsFactoryWhateverIsOpen) {
  open();
  raw_client idle{port_};
  EXPECT_TRUE(has_status(ask("GET /oauth/hubspot?code=good"), 303));
  listener_.reset();
  listeners_.reset();
  EXPECT_TRUE(closes());
}
