#include "protocol/http/gzip.hpp"

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>

#include <algorithm>

namespace nexte {
namespace {

namespace io = boost::iostreams;

constexpr size_t step_bytes = 64 * 1024;

} // namespace

std::string gzip(std::string_view plain) {
  std::string packed;
  io::filtering_ostream out;
  out.push(io::gzip_compressor{io::gzip_params{io::gzip::best_speed}}, step_bytes);
  out.push(io::back_inserter(packed));
  out.write(plain.data(), static_cast<std::streamsize>(plain.size()));
  out.reset(); // writes the trailer
  return packed;
}

result<std::string> gunzip(std::string_view packed, size_t bytes_max) {
  try {
    io::filtering_istreambuf in;
    in.push(io::gzip_decompressor{io::zlib::default_window_bits, step_bytes}, step_bytes);
    in.push(io::array_source{packed.data(), packed.size()});
    std::string plain;
    for (;;) {
      const auto had = plain.size();
      plain.resize(had + std::min(step_bytes, bytes_max - had + 1));
      const auto got
          = in.sgetn(plain.data() + had, static_cast<std::streamsize>(plain.size() - had));
      plain.resize(had + static_cast<size_t>(std::max<std::streamsize>(got, 0)));
      if (plain.size() > bytes_max)
        return error{ec::refused,
                     "a gzip body unpacks to more than " + std::to_string(bytes_max) + " bytes"};
      if (plain.size() == had)
        return plain;
    }
  } catch (const std::ios_base::failure&) { // Boost.Iostreams reports broken data so
    return error{ec::malformed, "a gzip body is broken or cut short"};
  }
}

} // namespace nexte
