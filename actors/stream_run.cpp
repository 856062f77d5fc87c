#include "actors/stream_run.hpp"

#include <utility>

namespace nexte {
namespace {

task<bool> pull_of(stream_run& run, const stream_description& what, std::string api_base,
                   const stream_row& from, bool full) {
  pull_request request;
  request.api_base = std::move(api_base);
  request.checkpoint = from.checkpoint;
  request.full = full;
  return what.pull(run, std::move(request));
}

/// A record that the store would refuse must not refuse its page.
void step_over_unstorable(std::string_view stream, page& made) {
  std::erase_if(made.records, [&](const record_view& item) {
    const auto refused = refuse_record(stream, item);
    if (!refused)
      return false;
    const bool named = !item.id.empty() && item.id.size() <= record_id_bytes_max;
    made.unread.push_back({named ? item.id : std::string_view{},
                           item.version.substr(0, record_id_bytes_max), refused->line()});
    return true;
  });
}

} // namespace

stream_run::stream_run(integration_id owner, const stream_description& what, std::string api_base,
                       const stream_row& from, bool full, uint64_t number, run_effects& effects)
    : owner_(owner),
      what_(&what),
      effects_(&effects),
      number_(number),
      full_(full),
      pull_(pull_of(*this, what, std::move(api_base), from, full)),
      next_sequence_(from.sequence) {}

void stream_run::begin() {
  begun_ = true;
  pull_.start([this](result<bool> proved) {
    pulled_.emplace(std::move(proved));
    conclude();
  });
}

void stream_run::start_fetch(http_request request,
                             std::function<void(result<http_response>)> on_done) {
  ++calls_;
  effects_->run_calls(*this, std::move(request),
                      [this, done = std::move(on_done)](result<http_response> response) {
                        --calls_;
                        done(std::move(response));
                      });
}

void stream_run::start_emit(page records, std::function<void(result<done_t>)> on_done) {
  if (failure_)
    return on_done(*failure_);
  step_over_unstorable(what_->name, records);
  if (auto named = effects_->run_reads(*this, records); !named)
    return on_done(std::move(named).failure());
  ++counts_.pages;
  counts_.items += records.records.size();
  in_flight_.push_back(records.payload_bytes());
  bytes_in_flight_ += in_flight_.back();
  effects_->run_commits(*this, put_page{owner_, what_->name, next_sequence_++, std::move(records)});
  if (in_flight_.size() < pages_in_flight_max && bytes_in_flight_ < bytes_in_flight_max)
    return on_done(done_t{});
  waiting_emit_ = std::move(on_done);
}

void stream_run::page_committed(const result<write_outcome>& outcome) {
  bytes_in_flight_ -= in_flight_.front();
  in_flight_.pop_front();
  if (outcome)
    counts_.changed += outcome->inserted + outcome->updated + outcome->deleted;
  else if (!failure_)
    failure_ = outcome.failure();
  if (auto waiting = std::exchange(waiting_emit_, nullptr)) {
    if (failure_)
      waiting(*failure_);
    else
      waiting(done_t{});
  }
  conclude();
}

void stream_run::conclude() {
  if (!pulled_ || !in_flight_.empty() || over_)
    return;
  over_ = true;
  if (!*pulled_)
    return effects_->run_ended(*this, pulled_->failure());
  if (failure_)
    return effects_->run_ended(*this, *failure_);
  verified_ = **pulled_;
  effects_->run_commits(*this, end_run{owner_, what_->name, next_sequence_++, verified_});
}

void stream_run::end_committed(const result<write_outcome>& outcome) {
  if (outcome)
    effects_->run_ended(*this, done_t{});
  else
    effects_->run_ended(*this, outcome.failure());
}

} // namespace nexte
