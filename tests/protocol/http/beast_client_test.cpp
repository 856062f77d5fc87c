// The client against the server, over TLS.
#include "tests/support/http_calls.hpp"
#include "tests/support/raw_socket.hpp"

#include <atomic>
#include <mutex>
#include <vector>

using namespace nexte;
using namespace nexte::testing;
using namespace std::chrono_literals;

namespace {

class BeastClient : public https_test {};

} // namespace

TEST_F(BeastClient, SendsARequestWithItsFieldsAndReadsTheAnswer) {
  serve(echo);
  const auto client = make_client(options());
  http_request request{"PATCH", origin_ + "/a?b=1", "body", "text/plain"};
  request.headers.add("Authorization", "Bearer t");
  request.headers.add("Host", "elsewhere.example");
  request.headers.add("Content-Length", "99");
  const auto answer = ask(*client, std::move(request));
  ASSERT_TRUE(answer.response) << answer.response.failure().line();
  EXPECT_TRUE(answer.sent);
  EXPECT_EQ(answer.response->status, 200);
  EXPECT_EQ(*answer.response->body, "PATCH body");
  const auto& got = answer.response->headers;
  EXPECT_EQ(got.get("X-Got-Host"), origin_.substr(8));
  EXPECT_EQ(got.get("X-Got-Accept-Encoding"), "gzip");
  EXPECT_EQ(got.get("X-Got-User-Agent"), "nexte-sync/0.1");
  EXPECT_EQ(got.get("X-Got-Authorization"), "Bearer t");
  EXPECT_EQ(got.get("X-Got-Content-Length"), "4");
}

TEST_F(BeastClient, ReadsTheHeadAloneForHead) {
  serve([](http_request, http_server::reply send) { send(http_response{200, "12345"}); });
  const auto client = make_client(options());
  for (int i = 0; i < 2; ++i) { // the second finds the connection in order
    const auto answer = ask(*client, http_request{"HEAD", origin_ + "/"});
    ASSERT_EQ(status_of(answer), 200);
    EXPECT_EQ(answer.response->headers.get("Content-Length"), "5");
    EXPECT_TRUE(answer.response->body->empty());
  }
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST_F(BeastClient, UnpacksGzipAndCarriesLargeBodiesBothWays) {
  std::string large;
  for (int i = 0; large.size() < 300'000; ++i)
    large += std::to_string(i * 7919);
  serve([](http_request request, http_server::reply send) {
    send(http_response{200, std::move(request.body)});
  });
  const auto client = make_client(options());
  const auto answer = ask(*client, http_request{"POST", origin_ + "/", large});
  ASSERT_EQ(status_of(answer), 200);
  EXPECT_EQ(*answer.response->body, large);
  EXPECT_FALSE(answer.response->headers.has("Content-Encoding"));
}

TEST_F(BeastClient, LimitsWhatABodyUnpacksTo) {
  serve([](http_request, http_server::reply send) {
    send(http_response{200, std::string(100'000, 'x')});
  });
  auto limited = options();
  limited.body_bytes_max = 99'999;
  const auto over = ask(*make_client(limited), origin_ + "/");
  ASSERT_FALSE(over.response);
  EXPECT_EQ(over.response.failure().code, ec::refused);
  EXPECT_TRUE(over.sent);
  limited.body_bytes_max = 100'000;
  EXPECT_EQ(status_of(ask(*make_client(limited), origin_ + "/")), 200);
}

TEST_F(BeastClient, KeepsItsConnection) {
  serve(echo);
  const auto client = make_client(options());
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(status_of(ask(*client, origin_ + "/")), 200);
  EXPECT_EQ(client->counters().connections_opened, 1u);
  EXPECT_EQ(client->counters().calls_done, 5u);
}

TEST_F(BeastClient, OpensNoMoreConnectionsThanItMayAndKeepsTheOrder) {
  std::mutex mutex;
  std::vector<std::pair<std::string, http_server::reply>> held;
  std::vector<std::string> order;
  std::promise<void> two_arrived;
  bool release = false;
  serve([&](http_request request, http_server::reply send) {
    const std::lock_guard lock{mutex};
    order.push_back(request.url.substr(request.url.rfind('/')));
    if (release)
      return send(http_response{200, {}});
    held.emplace_back(request.url, std::move(send));
    if (held.size() == 2)
      two_arrived.set_value();
  });
  auto chosen = options();
  chosen.connections_per_host_max = 2;
  chosen.waiting_calls_max = 3;
  const auto client = make_client(chosen);
  std::vector<std::future<http_answer>> calls;
  for (int i = 0; i < 5; ++i)
    calls.push_back(start(*client, http_request{"GET", origin_ + "/" + std::to_string(i)}));
  two_arrived.get_future().wait();
  const auto refused = ask(*client, origin_ + "/one-too-many");
  ASSERT_FALSE(refused.response);
  EXPECT_EQ(refused.response.failure().code, ec::transport);
  EXPECT_FALSE(refused.sent);
  {
    const std::lock_guard lock{mutex};
    release = true;
    held[0].second(http_response{200, {}}); // the other connection stays busy
  }
  for (const int i : {2, 3, 4})
    EXPECT_EQ(status_of(wait(calls[static_cast<size_t>(i)])), 200);
  held[1].second(http_response{200, {}});
  wait(calls[0]);
  wait(calls[1]);
  EXPECT_EQ((std::vector<std::string>{order.begin() + 2, order.end()}),
            (std::vector<std::string>{"/2", "/3", "/4"}));
  EXPECT_EQ(client->counters().connections_opened, 2u);
}

TEST_F(BeastClient, LetsOthersPassThoseThatTakeLong) {
  std::mutex mutex;
  std::vector<http_server::reply> held;
  serve([&](const http_request& request, http_server::reply send) {
    if (!request.url.ends_with("/slow"))
      return send(http_response{200, {}});
    const std::lock_guard lock{mutex};
    held.push_back(std::move(send));
  });
  auto chosen = options();
  chosen.connections_per_host_max = 2;
  chosen.slow_connections_per_host_max = 1;
  chosen.slow_after = 50ms;
  const auto client = make_client(chosen);
  std::vector<std::future<http_answer>> slow;
  for (int i = 0; i < 2; ++i)
    slow.push_back(start(*client, http_request{"GET", origin_ + "/slow"}));
  EXPECT_EQ(status_of(ask(*client, origin_ + "/prompt")), 200) << "beside the two that are slow";
  slow.push_back(start(*client, http_request{"GET", origin_ + "/slow"}));
  auto one_too_many = start(*client, http_request{"GET", origin_ + "/prompt"});
  EXPECT_EQ(one_too_many.wait_for(200ms), std::future_status::timeout) << "three is the most";
  EXPECT_EQ(client->counters().connections_opened, 3u);
  for (size_t answered = 0; answered < slow.size();) {
    const std::lock_guard lock{mutex};
    for (auto& send : std::exchange(held, {})) {
      send(http_response{200, {}});
      ++answered;
    }
  }
  EXPECT_EQ(status_of(wait(one_too_many)), 200);
  for (auto& one : slow)
    EXPECT_EQ(status_of(wait(one)), 200);
}

TEST_F(BeastClient, CallsAllowedOriginsOnly) {
  serve(echo);
  const auto client = make_client(options());
  const auto port = std::to_string(server_->port());
  for (const auto& url :
       {"https://localhost:" + port + "/", "http://127.0.0.1:" + port + "/",
        std::string{"https://127.0.0.1/"}, "https://127.0.0.1.a.example:" + port + "/",
        "ftp://127.0.0.1:" + port + "/", std::string{"/x"}, origin_ + "/a\r\nX: b",
        "https://u:p@127.0.0.1:" + port + "/"}) {
    const auto answer = ask(*client, url);
    ASSERT_FALSE(answer.response) << url;
    EXPECT_EQ(answer.response.failure().code, ec::refused) << url;
    EXPECT_FALSE(answer.sent);
  }
  EXPECT_EQ(client->counters().connections_opened, 0u);
}

TEST_F(BeastClient, RefusesToBeInjected) {
  serve(echo);
  const auto client = make_client(options());
  http_request value{"GET", origin_ + "/"};
  value.headers.add("X", "a\r\nHost: b");
  http_request name{"GET", origin_ + "/"};
  name.headers.add("X: a\r\nY", "b");
  http_request long_value{"GET", origin_ + "/"};
  long_value.headers.add("X", std::string(70'000, 'x'));
  for (auto& request : {value, name, long_value, http_request{"GET / HTTP/1.1\r\n", origin_ + "/"},
                        http_request{"", origin_ + "/"}, http_request{"CONNECT", origin_ + "/"}}) {
    const auto answer = ask(*client, request);
    ASSERT_FALSE(answer.response);
    EXPECT_EQ(answer.response.failure().code, ec::refused);
    EXPECT_FALSE(answer.sent);
  }
}

TEST_F(BeastClient, FollowsThreeRedirectsOfItsOriginAndNoMore) {
  serve([](http_request request, http_server::reply send) {
    const auto hops = std::stoi(request.url.substr(request.url.rfind('/') + 1));
    http_response on{hops % 2 ? 302 : 307, {}};
    on.headers.add("Location", std::to_string(hops - 1) + "#part");
    if (hops == 0)
      on = http_response{200, std::string{request.headers.get("Authorization")}};
    send(std::move(on));
  });
  const auto client = make_client(options());
  http_request three{"GET", origin_ + "/hops/3"};
  three.headers.add("Authorization", "Bearer t");
  const auto followed = ask(*client, three);
  ASSERT_EQ(status_of(followed), 200);
  EXPECT_EQ(*followed.response->body, "Bearer t");
  const auto four = ask(*client, origin_ + "/hops/4");
  ASSERT_FALSE(four.response);
  EXPECT_EQ(four.response.failure().code, ec::refused);
  EXPECT_TRUE(four.sent);
  EXPECT_EQ(status_of(ask(*client, http_request{"POST", origin_ + "/hops/1"})), 302);
  EXPECT_EQ(client->counters().connections_opened, 1u);
}

TEST_F(BeastClient, FollowsNoRedirectToAnotherOrigin) {
  std::string location;
  std::atomic<int> served = 0;
  serve([&](http_request, http_server::reply send) {
    ++served;
    http_response on{302, {}};
    on.headers.add("Location", location);
    send(std::move(on));
  });
  auto chosen = options();
  chosen.allowed.push_back({"localhost", server_->port(), ca_->path()}); // allowed, yet another
  const auto client = make_client(chosen);
  const auto port = std::to_string(server_->port());
  int asked = 0;
  for (const auto& to : {"https://localhost:" + port + "/", "//localhost:" + port + "/",
                         "http://127.0.0.1:" + port + "/", std::string{"https://127.0.0.1/"},
                         "https://u:p@127.0.0.1:" + port + "/", std::string{"::"}}) {
    location = to;
    const auto answer = ask(*client, origin_ + "/?secret");
    ASSERT_FALSE(answer.response) << to;
    EXPECT_EQ(answer.response.failure().code, ec::refused) << to;
    EXPECT_EQ(answer.response.failure().line().find("secret"), std::string::npos);
    EXPECT_EQ(served, ++asked);
  }
}

TEST_F(BeastClient, CallsTheHostsBelowADomainWhereThatIsAllowed) {
  serve_as(certificate_for({"127.0.0.1", "north.localhost", "south.localhost", "localhost"}));
  const auto port = std::to_string(server_->port());
  beast_client_options chosen;
  chosen.allowed.push_back({"localhost", server_->port(), ca_->path(), false, true});
  chosen.hosts_below_max = 2;
  const auto client = make_client(chosen);
  for (const auto* host : {"north.localhost", "south.localhost", "north.localhost"})
    EXPECT_EQ(status_of(ask(*client, "https://" + std::string{host} + ":" + port + "/")), 200);
  EXPECT_EQ(client->counters().connections_opened, 2u);
  for (const auto& other :
       {"https://localhost:" + port, "https://notlocalhost:" + port, "https://127.0.0.1:" + port,
        "http://north.localhost:" + port, std::string{"https://north.localhost"},
        "https://third.localhost:" + port}) { // one host too many
    const auto answer = ask(*client, other + "/");
    ASSERT_FALSE(answer.response) << other;
    EXPECT_EQ(answer.response.failure().code, ec::refused) << other;
  }
}

TEST_F(BeastClient, EndsEveryCallWhenItGoes) {
  std::mutex mutex;
  std::vector<http_server::reply> held;
  std::promise<void> arrived;
  serve([&](http_request, http_server::reply send) {
    const std::lock_guard lock{mutex};
    held.push_back(std::move(send));
    arrived.set_value();
  });
  auto chosen = options();
  chosen.connections_per_host_max = 1;
  auto client = make_client(chosen);
  auto under_way = start(*client, http_request{"GET", origin_ + "/"});
  auto waiting = start(*client, http_request{"GET", origin_ + "/"});
  arrived.get_future().wait();
  client.reset();
  ASSERT_EQ(under_way.wait_for(0s), std::future_status::ready);
  ASSERT_EQ(waiting.wait_for(0s), std::future_status::ready);
  const auto first = under_way.get();
  const auto second = waiting.get();
  ASSERT_FALSE(first.response || second.response);
  EXPECT_EQ(first.response.failure().code, ec::cancelled);
  EXPECT_EQ(second.response.failure().code, ec::cancelled);
  EXPECT_TRUE(first.sent);
  EXPECT_FALSE(second.sent);
}

TEST_F(BeastClient, TakesACallFromInsideAnAnswer) {
  serve(echo);
  const auto client = make_client(options());
  std::promise<int> second;
  client->call(http_request{"GET", origin_ + "/"}, [&](http_answer) {
    client->call(http_request{"GET", origin_ + "/"},
                 [&](http_answer answer) { second.set_value(status_of(answer)); });
  });
  EXPECT_EQ(second.get_future().get(), 200);
  EXPECT_EQ(client->counters().connections_opened, 1u);
}
