#include "actors/program/demo/person.hpp"

#include "protocol/http/beast_client.hpp"
#include "protocol/http/url.hpp"

#include <future>

namespace nexte::program {
namespace {

result<http_response> visit(http_request request, const std::filesystem::path& ca_file,
                            bool plain_loopback) {
  const auto url = parse_url(request.url);
  if (!url)
    return url.failure();
  beast_client_options options;
  options.allowed.push_back({url->host, url->port, ca_file, plain_loopback});
  auto browser = beast_client::make(std::move(options));
  if (!browser)
    return std::move(browser).failure();
  const auto answered = std::make_shared<std::promise<http_answer>>();
  (*browser)->call(std::move(request),
                   [answered](http_answer answer) { answered->set_value(std::move(answer)); });
  return answered->get_future().get().response;
}

/// The text between `before` and the next quote.
result<std::string> quoted_after(std::string_view page, std::string_view before) {
  const auto at = page.find(before);
  if (at == std::string_view::npos)
    return error{ec::malformed, "the consent page has no form"};
  const auto begin = at + before.size();
  return std::string{page.substr(begin, page.find('"', begin) - begin)};
}

/// The form as a browser would send it with every box ticked.
result<query_parameters> filled(std::string_view page, const url_parts& asked,
                                std::string_view account) {
  auto ticket = quoted_after(page, "name=\"ticket\" value=\"");
  if (!ticket)
    return std::move(ticket).failure();
  auto query = parse_query(asked.query());
  if (!query)
    return std::move(query).failure();
  query_parameters form
      = {{"ticket", *std::move(ticket)}, {"account", std::string{account}}, {"decision", "allow"}};
  if (const auto* scopes = find_parameter(*query, "scope"))
    for (size_t begin = 0; begin < scopes->size();) {
      const auto end = std::min(scopes->find(' ', begin), scopes->size());
      form.emplace_back("scope", scopes->substr(begin, end - begin));
      begin = end + 1;
    }
  return form;
}

} // namespace

result<void> allow_consent(std::string_view authorization_url, std::string_view account,
                           const std::filesystem::path& ca_file) {
  const auto asked = parse_url(authorization_url);
  if (!asked)
    return asked.failure();
  const auto page = visit({"GET", std::string{authorization_url}}, ca_file, false);
  if (!page)
    return page.failure();
  if (page->status != 200)
    return error{ec::refused, "the consent page has status " + std::to_string(page->status)};
  const auto form = filled(*page->body, *asked, account);
  if (!form)
    return form.failure();
  const auto target = quoted_after(*page->body, "action=\"");
  if (!target)
    return target.failure();
  const auto address = target->starts_with('/') ? asked->origin() + *target : *target;
  const auto sent = visit(
      {"POST", address, format_query(*form), "application/x-www-form-urlencoded"}, ca_file, false);
  if (!sent)
    return sent.failure();
  const std::string back{sent->headers.get("Location")};
  if (back.empty())
    return error{ec::refused, "the consent ended with status " + std::to_string(sent->status)};
  const auto returned = visit({"GET", back}, {}, true);
  if (!returned)
    return returned.failure();
  if (returned->status != 200)
    return error{ec::refused,
                 "the app answered the browser with status " + std::to_string(returned->status)};
  return {};
}

} // namespace nexte::program
