// SPDX-License-Identifier: Apache-2.0
// Registers of the PL011 by their offsets: reset values, bits that can be written, the FIFO, interrupts.
#include "staleline/uart/pl011.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using namespace staleline::uart;

struct Rig {
  std::string sent;
  Pl011 uart{[this](std::uint8_t byte) { sent += static_cast<char>(byte); }};
};

struct Row {
  std::uint32_t offset, reset, writable;
};

// Offset, value out of reset, bits that a write changes and a read shows. DDI 0183 table 3-1.
constexpr Row kRows[]{
    {0x004, 0, 0},    {0x018, 0x90, 0},       {0x020, 0, 0xff},    {0x024, 0, 0xffff}, {0x028, 0, 0x3f},
    {0x02c, 0, 0xff}, {0x030, 0x300, 0xff87}, {0x034, 0x12, 0x3f}, {0x038, 0, 0x7ff},  {0x03c, 0, 0},
    {0x040, 0, 0},    {0x044, 0, 0},          {0x048, 0, 0x7},     {0xfe0, 0x11, 0},   {0xfe4, 0x10, 0},
    {0xfe8, 0x14, 0}, {0xfec, 0x00, 0},       {0xff0, 0x0d, 0},    {0xff4, 0xf0, 0},   {0xff8, 0x05, 0},
    {0xffc, 0xb1, 0},
};

}  // namespace

TEST_CASE("each register of the PL011 has its reset value and its writable bits, every other offset is zero") {
  for (std::uint32_t offset = 4; offset < 0x1000; ++offset) {
    Row expected{offset, 0, 0};
    for (const Row& row : kRows) {
      if (row.offset == offset) expected = row;
    }
    INFO(std::hex << offset);
    Rig r;
    CHECK(r.uart.read(offset) == expected.reset);
    r.uart.write(offset, 0xffff'ffff);
    CHECK(r.uart.read(offset) == ((expected.reset & ~expected.writable) | expected.writable));
    r.uart.write(offset, 0);
    CHECK(r.uart.read(offset) == (expected.reset & ~expected.writable));
    CHECK(r.sent.empty());
    // One register alone has changed.
    r.uart.write(offset, 0xffff'ffff);
    for (const Row& row : kRows) {
      if (row.offset != offset && row.offset != 0x018) CHECK(r.uart.read(row.offset) == row.reset);
    }
  }
}

TEST_CASE("what is written to DR is sent at once, and TX says so until it is cleared") {
  Rig r;
  CHECK(r.uart.read(0x03c) == 0);
  for (const char c : std::string("hello")) {
    CHECK((r.uart.read(0x018) & (fr::TXFF | fr::BUSY)) == 0);
    r.uart.write(0x000, static_cast<std::uint8_t>(c));
  }
  CHECK(r.sent == "hello");
  CHECK(r.uart.read(0x018) == (fr::TXFE | fr::RXFE));
  CHECK(r.uart.read(0x03c) == interrupt::TX);
  CHECK(r.uart.read(0x040) == 0);
  CHECK_FALSE(r.uart.interrupt());
  r.uart.write(0x038, interrupt::TX);
  CHECK(r.uart.read(0x040) == interrupt::TX);
  CHECK(r.uart.interrupt());
  r.uart.write(0x044, interrupt::RX);
  CHECK(r.uart.interrupt());
  r.uart.write(0x044, interrupt::TX);
  CHECK_FALSE(r.uart.interrupt());
  CHECK(r.uart.read(0x03c) == 0);
}

TEST_CASE("without the FIFO one byte is kept, a second is an overrun") {
  Rig r;
  r.uart.receive('a');
  CHECK(r.uart.read(0x018) == (fr::TXFE | fr::RXFF));
  CHECK(r.uart.read(0x03c) == (interrupt::RX | interrupt::RT));
  r.uart.receive('b');
  CHECK((r.uart.read(0x03c) & interrupt::OE) != 0);
  CHECK(r.uart.read(0x004) == 8);
  CHECK(r.uart.read(0x000) == ('a' | 1U << 11));
  CHECK(r.uart.read(0x018) == (fr::TXFE | fr::RXFE));
  CHECK(r.uart.read(0x03c) == interrupt::OE);
  CHECK(r.uart.read(0x000) == 0);
  r.uart.write(0x004, 0xff);
  CHECK(r.uart.read(0x004) == 0);
}

TEST_CASE("with the FIFO sixteen bytes are kept in order, and RX comes at the level that IFLS says") {
  constexpr std::size_t kTriggers[]{2, 4, 8, 12, 14};
  for (std::uint32_t level = 0; level < 5; ++level) {
    Rig r;
    r.uart.write(0x02c, lcr_h::FEN);
    r.uart.write(0x034, level << 3);
    for (std::size_t n = 1; n <= 16; ++n) {
      r.uart.receive(static_cast<std::uint8_t>(n));
      INFO(level << " " << n);
      CHECK((r.uart.read(0x03c) & interrupt::RX) == (n >= kTriggers[level] ? interrupt::RX : 0U));
      CHECK((r.uart.read(0x03c) & interrupt::RT) != 0);
      CHECK(((r.uart.read(0x018) & fr::RXFF) != 0) == (n == 16));
    }
    for (std::size_t n = 1; n <= 16; ++n) {
      CHECK(r.uart.read(0x000) == n);
      CHECK(((r.uart.read(0x03c) & interrupt::RX) != 0) == (16 - n >= kTriggers[level]));
      CHECK(((r.uart.read(0x03c) & interrupt::RT) != 0) == (n != 16));
    }
    r.uart.receive('x');
    r.uart.write(0x02c, 0);  // FEN changes: the FIFO is emptied
    CHECK(r.uart.read(0x018) == (fr::TXFE | fr::RXFE));
    CHECK((r.uart.read(0x03c) & (interrupt::RX | interrupt::RT)) == 0);
  }
}

TEST_CASE("looped back, what is sent is received") {
  Rig r;
  r.uart.write(0x030, cr::UARTEN | cr::LBE | cr::TXE | cr::RXE);
  r.uart.write(0x000, 'z');
  CHECK(r.sent.empty());
  CHECK(r.uart.read(0x000) == 'z');
}
