#include "protocol/microsoft/mail_folders.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/microsoft/errors.hpp"

namespace nexte::microsoft {
namespace {

constexpr std::string_view root = "/me/mailFolders";
constexpr std::string_view query = "?$top=100&$select=id,childFolderCount,isHidden";

struct folder_page {
  std::vector<std::string> ids;
  std::vector<std::string> parents; ///< Those of them that have folders in them.
  std::string next;                 ///< Below the API's address; empty: that was all.
};

error no_list() {
  return {ec::malformed, "the answer is no list of mail folders"};
}

result<folder_page> read_folders(const http_response& answer, std::string_view api_base) {
  const auto whole = json::parse_value(*answer.body);
  const auto* folders = whole ? whole->find("value") : nullptr;
  if (!folders || !folders->is_array())
    return no_list();
  folder_page read;
  for (const auto& folder : folders->items) {
    std::string id{folder.string_or_empty("id")};
    const auto* hidden = folder.find("isHidden");
    const auto* children = folder.find("childFolderCount");
    if (id.empty() || id.size() > record_id_bytes_max)
      return no_list();
    if (hidden && hidden->truth)
      continue;
    if (!children || children->as_int() != 0) // not said: there may be some
      read.parents.push_back(id);
    read.ids.push_back(std::move(id));
  }
  if (const auto next = whole->string_or_empty("@odata.nextLink"); !next.empty()) {
    auto link = link_below(api_base, next);
    if (!link)
      return no_list();
    read.next = *std::move(link);
  }
  return read;
}

} // namespace

task<std::vector<std::string>> list_folders(stream_io& io, const collection& of,
                                            std::string api_base) {
  std::vector<std::string> found;
  std::vector<std::string> paths{std::string{root} + std::string{query}};
  while (!paths.empty()) {
    const auto path = std::move(paths.back());
    paths.pop_back();
    auto request = outlook_request(of, api_base + path);
    auto answer = co_await io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (is_item_gone(*answer))
      continue; // deleted since its parent was listed
    if (answer->status < 200 || answer->status >= 300)
      co_return list_refused(title, "the mail folders", classify(*answer, io.now()).code);
    auto read = read_folders(*answer, api_base);
    if (!read)
      co_return std::move(read).failure();
    if (read->next == path)
      co_return cursor_stands_still(title);
    if (!read->next.empty())
      paths.push_back(std::move(read->next));
    for (const auto& parent : read->parents)
      paths.push_back(std::string{root} + "/" + percent_encode(parent) + "/childFolders"
                      + std::string{query});
    found.insert(found.end(), std::make_move_iterator(read->ids.begin()),
                 std::make_move_iterator(read->ids.end()));
    if (found.size() > folders_max)
      co_return error{ec::refused,
                      "the mailbox has more than " + std::to_string(folders_max) + " folders",
                      "put mail into fewer folders, or leave mail_messages out of the streams"};
  }
  co_return found;
}

} // namespace nexte::microsoft
