#include "protocol/google/simulator_account.hpp"

#include "protocol/simulation/data_set.hpp"

#include <algorithm>
#include <array>

namespace nexte::simulation::google {
namespace {

constexpr uint64_t first_subject = 110'248'495'921'238'986; // 21 digits with the two that follow
constexpr uint64_t gone_percent = 4; ///< In the bin or in spam, beside the rest.
constexpr std::array<std::string_view, 4> names = {"ada", "ben", "chloe", "dmitri"};
constexpr std::array<std::string_view, 1> streams = {"gmail_messages"};

message message_of(const data_set& data, uint64_t index, uint64_t count) {
  const auto sender = data.person_at(index);
  const auto deal = data.opportunity_at(index);
  message made;
  made.received_at = data.times_at(index, count).created_at;
  made.from = sender.first_name + " <"
              + (sender.email.empty() ? "nobody@else.example" : sender.email) + ">";
  made.subject = deal.title;
  made.text = "Dear all,\r\nabout " + deal.title + ": " + sender.note + "\r\n";
  made.labels = {"INBOX", "CATEGORY_PERSONAL"};
  if (index % 3 == 0)
    made.labels.insert("UNREAD");
  if (index % 7 == 0)
    made.labels.erase("INBOX"); // archived
  return made;
}

} // namespace

std::span<const std::string_view> stream_names() {
  return streams;
}

account::account(size_t index, const simulator_options& options)
    : id(std::to_string(first_subject + index) + "042"), options_(options), index_(index) {
  const auto suffix = index < names.size() ? std::string{} : std::to_string(index);
  name = std::string{names[index % names.size()]} + suffix;
  login = name + "@workspace.example";
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
}

mailbox& account::mail() {
  if (mail_)
    return *mail_;
  mail_ = std::make_unique<mailbox>();
  const data_set data{options_.seed, index_};
  const auto gone = options_.records * gone_percent / 100;
  for (uint64_t i = 0; i < options_.records + gone; ++i) {
    auto made = message_of(data, i, options_.records + gone);
    if (i >= options_.records)
      made.labels = {i % 2 == 0 ? "TRASH" : "SPAM"};
    mail_->seed(std::move(made));
  }
  return *mail_;
}

record_store* account::store(std::string_view stream) {
  if (stream == "gmail_messages")
    return &mail();
  return nullptr;
}

} // namespace nexte::simulation::google
