// The simulator's other side: what tests do and see without the wire.
#include "protocol/microsoft/simulator.hpp"

namespace nexte::simulation {

using namespace microsoft;

namespace {

uint64_t number_of(const mailbox& in, std::string_view stream, std::string_view id) {
  return in.find(*find_kind(stream), id)->number;
}

} // namespace

std::string microsoft_simulator::create(std::string_view stream, const named_values& values,
                                        wall_time now, size_t account, std::string_view folder) {
  auto& in = mailbox_at(account, now);
  const auto kind = *find_kind(stream);
  const auto where = kind == item_kind::message ? in.find_folder(folder)->number : 0;
  return mailbox::id_of(in.create(kind, where, values, now), true);
}

void microsoft_simulator::edit(std::string_view stream, std::string_view id,
                               const named_values& values, wall_time now, size_t account) {
  auto& in = mailbox_at(account, now);
  in.edit(number_of(in, stream, id), values, now);
}

void microsoft_simulator::remove(std::string_view stream, std::string_view id, wall_time now,
                                 size_t account) {
  auto& in = mailbox_at(account, now);
  in.remove(number_of(in, stream, id), now);
}

void microsoft_simulator::restore(std::string_view stream, std::string_view id, wall_time now,
                                  size_t account) {
  auto& in = mailbox_at(account, now);
  in.restore(number_of(in, stream, id), now);
}

void microsoft_simulator::move(std::string_view id, std::string_view folder, wall_time now,
                               size_t account) {
  auto& in = mailbox_at(account, now);
  in.move(number_of(in, "mail_messages", id), in.find_folder(folder)->number, now);
}

std::string microsoft_simulator::create_folder(std::string name, std::string_view parent,
                                               wall_time now, size_t account) {
  auto& in = mailbox_at(account, now);
  const auto above = parent.empty() ? 0 : in.find_folder(parent)->number;
  return mailbox::id_of_folder(in.create_folder(std::move(name), above));
}

void microsoft_simulator::remove_folder(std::string_view id, wall_time now, size_t account) {
  auto& in = mailbox_at(account, now);
  in.remove_folder(in.find_folder(id)->number, now);
}

std::map<std::string, held_record> microsoft_simulator::holdings(std::string_view stream,
                                                                 size_t account) {
  std::map<std::string, held_record> held;
  const auto kind = *find_kind(stream);
  const auto& in = mailboxes_[account];
  for (const auto& [number, item] : in.items()) {
    if (item.kind != kind)
      continue;
    const bool sparse = item.type == "occurrence" && strict_.sparse_occurrences;
    held[mailbox::id_of(item, true)]
        = {sparse ? std::string{} : mailbox::change_key(item), !in.is_shown(item)};
  }
  return held;
}

issued_tokens microsoft_simulator::issue_tokens(wall_time now, size_t account,
                                                std::vector<std::string> scopes) {
  mailbox_at(account, now);
  return oauth_.issue(account, std::move(scopes), now);
}

} // namespace nexte::simulation
