#include "protocol/microsoft/look_up.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/microsoft/errors.hpp"

namespace nexte::microsoft {

task<looked_up> look_up(stream_io& io, const collection& of, std::string_view noun,
                        std::string api_base, std::string id) {
  auto get = outlook_request(of, api_base + std::string{of.items} + "/" + percent_encode(id));
  auto answer = co_await io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked = "Microsoft 365 was asked for the " + std::string{noun} + " " + id;
  looked_up told;
  auto& seen = told.seen;
  if (answer->status == 404 || answer->status == 410 || answer->status == 400) {
    seen.evidence.push_back(asked
                            + " and shows this account none of that id: it never was, was deleted "
                              "for good, or is in another mailbox.");
    co_return std::move(told);
  }
  if (answer->status < 200 || answer->status >= 300)
    co_return error{ec::refused,
                    "Microsoft 365 does not show it (" + classify(*answer, io.now()).code + ")"};
  auto read = read_item(*answer->body, told.texts, io.guard());
  if (!read || !*read || (*read)->record.id != id)
    co_return error{ec::malformed, "Microsoft 365's answer is no record of that id"};
  told.found = *read;
  const auto& record = told.found->record;
  seen.found = standing::shown;
  seen.version = record.version;
  seen.modified_at = record.modified_at;
  seen.evidence.push_back(asked + " and showed it"
                          + (seen.modified_at == wall_time{}
                                 ? "."
                                 : ": last changed at " + format_iso_time(seen.modified_at) + "."));
  co_return std::move(told);
}

} // namespace nexte::microsoft
