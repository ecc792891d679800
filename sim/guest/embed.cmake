# SPDX-License-Identifier: Apache-2.0
# The bytes of FILES as C++ arrays in OUTPUT: kNAME for NAME.dtb, with `_` for `-`.
set(text "// Made by embed.cmake.\n#include <cstdint>\n#include <span>\n\nnamespace staleline::guest {\n")
set(cases "")
foreach(file ${FILES})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE - _ name "${name}")
  string(APPEND text "extern const std::span<const std::uint8_t> k_${name};\n"
                     "static constexpr std::uint8_t bytes_of_${name}[] = {${bytes}};\n"
                     "const std::span<const std::uint8_t> k_${name}{bytes_of_${name}};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}}  // namespace staleline::guest\n")
