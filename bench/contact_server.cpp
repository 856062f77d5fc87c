#include "bench/contact_server.hpp"

#include "bench/contact_pages.hpp"
#include "protocol/http/certificate.hpp"
#include "protocol/http/server.hpp"
#include "protocol/http/url.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace nexte::bench {
namespace {

std::vector<http_response> make_pages(uint64_t contacts) {
  std::vector<http_response> pages;
  for (auto& body : contact_pages(contacts))
    pages.emplace_back(200, std::move(body), "application/json");
  return pages;
}

http_response json_answer(std::string body, int status = 200) {
  return {status, std::move(body), "application/json"};
}

/// The code of the consent is the number of the account.
http_response token_answer(const http_request& request) {
  const auto form = parse_query(request.body);
  const auto* code = form ? find_parameter(*form, "code") : nullptr;
  if (!code)
    return json_answer(R"({"error":"invalid_request"})", 400);
  return json_answer(R"({"token_type":"bearer","access_token":"access-)" + *code
                     + R"(","refresh_token":"refresh-)" + *code + R"(","expires_in":1800,"hub_id":)"
                     + *code + R"(,"scopes":["oauth","crm.objects.contacts.read"]})");
}

http_response page_answer(const std::vector<http_response>& pages, const query_parameters& query) {
  if (find_parameter(query, "archived"))
    return json_answer(R"({"results":[]})");
  size_t page = 0;
  if (const auto* after = find_parameter(query, "after"))
    page = (std::strtoull(after->c_str(), nullptr, 10) - first_contact + 1) / contacts_per_page;
  if (page >= pages.size())
    return json_answer(R"({"status":"error","message":"after is past the end"})", 400);
  return pages[page];
}

http_response answer(const std::vector<http_response>& pages, const http_request& request) {
  const auto url = parse_url(request.url);
  const auto path = url ? url->path() : std::string{};
  if (path == "/crm/v3/objects/contacts")
    if (const auto query = parse_query(url->query()))
      return page_answer(pages, *query);
  if (path == "/crm/v3/objects/contacts/search")
    return json_answer(R"({"total":0,"results":[]})");
  if (path == "/oauth/2026-03/token")
    return token_answer(request);
  return json_answer(R"({"status":"error","message":"only contacts are served"})", 404);
}

[[noreturn]] void serve(uint64_t contacts, server_certificate certificate, int lifeline,
                        int port_out) {
  const auto pages = make_pages(contacts);
  http_server_options options;
  options.tls = std::make_unique<server_certificate>(std::move(certificate));
  options.gzip = false;
  const auto server = http_server::start(
      std::move(options), [&](const http_request& request, const http_server::reply& send) {
        send(answer(pages, request));
      });
  if (server) {
    const uint16_t port = (*server)->port();
    char end = 0;
    if (write(port_out, &port, sizeof port) == sizeof port)
      while (read(lifeline, &end, 1) > 0) {}
  }
  _exit(0); // without the parent's destructors
}

} // namespace

contact_server::contact_server(uint64_t contacts) : contacts_(contacts) {
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  auto made = make_throwaway_certificate({"127.0.0.1"}, now - std::chrono::hours{1},
                                         now + std::chrono::days{1});
  if (!made)
    throw std::runtime_error(made.failure().line());
  ca_pem_ = made->ca_pem;
  int lifeline[2];
  int port[2];
  if (pipe(lifeline) != 0 || pipe(port) != 0)
    throw std::runtime_error("no pipe to the server");
  process_ = fork();
  if (process_ == 0) {
    close(lifeline[1]);
    close(port[0]);
    serve(contacts, std::move(made->server), lifeline[0], port[1]);
  }
  close(lifeline[0]);
  close(port[1]);
  lifeline_ = lifeline[1];
  const bool up = process_ > 0 && read(port[0], &port_, sizeof port_) == sizeof port_;
  close(port[0]);
  if (!up)
    throw std::runtime_error("the server of contacts did not come up");
}

contact_server::~contact_server() {
  close(lifeline_);
  waitpid(process_, nullptr, 0);
}

} // namespace nexte::bench
