// SPDX-License-Identifier: Apache-2.0
// From an image and a device tree to the text of a scenario.
#include <fmt/format.h>

#include <algorithm>

#include "staleline/boot/boot.h"
#include "staleline/guest/device_tree.h"
#include "staleline/guest/image.h"
#include "vmm.h"

namespace staleline::boot {

namespace {

// The machine of docs/guests.md.
constexpr arm::PhysAddr kRom{0}, kRam{0x4000'0000};
constexpr std::uint64_t kRomBytes = std::uint64_t{64} << 20, kRamBytes = std::uint64_t{512} << 20;
constexpr arm::PhysAddr kFirmwareTree{0x4000'0000}, kKernelTree{0x4800'0000};
// As QEMU's cortex-a57 comes out of reset: MMU and caches off, exceptions masked, EL1 with its own stack pointer, Z
// set; nothing above EL1.
constexpr std::uint64_t kSctlr = 0x00c5'0838, kNzcv = 0x4000'0000, kPfr0 = 0x22;
// And as KVM sets it.
constexpr std::uint64_t kSctlrOfKvm = 0x00c5'0078;

bool in(arm::PhysAddr at, arm::PhysAddr base, std::uint64_t bytes) { return at - base < bytes; }

// Text in quotes, for names of files.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Composer {
 public:
  explicit Composer(const Request& request) : request_(request) {}

  Guest compose() {
    read_image();
    read_tree();
    check_overlap();
    write();
    return std::move(guest_);
  }

 private:
  void read_image() {
    guest::ImageOptions options;
    options.load_at = request_.load_at;
    options.raw_at = kRom;  // firmware: it lies where the machine begins to execute
    options.memory = {{kRam, kRamBytes}, {kRom, kRomBytes}};
    auto bytes = guest::read_file(request_.image, options.most_bytes);
    const std::string name = request_.image.string();
    image_ = guest::parse_image(name, std::move(bytes), options);
    if (request_.system_map) {
      const std::string map = request_.system_map->string();
      constexpr std::uint64_t kMostMap = std::uint64_t{64} << 20;
      guest::name_kernel(image_, map, guest::parse_system_map(map, guest::read_file(*request_.system_map, kMostMap)));
    }
    for (const auto& [at, word] : request_.patches) patch(at, word);
    for (std::size_t i = 0; i < image_.segments.size(); ++i) {
      auto& segment = image_.segments[i];
      if (segment.bytes.empty()) continue;
      const bool only = image_.segments.size() == 1;
      const std::string payload = only ? name : fmt::format("{} segment {}", name, i);
      pieces_.push_back({only ? "image" : fmt::format("image{}", i), payload, segment.address, segment.bytes.size()});
      guest_.files.emplace(payload, std::move(segment.bytes));
    }
    guest_.entry = image_.entry;
    guest_.symbols = std::move(image_.symbols);
  }

  void patch(arm::PhysAddr at, std::uint32_t word) {
    for (auto& segment : image_.segments) {
      const std::uint64_t offset = at - segment.address;
      if (offset >= segment.bytes.size() || segment.bytes.size() - offset < sizeof word) continue;
      for (std::size_t i = 0; i < sizeof word; ++i)
        segment.bytes[offset + i] = static_cast<std::uint8_t>(word >> (8 * i));
      return;
    }
    throw guest::FileError(fmt::format("{}: has no word at {:#x} to patch", request_.image.string(), at.value));
  }

  void read_tree() {
    constexpr std::uint64_t kMostTree = std::uint64_t{2} << 20;
    const std::string name = request_.dtb ? request_.dtb->string() : fmt::format("virt-{}.dtb", request_.cpus);
    std::vector<std::uint8_t> bytes;
    if (request_.dtb) {
      bytes = guest::read_file(*request_.dtb, kMostTree);
    } else {
      const auto own = guest::virt_device_tree(request_.cpus);
      bytes.assign(own.begin(), own.end());
    }
    guest::DeviceTree tree(name, std::move(bytes));
    if (request_.bootargs) tree.set_bootargs(*request_.bootargs);
    firmware_ = in(image_.entry, kRom, kRomBytes);
    const std::vector<std::uint8_t> contents(tree.bytes().begin(), tree.bytes().end());
    pieces_.push_back({"dtb", name, firmware_ ? kFirmwareTree : kKernelTree, contents.size()});
    guest_.files.emplace(name, contents);
  }

  void check_overlap() const {
    const Piece& tree = pieces_.back();
    for (const guest::Segment& p : image_.segments) {
      if (tree.at - p.address >= p.memory_bytes && p.address - tree.at >= tree.bytes) continue;
      throw guest::FileError(fmt::format("{}: lies from {:#x} to {:#x}, where the device tree has to be ({:#x})",
                                         request_.image.string(), p.address.value, p.address.value + p.memory_bytes,
                                         tree.at.value));
    }
  }

  void write() {
    std::string& out = guest_.text;
    out = "schema: 1\nscenario: boot\n";
    // FEAT_S2FWB goes with CTR_EL0.IDC: what is coherent needs no clean to the Point of Unification either.
    out += request_.vmm.fwb ? fmt::format("platform: {{ preset: {}, ctr.idc: true }}\n", request_.platform)
                            : fmt::format("platform: {}\n", request_.platform);
    out += "memory:\n";
    out += fmt::format("  rom:   {{ base: {:#x}, size: {} MiB }}\n", kRom.value, kRomBytes >> 20);
    out += "  gicd:  { base: 0x800_0000, kind: gicv2-distributor }\n";
    out += "  gicc:  { base: 0x801_0000, kind: gicv2-cpu-interface }\n";
    out += "  uart:  { base: 0x900_0000, kind: pl011 }\n";
    out += fmt::format("  ram:   {{ base: {:#x}, size: {} MiB }}\n", kRam.value, kRamBytes >> 20);
    for (const Piece& p : pieces_) {
      const bool rom = in(p.at, kRom, kRomBytes);
      out += fmt::format("  {}: {{ at: {}+{:#x}, size: {}, payload: {} }}\n", p.region, rom ? "rom" : "ram",
                         p.at - (rom ? kRom : kRam), p.bytes, quoted(p.payload));
    }
    out += memory_of(request_.vmm, request_.cpus);
    if (request_.vmm.kind == Vmm::Kind::None) {
      out += "init:\n";
      for (const Piece& p : pieces_) out += fmt::format("  - {{ region: {}, payload: on }}\n", p.region);
    }
    out += "mappings:\n" + views_of(request_.vmm, request_.cpus);
    out += "agents:\n" + agents_of(request_.vmm, request_.cpus);
    const std::uint64_t sctlr = request_.vmm.kind == Vmm::Kind::Kvm ? kSctlrOfKvm : kSctlr;
    out += fmt::format(
        "  guest: {{ core: 0, view: guest, code: {:#x}, registers: {{ {}SCTLR_EL1: {:#x}, NZCV: {:#x}, "
        "ID_AA64PFR0_EL1: {:#x} }} }}\n",
        guest_.entry.value, general(), sctlr, kNzcv, kPfr0);
    for (unsigned cpu = 1; cpu < request_.cpus; ++cpu)
      out += fmt::format(
          "  cpu{0}:  {{ core: {0}, view: guest, power: off, registers: {{ SCTLR_EL1: {1:#x}, NZCV: {2:#x}, "
          "ID_AA64PFR0_EL1: {3:#x} }} }}\n",
          cpu, sctlr, kNzcv, kPfr0);
    out += program_of(request_.vmm, pieces_, request_.cpus);
    out += "variants:\n  boot: {}\n";
  }

  // Firmware finds its tree at the begin of memory; a kernel is told where it is.
  [[nodiscard]] std::string general() const {
    if (firmware_) return {};
    return fmt::format("x0: {:#x}, x4: {:#x}, ", pieces_.back().at.value, guest_.entry.value);
  }

  const Request& request_;
  guest::Image image_;
  bool firmware_ = false;
  std::vector<Piece> pieces_;
  Guest guest_;
};

}  // namespace

Guest compose(const Request& request) { return Composer(request).compose(); }

}  // namespace staleline::boot
