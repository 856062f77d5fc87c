#include "protocol/microsoft/delta.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/microsoft/errors.hpp"
#include "protocol/microsoft/quota.hpp"

namespace nexte::microsoft {

http_request outlook_request(const collection& of, std::string url) {
  http_request request{"GET", std::move(url)};
  auto prefer = "IdType=\"ImmutableId\", odata.maxpagesize=" + std::to_string(of.page_items);
  if (!of.prefer.empty())
    prefer.append(", ").append(of.prefer);
  request.headers.add("Prefer", std::move(prefer));
  request.quota.endpoint = outlook_endpoint;
  return request;
}

task<std::optional<delta_page>> fetch_page(stream_io& io, const collection& of,
                                           std::string api_base, std::string path, bool is_link) {
  auto request = outlook_request(of, api_base + path);
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (is_link ? is_link_expired(*answer) : is_item_gone(*answer))
    co_return std::optional<delta_page>{};
  if (answer->status < 200 || answer->status >= 300)
    co_return list_refused(title, of.stream, classify(*answer, io.now()).code);
  auto read = read_delta(answer->body, api_base, io.guard());
  if (!read)
    co_return std::move(read).failure();
  if (!read->ended && read->link == path)
    co_return cursor_stands_still(title);
  co_return std::optional{*std::move(read)};
}

task<std::optional<item>> fetch_item(stream_io& io, const collection& of, std::string api_base,
                                     std::string_view id, page& into) {
  auto request = outlook_request(of, api_base + std::string{of.items} + "/" + percent_encode(id));
  auto answer = co_await io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  item found;
  found.whole = true;
  found.record.id = id;
  found.record.deleted = is_item_gone(*answer);
  if (found.record.deleted)
    co_return std::optional{found};
  if (answer->status < 200 || answer->status >= 300)
    co_return list_refused(title, "one of " + std::string{of.stream},
                           classify(*answer, io.now()).code);
  auto read = read_item(*answer->body, into, io.guard());
  if (!read)
    co_return std::move(read).failure();
  if (*read && (*read)->record.id != id)
    co_return error{ec::malformed, "Microsoft 365 answers with another item than was asked for"};
  co_return *read;
}

} // namespace nexte::microsoft
