# Writes OUTPUT, a source file that holds the files named in FILES (of FOLDER) as bytes.
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(arrays "")
set(rows "")
separate_arguments(FILES)
foreach(file IN LISTS FILES)
  string(MAKE_C_IDENTIFIER "bytes_of_${file}" name)
  string(TOLOWER "${name}" name)
  file(READ "${FOLDER}/${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  cmake_path(GET file EXTENSION LAST_ONLY ending)
  string(SUBSTRING "${ending}" 1 -1 ending)
  if(file STREQUAL "index.html")
    set(path "/")
  else()
    set(path "/page/${file}")
  endif()
  string(APPEND arrays "constexpr char ${name}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${path}\", \"${type_${ending}}\", {${name}, sizeof ${name}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"protocol/control/page.hpp\"

namespace nexte::control {
namespace {

${arrays}
constexpr page_file files[] = {
${rows}};

} // namespace

std::span<const page_file> page_files() {
  return files;
}

} // namespace nexte::control
")
