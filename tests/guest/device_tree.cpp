// SPDX-License-Identifier: Apache-2.0
// Device trees: what the machine's own say, what is refused, what changes leave.
#include "staleline/guest/device_tree.h"

#include <catch2/catch.hpp>

#include "made.h"

namespace {

using namespace staleline;
using namespace staleline::guest;
using namespace staleline::guest_made;

Bytes tree_bytes(unsigned cpus) {
  const auto span = virt_device_tree(cpus);
  return {span.begin(), span.end()};
}

std::string refused(const Bytes& b) {
  return error_of([&] { static_cast<void>(DeviceTree("t", b)); });
}

}  // namespace

TEST_CASE("the machine's own device trees say what is modelled") {
  for (const unsigned cpus : {1U, 2U}) {
    const DeviceTree tree("t", tree_bytes(cpus));
    REQUIRE(tree.memory().size() == 1);
    CHECK(tree.memory()[0].base.value == 0x4000'0000);
    CHECK(tree.memory()[0].bytes == 0x2000'0000);
    CHECK(tree.cpus().size() == cpus);
    for (std::size_t i = 0; i < tree.cpus().size(); ++i) CHECK(tree.cpus()[i] == i);
    CHECK(tree.psci_method() == "hvc");
    CHECK(tree.stdout_path() == "/pl011@9000000");
    CHECK(tree.bootargs() == "earlycon console=ttyAMA0");
    CHECK_FALSE(tree.initrd());
  }
  CHECK_THROWS_AS(virt_device_tree(3), std::invalid_argument);
}

TEST_CASE("what is no device tree, or no whole one, is refused with one line") {
  const Bytes whole = tree_bytes(1);
  CHECK(refused({}) == "t: the file is empty");
  CHECK(refused(counted(5000)) == "t: not a flattened device tree (dtc makes one of a .dts)");
  CHECK(refused({0xd0, 0x0d, 0xfe, 0xed}) == "t: not a flattened device tree (dtc makes one of a .dts)");
  for (std::size_t n = 1; n < whole.size(); ++n) {
    Bytes cut = whole;
    cut.resize(n);
    CHECK_FALSE(refused(cut).empty());
  }
  Bytes cut = whole;
  cut.resize(whole.size() - 1);
  CHECK(refused(cut).starts_with("t: a truncated device tree: "));
  // A name of a property, written over: the node says no longer what it is.
  const auto rename = [&](const std::string& from) {
    Bytes other = whole;
    const auto at = std::search(other.begin(), other.end(), from.begin(), from.end());
    REQUIRE(at != other.end());
    *at = 'X';
    return refused(other);
  };
  CHECK(rename("device_type") == "t: a device tree without memory");
  CHECK(rename("cpus") == "t: a device tree without CPUs");
}

TEST_CASE("every byte of a device tree may be anything") {
  const Bytes whole = tree_bytes(2);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{0xff}}) {
      Bytes bad = whole;
      bad[n] = value;
      static_cast<void>(error_of([&] {
        DeviceTree tree("t", bad);
        static_cast<void>(tree.bootargs());
        static_cast<void>(tree.initrd());
        tree.set_bootargs("x");
      }));
    }
  }
}

TEST_CASE("boot arguments, initrd and memory are changed, and nothing else") {
  DeviceTree tree("t", tree_bytes(2));
  const std::string longer(5000, 'x');
  for (const std::string& text : {std::string("a"), longer, std::string()}) {
    tree.set_bootargs(text);
    CHECK(tree.bootargs() == text);
    CHECK(tree.stdout_path() == "/pl011@9000000");
    CHECK(refused({tree.bytes().begin(), tree.bytes().end()}).empty());
  }
  tree.set_initrd({{0x4800'0000}, 0x123'4567});
  REQUIRE(tree.initrd());
  CHECK(tree.initrd()->base.value == 0x4800'0000);
  CHECK(tree.initrd()->bytes == 0x123'4567);
  tree.set_memory({{0x8'0000'0000}, 0x1'0000'0000});
  REQUIRE(tree.memory().size() == 1);
  CHECK(tree.memory()[0].base.value == 0x8'0000'0000);
  CHECK(tree.memory()[0].bytes == 0x1'0000'0000);
  CHECK(tree.cpus().size() == 2);
  CHECK(tree.psci_method() == "hvc");

  // Back to what it was: nothing is left behind but the initrd.
  DeviceTree again("t", tree_bytes(2));
  const std::size_t before = again.bytes().size();
  again.set_bootargs(*again.bootargs());
  CHECK(again.bytes().size() == before);
}
