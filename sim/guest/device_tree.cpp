// SPDX-License-Identifier: Apache-2.0
// Reads and changes device trees by libfdt.
#include "staleline/guest/device_tree.h"

#include <fmt/format.h>
#include <libfdt.h>

#include <algorithm>
#include <cstring>

namespace staleline::guest {

namespace {

[[noreturn]] void fail(const std::string& name, const std::string& what) { throw FileError(name + ": " + what); }

// Numbers in a tree are big-endian.
std::uint64_t number(const void* cells, int count) {
  const auto* bytes = static_cast<const std::uint8_t*>(cells);
  std::uint64_t value = 0;
  for (int i = 0; i < 4 * count; ++i) value = value << 8 | bytes[i];
  return value;
}

void append(std::vector<std::uint8_t>& to, std::uint64_t value, int cells) {
  for (int i = 4 * cells; i-- > 0;) to.push_back(i < 8 ? static_cast<std::uint8_t>(value >> (8 * i)) : std::uint8_t{0});
}

struct Cells {
  int address = 2, size = 1;
};

// Those that the children of `node` have. Numbers of more than 64 bits are nothing that we could place.
Cells cells_of(const std::string& name, const void* tree, int node) {
  const Cells cells{fdt_address_cells(tree, node), fdt_size_cells(tree, node)};
  if (cells.address < 1 || cells.address > 2 || cells.size < 0 || cells.size > 2) {
    fail(name, "#address-cells and #size-cells are neither 1 nor 2");
  }
  return cells;
}

bool has_type(const void* tree, int node, const char* type) {
  int length = 0;
  const void* value = fdt_getprop(tree, node, "device_type", &length);
  return value != nullptr && length == static_cast<int>(std::strlen(type)) + 1 &&
         std::memcmp(value, type, static_cast<std::size_t>(length)) == 0;
}

std::optional<std::string> text_of(const void* tree, const char* path, const char* property) {
  const int node = fdt_path_offset(tree, path);
  int length = 0;
  const auto* value = node < 0 ? nullptr : static_cast<const char*>(fdt_getprop(tree, node, property, &length));
  if (value == nullptr) return std::nullopt;
  return std::string(value, strnlen(value, static_cast<std::size_t>(length)));
}

}  // namespace

DeviceTree::DeviceTree(std::string name, std::vector<std::uint8_t> bytes)
    : name_(std::move(name)), bytes_(std::move(bytes)) {
  if (bytes_.empty()) fail(name_, "the file is empty");
  if (bytes_.size() < sizeof(fdt_header) || fdt_magic(bytes_.data()) != FDT_MAGIC) {
    fail(name_, "not a flattened device tree (dtc makes one of a .dts)");
  }
  check();
}

void DeviceTree::check() const {
  const std::uint64_t total = fdt_totalsize(bytes_.data());
  if (total > bytes_.size()) {
    fail(name_, fmt::format("a truncated device tree: {} of {} bytes", bytes_.size(), total));
  }
  if (const int error = fdt_check_full(bytes_.data(), bytes_.size()); error != 0) {
    fail(name_, fmt::format("a damaged device tree: {}", fdt_strerror(error)));
  }
  if (memory().empty()) fail(name_, "a device tree without memory");
  if (cpus().empty()) fail(name_, "a device tree without CPUs");
}

std::vector<MemoryRange> DeviceTree::memory() const {
  const void* tree = bytes_.data();
  const Cells cells = cells_of(name_, tree, 0);
  const int entry = 4 * (cells.address + cells.size);
  std::vector<MemoryRange> ranges;
  int node = 0;
  fdt_for_each_subnode(node, tree, 0) {
    if (!has_type(tree, node, "memory")) continue;
    int length = 0;
    const auto* reg = static_cast<const std::uint8_t*>(fdt_getprop(tree, node, "reg", &length));
    if (reg == nullptr || cells.size == 0 || length % entry != 0) fail(name_, "a memory node whose reg is malformed");
    for (int at = 0; at < length; at += entry) {
      const MemoryRange range{{number(reg + at, cells.address)}, number(reg + at + 4 * cells.address, cells.size)};
      if (range.bytes == 0) continue;
      if (range.base.value + (range.bytes - 1) < range.base.value) fail(name_, "memory goes past the last address");
      ranges.push_back(range);
    }
  }
  return ranges;
}

std::vector<std::uint64_t> DeviceTree::cpus() const {
  const void* tree = bytes_.data();
  std::vector<std::uint64_t> affinities;
  const int parent = fdt_path_offset(tree, "/cpus");
  if (parent < 0) return affinities;
  const Cells cells = cells_of(name_, tree, parent);
  int node = 0;
  fdt_for_each_subnode(node, tree, parent) {
    if (!has_type(tree, node, "cpu")) continue;
    int length = 0;
    const void* reg = fdt_getprop(tree, node, "reg", &length);
    if (reg == nullptr || length != 4 * cells.address) fail(name_, "a CPU node whose reg is malformed");
    affinities.push_back(number(reg, cells.address));
  }
  return affinities;
}

std::optional<std::string> DeviceTree::bootargs() const { return text_of(bytes_.data(), "/chosen", "bootargs"); }

std::optional<std::string> DeviceTree::stdout_path() const {
  auto path = text_of(bytes_.data(), "/chosen", "stdout-path");
  if (path) path->resize(std::min(path->find(':'), path->size()));
  return path;
}

std::optional<std::string> DeviceTree::psci_method() const { return text_of(bytes_.data(), "/psci", "method"); }

std::optional<MemoryRange> DeviceTree::initrd() const {
  const void* tree = bytes_.data();
  const int node = fdt_path_offset(tree, "/chosen");
  if (node < 0) return std::nullopt;
  int first_length = 0;
  int end_length = 0;
  const void* first = fdt_getprop(tree, node, "linux,initrd-start", &first_length);
  const void* end = fdt_getprop(tree, node, "linux,initrd-end", &end_length);
  const auto well = [](int length) { return length == 4 || length == 8; };
  if (first == nullptr || end == nullptr || !well(first_length) || !well(end_length)) return std::nullopt;
  const std::uint64_t base = number(first, first_length / 4);
  return MemoryRange{{base}, number(end, end_length / 4) - base};
}

int DeviceTree::chosen() {
  // Room for what is to come, given back by fdt_pack().
  const auto open = [&](std::size_t room) {
    std::vector<std::uint8_t> larger(bytes_.size() + room);
    if (const int error = fdt_open_into(bytes_.data(), larger.data(), static_cast<int>(larger.size())); error != 0) {
      fail(name_, fmt::format("cannot be changed: {}", fdt_strerror(error)));
    }
    bytes_ = std::move(larger);
  };
  open(256);
  int node = fdt_path_offset(bytes_.data(), "/chosen");
  if (node == -FDT_ERR_NOTFOUND) node = fdt_add_subnode(bytes_.data(), 0, "chosen");
  if (node < 0) fail(name_, fmt::format("/chosen cannot be changed: {}", fdt_strerror(node)));
  return node;
}

void DeviceTree::set(int node, const char* property, std::span<const std::uint8_t> value) {
  std::vector<std::uint8_t> larger(bytes_.size() + value.size() + 256);
  int error = fdt_open_into(bytes_.data(), larger.data(), static_cast<int>(larger.size()));
  // Offsets of nodes stay what they were: what grows is behind them.
  if (error == 0) {
    error = fdt_setprop(larger.data(), node, property, value.data(), static_cast<int>(value.size()));
  }
  if (error == 0) error = fdt_pack(larger.data());
  if (error != 0) fail(name_, fmt::format("{} cannot be changed: {}", property, fdt_strerror(error)));
  larger.resize(fdt_totalsize(larger.data()));
  bytes_ = std::move(larger);
}

void DeviceTree::set_bootargs(std::string_view text) {
  std::vector<std::uint8_t> value(text.begin(), text.end());
  value.push_back(0);
  set(chosen(), "bootargs", value);
}

void DeviceTree::set_initrd(MemoryRange range) {
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> end;
  append(first, range.base.value, 2);
  append(end, range.base.value + range.bytes, 2);
  set(chosen(), "linux,initrd-start", first);
  set(chosen(), "linux,initrd-end", end);
}

void DeviceTree::set_memory(MemoryRange range) {
  const Cells cells = cells_of(name_, bytes_.data(), 0);
  std::vector<std::uint8_t> value;
  append(value, range.base.value, cells.address);
  append(value, range.bytes, cells.size);
  if ((cells.address == 1 && range.base.value >> 32 != 0) || (cells.size == 1 && range.bytes >> 32 != 0)) {
    fail(name_, "memory beyond what its #address-cells and #size-cells can say");
  }
  int node = 0;
  fdt_for_each_subnode(node, bytes_.data(), 0) {
    if (has_type(bytes_.data(), node, "memory")) {
      set(node, "reg", value);
      return;
    }
  }
}

}  // namespace staleline::guest
