#include "actors/c/event_reader.hpp"

#include "actors/program/event_text.hpp"

namespace nexte::c {

std::shared_ptr<event_reader> event_reader::start(const program::control_api& api,
                                                  std::shared_ptr<callback_queue> queue,
                                                  listener to, void* context) {
  std::shared_ptr<event_reader> made{new event_reader{api, std::move(queue), to, context}};
  made->open();
  return made;
}

event_reader::~event_reader() {
  if (feed_)
    feed_->abandon();
}

/// Answered inside the call; without a feed where too many read already.
void event_reader::open() {
  text_.clear();
  http_request request{"GET", "http://127.0.0.1/v1/events"};
  if (!last_id_.empty())
    request.headers.add("Last-Event-ID", last_id_);
  api_.handle_own(
      std::move(request), [](const http_response&) {},
      [this](const http_response&, std::shared_ptr<byte_feed> feed) { feed_ = std::move(feed); });
  if (feed_)
    feed_->on_news([queue = queue_, me = weak_from_this()] {
      queue->post([me] {
        if (const auto alive = me.lock())
          alive->tell();
      });
    });
}

void event_reader::tell() {
  const auto [bytes, after] = feed_->take();
  text_ += bytes;
  program::take_events(text_, [this](const program::server_event& event) {
    last_id_ = event.id;
    to_(context_, event.name.c_str(), event.data.c_str());
  });
  if (after == byte_feed::state::cut)
    open();
}

} // namespace nexte::c
