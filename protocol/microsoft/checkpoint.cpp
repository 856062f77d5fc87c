#include "protocol/microsoft/checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"

namespace nexte::microsoft {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "changes"};
constexpr std::string_view mail_phases[] = {"list", "closing", "changes"};

/// What is sent with a token must be a path below the API's address.
bool is_link(std::string_view link) {
  return link.empty() || link.front() == '/';
}

std::optional<folder_standing> read_folder(const json::value& written) {
  folder_standing read;
  read.id = written.string_or_empty("id");
  read.link = written.string_or_empty("link");
  const auto* ended = written.find("ended");
  read.ended = ended && ended->truth;
  if (read.id.empty() || !is_link(read.link) || (read.ended && read.link.empty()))
    return std::nullopt;
  return read;
}

} // namespace

std::string write_checkpoint(const checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  write_cursor(out, "link", from.link);
  write_time(out, "from", from.from);
  write_time(out, "until", from.until);
  return out.end_object().take();
}

std::optional<checkpoint> read_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  if (!written)
    return std::nullopt;
  const auto from = time_in(written->members, "from");
  const auto until = time_in(written->members, "until");
  checkpoint read;
  read.at = static_cast<checkpoint::phase>(written->phase);
  read.link = written->members.string_or_empty("link");
  if (!from || !until || !is_link(read.link)
      || (read.at == checkpoint::phase::changes && read.link.empty()))
    return std::nullopt;
  read.from = *from;
  read.until = *until;
  return read;
}

std::string write_mail_checkpoint(const mail_checkpoint& from) {
  auto out = begin_checkpoint(version, mail_phases[static_cast<size_t>(from.at)]);
  out.key("folders").begin_array();
  for (const auto& folder : from.folders) {
    out.begin_object().key("id").value(folder.id);
    write_cursor(out, "link", folder.link);
    out.key("ended").value(folder.ended).end_object();
  }
  return out.end_array().end_object().take();
}

std::optional<mail_checkpoint> read_mail_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, mail_phases);
  const auto* folders = written ? written->members.find("folders") : nullptr;
  if (!folders || !folders->is_array())
    return std::nullopt;
  mail_checkpoint read;
  read.at = static_cast<mail_checkpoint::phase>(written->phase);
  for (const auto& one : folders->items) {
    auto folder = read_folder(one);
    if (!folder)
      return std::nullopt;
    read.folders.push_back(*std::move(folder));
  }
  return read;
}

} // namespace nexte::microsoft
