# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, a C++ source with the pages FILES (separated by commas) as string literals.
string(REPLACE "," ";" FILES "${FILES}")
set(entries "")
foreach(file ${FILES})
  get_filename_component(id ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "    {\"${id}\", R\"page(${text})page\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from docs/hazards.
#include \"pages.h\"

namespace staleline::cli {

std::span<const Page> hazard_pages() {
  static constexpr Page kPages[] = {
${entries}  };
  return kPages;
}

}  // namespace staleline::cli
")
