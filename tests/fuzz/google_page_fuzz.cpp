// No answer crashes the page readers, what they read lies within the answer or is kept by the page,
// and each body is a whole JSON value.
#include "protocol/google/calendar_checkpoint.hpp"
#include "protocol/google/calendar_reader.hpp"
#include "protocol/google/checkpoint.hpp"
#include "protocol/google/drive_reader.hpp"
#include "protocol/google/gmail_reader.hpp"
#include "tests/fuzz/page_rules.hpp"

using namespace nexte;

namespace {

void require_records(const page& read) {
  for (const auto& record : read.records) {
    fuzz::require(!record.id.empty() && record.id.size() <= record_id_bytes_max);
    fuzz::require(record.deleted || record.body.starts_with('{'));
    fuzz::require(record.body.empty() || record.body.ends_with('}'));
  }
}

void read_gmail(const std::string& text) {
  if (const auto read = google::read_message_ids(text))
    for (const auto& id : read->ids)
      fuzz::require(!id.empty() && id.size() <= record_id_bytes_max);
  if (const auto read = google::read_history(text))
    for (const auto& change : read->changes)
      fuzz::require(!change.id.empty() && !change.at.empty());
  page into;
  record_guard guard;
  if (google::read_message(text, "1", into, guard))
    require_records(into);
  fuzz::require(guard.record().empty());
}

void read_lists(const std::shared_ptr<const std::string>& text) {
  record_guard guard;
  std::set<std::string> gone;
  if (const auto read = google::read_events(text, "u@x", gone, guard))
    require_records(read->events);
  if (const auto read = google::read_files(text, guard))
    require_records(read->files);
  if (const auto read = google::read_changes(text, guard))
    require_records(read->files);
  fuzz::require(guard.record().empty());
  if (const auto read = google::read_calendar_ids(text))
    for (const auto& id : read->ids)
      fuzz::require(!id.empty() && id.size() <= google::calendar_id_bytes_max);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  read_gmail(*text);
  read_lists(text);
  if (const auto at = google::read_checkpoint(*text))
    fuzz::require(google::read_checkpoint(google::write_checkpoint(*at)) == at);
  if (const auto at = google::read_calendar_checkpoint(*text))
    fuzz::require(google::read_calendar_checkpoint(google::write_checkpoint(*at)) == at);
  return 0;
}
