#include "protocol/control/problem.hpp"

#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <array>

namespace nexte::control {
namespace {

struct phrase {
  int status;
  std::string_view title;
};

// RFC 9110 section 15; a problem of no type of its own has the phrase of its status as title.
constexpr phrase phrases[] = {
    {400, "Bad Request"},         {401, "Unauthorized"},
    {403, "Forbidden"},           {404, "Not Found"},
    {405, "Method Not Allowed"},  {409, "Conflict"},
    {413, "Content Too Large"},   {415, "Unsupported Media Type"},
    {421, "Misdirected Request"}, {422, "Unprocessable Content"},
    {429, "Too Many Requests"},   {500, "Internal Server Error"},
    {502, "Bad Gateway"},         {503, "Service Unavailable"},
};

std::string_view title_of(int status) {
  for (const auto& p : phrases)
    if (p.status == status)
      return p.title;
  return "Error";
}

constexpr std::array every_code
    = {ec::unauthorized, ec::limited,   ec::refused, ec::transport, ec::malformed,
       ec::conflict,     ec::not_found, ec::storage, ec::cancelled, ec::bug};

ec code_named(std::string_view name, int status) {
  for (const auto code : every_code)
    if (to_string(code) == name)
      return code;
  if (status == 404)
    return ec::not_found;
  return status >= 500 ? ec::transport : ec::refused;
}

} // namespace

int status_of(ec code) {
  switch (code) {
    case ec::unauthorized: return 409;
    case ec::limited: return 429;
    case ec::refused: return 422;
    case ec::transport: return 502;
    case ec::malformed: return 400;
    case ec::conflict: return 409;
    case ec::not_found: return 404;
    case ec::storage: return 500;
    case ec::cancelled: return 503;
    case ec::bug: return 500;
  }
  return 500;
}

http_response problem(int status, const error& failure) {
  json::writer to;
  to.begin_object().key("title").value(title_of(status)).key("status").value(status);
  to.key("detail").value(failure.what);
  if (!failure.hint.empty())
    to.key("hint").value(failure.hint);
  to.key("code").value(to_string(failure.code)).end_object();
  return {status, to.take(), "application/problem+json"};
}

http_response problem(const error& failure) {
  return problem(status_of(failure.code), failure);
}

error read_problem(const http_response& response) {
  const auto body = json::parse_value(*response.body);
  const auto detail = body ? body->string_or_empty("detail") : std::string_view{};
  if (detail.empty())
    return {code_named({}, response.status),
            "the engine answered with status " + std::to_string(response.status)};
  return {code_named(body->string_or_empty("code"), response.status), std::string{detail},
          std::string{body->string_or_empty("hint")}};
}

} // namespace nexte::control
