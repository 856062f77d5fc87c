// GET /v1/events for a C host: each event as a callback on the host's thread.
#pragma once

#include "actors/callback_queue.hpp"
#include "actors/program/control_api.hpp"
#include "protocol/http/byte_feed.hpp"

#include <memory>
#include <string>
#include <utility>

namespace nexte::c {

/// A host that does not run its callbacks leaves at most `event_bytes_waiting_max` waiting; then it
/// is cut off, and begins anew with a snapshot that says so.
class event_reader : public std::enable_shared_from_this<event_reader> {
public:
  using listener = void (*)(void* context, const char* name, const char* json);

  /// `api` outlives this.
  static std::shared_ptr<event_reader> start(const program::control_api& api,
                                             std::shared_ptr<callback_queue> queue, listener to,
                                             void* context);
  ~event_reader();

private:
  event_reader(const program::control_api& api, std::shared_ptr<callback_queue> queue, listener to,
               void* context)
      : api_(api), queue_(std::move(queue)), to_(to), context_(context) {}
  void open();
  void tell();

  const program::control_api& api_;
  const std::shared_ptr<callback_queue> queue_;
  const listener to_;
  void* const context_;
  std::shared_ptr<byte_feed> feed_;
  std::string text_;    ///< The begin of an event.
  std::string last_id_; ///< Of the last event that was told.
};

} // namespace nexte::c
