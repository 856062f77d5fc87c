// The Apps page: files that hold no data.
#include "actors/program/control_routes.hpp"
#include "protocol/control/page.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

using control::problem;
using control::routed_request;

/// Scripts and styles of our own files alone, no frame around or inside, no form that leaves.
constexpr std::string_view content_policy
    = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
      "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void send_file(const routed_request& request, const control::reply& send) {
  const auto url = parse_url(request.request.url); // the router has read it before
  const auto files = control::page_files();
  const auto file = std::ranges::find(files, url->path(), &control::page_file::path);
  if (file == files.end())
    return send(problem({ec::not_found, "the page has no file of that name"}));
  http_response answer{200, std::string{file->content}, file->type};
  answer.headers.add("Content-Security-Policy", std::string{content_policy});
  answer.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  answer.headers.add("Cache-Control", "no-cache");
  send(std::move(answer));
}

} // namespace

std::vector<control::route> page_routes() {
  return {{"GET", "/", {}, send_file}, {"GET", "/page/{file}", {}, send_file}};
}

} // namespace nexte::program
