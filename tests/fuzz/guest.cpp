// SPDX-License-Identifier: Apache-2.0
// Any bytes as an image, a device tree and a System.map: they are taken and keep what they promise, or FileError says
// in one line why not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/guest/device_tree.h"
#include "staleline/guest/image.h"

namespace {

using namespace staleline;
using namespace staleline::guest;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class F>
void one_line_or(F&& f) {
  try {
    f();
  } catch (const FileError& e) {
    const std::string_view message = e.what();
    require(message.starts_with("fuzz") && message.find('\n') == std::string_view::npos);
  }
}

void image(const std::vector<std::uint8_t>& bytes, const ImageOptions& options) {
  const Image i = parse_image("fuzz", bytes, options);
  require(!i.segments.empty());
  const MemoryRange& memory = options.memory.front();
  bool enters = false;
  std::uint64_t free = memory.base.value;
  for (const Segment& s : i.segments) {
    require(s.memory_bytes != 0 && s.bytes.size() <= s.memory_bytes && s.address.value >= free);
    free = s.address.value + s.memory_bytes;
    require(free <= memory.base.value + memory.bytes);
    enters = enters || i.entry - s.address < s.memory_bytes;
    if (const auto place = i.symbols.at(s.address.value)) require(!place->text().empty());
  }
  require(enters);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> bytes(data, data + size);
  ImageOptions options;
  options.memory = {{{0x4000'0000}, 0x100'0000}};
  options.most_bytes = 1 << 20;
  one_line_or([&] { image(bytes, options); });
  options.load_at = arm::PhysAddr{0x4020'0000};
  one_line_or([&] { image(bytes, options); });
  one_line_or([&] {
    DeviceTree tree("fuzz", bytes);
    static_cast<void>(tree.initrd());
    static_cast<void>(tree.stdout_path());
    tree.set_bootargs("quiet");
    require(tree.bootargs() == "quiet");
    tree.set_initrd({{0x4800'0000}, 0x1000});
    require(tree.initrd()->bytes == 0x1000);
  });
  one_line_or([&] { require(parse_system_map("fuzz", bytes).size() != 0); });
  return 0;
}
