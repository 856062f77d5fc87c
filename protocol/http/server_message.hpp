// Requests as the server's handlers see them, and their answers as sent. No I/O, no clock.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace nexte {

using parsed_request = boost::beast::http::request<boost::beast::http::string_body>;
using answer_message = boost::beast::http::response<boost::beast::http::span_body<const char>>;

/// Takes the body out of `request`. `malformed` for another than one Host field, or a target that
/// is no path.
result<http_request> to_request(parsed_request& request, std::string_view scheme);

/// Whether an Accept-Encoding value permits gzip.
bool accepts_gzip(std::string_view accept_encoding);

/// Packs the body where that pays: over 1 KiB, not packed yet.
void pack(http_response& response);

struct answer_form {
  bool head_only = false;
  bool keep_alive = false;
  unsigned version = 11;
};

/// The message to send; it points into `response`, which must outlive it. Fields about length and
/// connection are the server's; a Date is added where there is none. `malformed` for a status out
/// of range and for fields that would break the head.
result<answer_message> to_answer(const http_response& response, const answer_form& form,
                                 wall_time now);

/// The head, as sent, of an answer whose body comes bit by bit: in chunks to HTTP/1.1, ended by the
/// connection's close to HTTP/1.0, which has none. Errors as `to_answer`.
result<std::string> to_stream_head(const http_response& response, const answer_form& form,
                                   wall_time now);
/// Bytes of such a body, as sent; nothing for nothing, since an empty chunk would end it.
std::string to_chunk(std::string_view bytes, const answer_form& form);
/// What ends it.
std::string_view last_chunk(const answer_form& form);

} // namespace nexte
