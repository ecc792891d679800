// SPDX-License-Identifier: Apache-2.0
// The second reading. Fields are written as in the manual, bits(value, high, low); a stage is a row of numbers, and the
// descent takes the input address apart from its top bit down.
#include "reference.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "staleline/arm/combine.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/stage1.h"

namespace reference {

using namespace staleline::arm;

namespace {

using Type = TranslationFaultType;
using Kind = AccessRequest::Kind;
using u64 = std::uint64_t;

u64 bits(u64 value, int high, int low) {
  u64 result = 0;
  for (int i = high; i >= low; --i) result = result * 2 + (value >> i) % 2;
  return result;
}
bool one(u64 value, int n) { return bits(value, n, n) == 1; }

// What the registers make of one stage.
struct Stage {
  int number = 1;
  int granule_bits = 12, input_bits = 48, output_bits = 48, start = 0;
  bool ds = false, wide = false, ha = false, hd = false, hpd = false;
  u64 root = 0;
  int sh = 0;  // SH of TCR_ELx or VTCR_EL2
  MemoryAttributes walk;
};

// A leaf, and what the tables above it said.
struct Leaf {
  u64 descriptor = 0, pa = 0;  // of the descriptor
  u64 output = 0;              // where the input address leads
  int level = 0;
  bool ap_no_user = false, ap_read_only = false, xn = false, pxn = false;
  int size_bits = 0, run_bits = 0;
  MemoryAttributes walk;  // with which the descriptor was read
};

struct Failed {
  TranslationFault fault;
};

class Translation {
 public:
  Translation(const TranslationRegisters& r, Regime regime, u64 va, const AccessRequest& q, Memory& memory)
      : r_(r), f_(r.features), regime_(regime), va_(va), q_(q), memory_(memory) {}

  Outcome run() {
    try {
      all();
    } catch (const Failed& failed) {
      out_.fault = failed.fault;
    }
    return out_;
  }

 private:
  enum class For { Access, WalkRead, WalkWrite };

  [[noreturn]] void fail(Type type, int stage, int level, bool write, For what = For::Access, u64 ipa = 0) {
    TranslationFault f;
    f.type = type;
    f.stage = static_cast<std::uint8_t>(stage);
    f.level = static_cast<std::int8_t>(level);
    f.write = write;
    f.s1ptw = what != For::Access;
    f.maintenance = q_.kind == Kind::Clean || q_.kind == Kind::Invalidate;
    f.fetch = q_.kind == Kind::Fetch;
    f.privileged = q_.privileged;
    f.va = {va_};
    f.ipa = {ipa};
    throw Failed{f};
  }
  bool is_write() const { return q_.kind == Kind::Write; }
  bool fetches() const { return q_.kind == Kind::Fetch; }
  bool changes() const { return q_.kind == Kind::Write || q_.kind == Kind::ReadWrite; }

  // ---- registers

  static int granule_bits(u64 tg, std::string_view order) {
    switch (order.at(tg)) {
      case '6':
        return 16;
      case '1':
        return 14;
      default:
        return 12;
    }
  }
  int size_of(u64 code, const Stage& s) const {
    constexpr int sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};
    int size = std::min(sizes[code], int{f_.pa_bits});
    if (s.granule_bits != 16 && !s.ds) size = std::min(size, 48);
    return size;
  }
  int longest_txsz(const Stage& s) const { return f_.ttst ? (s.granule_bits == 16 ? 47 : 48) : 39; }
  void set_root(Stage& s, u64 ttbr, u64 size_code) const {
    const int entry_bits = s.input_bits - (s.granule_bits + (3 - s.start) * (s.granule_bits - 3));
    int align = entry_bits + 3;
    if (s.ds || (s.granule_bits == 16 && f_.pa_bits >= 52 && size_code == 6)) {
      align = std::max(align, 6);
      s.root = bits(ttbr, 5, 2) << 48 | bits(ttbr, 47, align) << align;
    } else {
      align = std::max(align, 1);
      s.root = bits(ttbr, 47, align) << align;
    }
  }

  Stage stage1() {
    const bool el2 = regime_ == Regime::EL2, high = !el2 && one(va_, 55);
    const u64 tcr = r_.tcr;
    Stage s;
    s.granule_bits = high ? granule_bits(bits(tcr, 31, 30), "4146") : granule_bits(bits(tcr, 15, 14), "4614");
    s.ds = f_.lpa2 && s.granule_bits != 16 && one(tcr, el2 ? 32 : 59);
    s.wide = s.granule_bits == 16 && f_.pa_bits >= 52;
    const int txsz = static_cast<int>(high ? bits(tcr, 21, 16) : bits(tcr, 5, 0));
    int shortest = 16;
    if (s.ds || (s.granule_bits == 16 && f_.lva)) shortest = 12;
    if (txsz < shortest || txsz > longest_txsz(s)) fail(Type::Translation, 1, 0, is_write());
    s.input_bits = 64 - txsz;
    if (!el2 && one(tcr, high ? 23 : 7)) fail(Type::Translation, 1, 0, is_write());
    if (!el2 && f_.e0pd && !q_.privileged && one(tcr, high ? 56 : 55)) fail(Type::Translation, 1, 0, is_write());

    bool tagged = el2 ? one(tcr, 20) : one(tcr, high ? 38 : 37);
    if (fetches() && f_.pauth && (el2 ? one(tcr, 29) : one(tcr, high ? 52 : 51))) tagged = false;
    for (int i = s.input_bits; i <= (tagged ? 55 : 63); ++i) {
      if (one(va_, i) != high) fail(Type::Translation, 1, 0, is_write());
    }

    // As many levels below the first as leave it at least one bit.
    s.start = 3;
    for (int left = s.input_bits - s.granule_bits; left > s.granule_bits - 3; left -= s.granule_bits - 3) --s.start;
    const u64 size_code = el2 ? bits(tcr, 18, 16) : bits(tcr, 34, 32);
    s.output_bits = size_of(size_code, s);
    set_root(s, high ? r_.ttbr1 : r_.ttbr0, size_code);
    s.ha = f_.hafdbs != HardwareUpdate::None && one(tcr, el2 ? 21 : 39);
    s.hd = s.ha && f_.hafdbs == HardwareUpdate::AccessFlagAndDirty && one(tcr, el2 ? 22 : 40);
    s.hpd = f_.hpds && one(tcr, el2 ? 24 : (high ? 42 : 41));
    const int base = high ? 24 : 8;
    s.sh = static_cast<int>(bits(tcr, base + 5, base + 4));
    const auto irgn = static_cast<std::uint8_t>(bits(tcr, base + 1, base));
    const auto orgn = static_cast<std::uint8_t>(bits(tcr, base + 3, base + 2));
    const auto sh = shareability_decode(static_cast<std::uint8_t>(s.sh)).taken();
    s.walk = walk_descriptor(irgn, orgn, sh, one(r_.sctlr, 2));
    return s;
  }

  Stage stage2(For what, u64 ipa) {
    const u64 v = r_.vtcr;
    const bool w = is_write();
    Stage s;
    s.number = 2;
    s.granule_bits = granule_bits(bits(v, 15, 14), "4614");
    s.ds = f_.lpa2 && s.granule_bits != 16 && one(v, 32);
    s.wide = s.granule_bits == 16 && f_.pa_bits >= 52;
    const int txsz = static_cast<int>(bits(v, 5, 0));
    const int most = s.granule_bits == 16 || s.ds ? f_.pa_bits : std::min<int>(48, f_.pa_bits);
    if (txsz < 64 - most || txsz > longest_txsz(s)) fail(Type::Translation, 2, 0, w, what, ipa);
    s.input_bits = 64 - txsz;
    const u64 sl = (s.ds && s.granule_bits == 12 ? bits(v, 33, 33) : 0) * 4 + bits(v, 7, 6);
    // Start levels by SL2:SL0, 'x' reserved, 'm' for -1.
    const std::string_view starts = s.granule_bits == 12   ? "2103mxxx"
                                    : s.granule_bits == 14 ? (s.ds ? "3210xxxx" : "321xxxxx")
                                                           : "321xxxxx";
    const char start = starts.at(sl);
    bool bad = start == 'x';
    if (s.granule_bits == 12)
      bad |= (start == 'm' && f_.pa_bits < 52) || (start == '0' && f_.pa_bits < 44) || (start == '3' && !f_.ttst);
    if (s.granule_bits == 14) bad |= (start == '1' && f_.pa_bits < 42) || (start == '0' && f_.pa_bits < 52);
    if (s.granule_bits == 16) bad |= start == '1' && f_.pa_bits < 44;
    if (bad) fail(Type::Translation, 2, 0, w, what, ipa);
    s.start = start == 'm' ? -1 : start - '0';
    const int first = s.input_bits - (s.granule_bits + (3 - s.start) * (s.granule_bits - 3));
    if (first < 1 || first > s.granule_bits - 3 + 4) fail(Type::Translation, 2, 0, w, what, ipa);
    const u64 size_code = bits(v, 18, 16);
    s.output_bits = size_of(size_code, s);
    set_root(s, r_.vttbr, size_code);
    s.ha = f_.hafdbs != HardwareUpdate::None && one(v, 21);
    s.hd = s.ha && f_.hafdbs == HardwareUpdate::AccessFlagAndDirty && one(v, 22);
    s.sh = static_cast<int>(bits(v, 13, 12));
    s.walk = walk_attributes(static_cast<std::uint8_t>(bits(v, 9, 8)), static_cast<std::uint8_t>(bits(v, 11, 10)),
                             static_cast<std::uint8_t>(s.sh), !one(r_.hcr, 32))
                 .taken();
    return s;
  }

  // ---- descriptors

  static u64 address_in(u64 d, const Stage& s, int low) {
    if (s.wide) return bits(d, 15, 12) << 48 | bits(d, 47, low) << low;
    if (s.ds) return bits(d, 9, 8) << 50 | bits(d, 49, low) << low;
    return bits(d, 47, low) << low;
  }
  static bool block_allowed(const Stage& s, int level) {
    switch (s.granule_bits) {
      case 12:
        return level == 1 || level == 2 || (level == 0 && s.ds);
      case 14:
        return level == 2 || (level == 1 && s.ds);
      default:
        return level == 2 || (level == 1 && s.wide);
    }
  }
  static int run_of(const Stage& s, int level) {
    if (s.granule_bits == 12) return level == 1 || level == 2 || level == 3 ? 4 : 0;
    if (s.granule_bits == 14) return level == 3 ? 7 : (level == 2 ? 5 : 0);
    return level == 2 || level == 3 ? 5 : 0;
  }
  void touched(std::vector<Touched>& list, const Touched& t) {
    if (std::find(list.begin(), list.end(), t) == list.end()) list.push_back(t);
  }

  // From the table at `table`, whose entries take bits `high` and below of `in`.
  Leaf descend(const Stage& s, int level, int high, u64 table, u64 in, For what, Leaf above) {
    const int low = s.granule_bits + (3 - level) * (s.granule_bits - 3);
    const u64 at = table + bits(in, high, low) * 8;
    MemoryAttributes walk = s.walk;
    u64 pa = at;
    if (s.number == 1) {
      if (second_) {
        const Leaf under = through_stage2(at, For::WalkRead);
        pa = under.output;
        walk = walk_through_stage2(walk, fields2(under), f_.attributes);
        if (f_.attributes.xs && one(under.descriptor, 11)) walk.xs = false;
      } else {
        walk.shareability = effective_shareability(walk);
      }
    }
    touched(out_.reads, {pa, walk, static_cast<unsigned>(s.number), level});
    const u64 d = memory_.read(pa);
    const bool w = is_write();
    const u64 ipa = s.number == 2 ? in : 0;
    if (!one(d, 0)) fail(Type::Translation, s.number, level, w, what, ipa);
    if (level < 3 && one(d, 1)) {
      const u64 next = address_in(d, s, s.granule_bits);
      if (next >> s.output_bits != 0) fail(Type::AddressSize, s.number, level, w, what, ipa);
      above.ap_no_user |= one(d, 61);
      above.ap_read_only |= one(d, 62);
      above.xn |= one(d, 60);
      above.pxn |= one(d, 59);
      return descend(s, level + 1, low - 1, next, in, what, above);
    }
    if (level < 3 ? !block_allowed(s, level) : !one(d, 1)) fail(Type::Translation, s.number, level, w, what, ipa);
    const u64 output = address_in(d, s, low);
    if (output >> s.output_bits != 0) fail(Type::AddressSize, s.number, level, w, what, ipa);
    if (!one(d, 10) && !s.ha) fail(Type::AccessFlag, s.number, level, w, what, ipa);
    Leaf leaf = above;
    leaf.descriptor = d;
    leaf.pa = pa;
    leaf.output = output + bits(in, low - 1, 0);
    leaf.level = level;
    leaf.size_bits = low;
    const int run = run_of(s, level);
    leaf.run_bits = low + (run > 0 && one(d, 52) && low + run <= s.input_bits ? run : 0);
    leaf.walk = walk;
    return leaf;
  }

  void store(const Stage& s, const Leaf& leaf, u64 now) {
    memory_.write(leaf.pa, now);
    touched(out_.writes, {leaf.pa, leaf.walk, static_cast<unsigned>(s.number), leaf.level});
  }

  // ---- stage 2

  Stage2 fields2(const Leaf& leaf) const {
    const bool ds = f_.lpa2 && granule_bits(bits(r_.vtcr, 15, 14), "4614") != 16 && one(r_.vtcr, 32);
    const u64 sh = ds ? bits(r_.vtcr, 13, 12) : bits(leaf.descriptor, 9, 8);
    return {static_cast<std::uint8_t>(bits(leaf.descriptor, 5, 2)),
            shareability_decode(static_cast<std::uint8_t>(sh)).taken(), one(r_.hcr, 46), one(r_.hcr, 32)};
  }

  Leaf through_stage2(u64 ipa, For what) {
    const Stage s = stage2(what, ipa);
    if (ipa >> s.input_bits != 0) fail(Type::Translation, 2, 0, is_write(), what, ipa);
    if (s.root >> s.output_bits != 0) fail(Type::AddressSize, 2, 0, is_write(), what, ipa);
    Leaf leaf = descend(s, s.start, s.input_bits - 1, s.root, ipa, what, {});
    u64 d = leaf.descriptor;
    const bool dirty_managed = s.hd && one(d, 51);
    const bool readable = one(d, 6), writable = one(d, 7) || dirty_managed;
    const bool device = one(r_.hcr, 46) ? !one(d, 4) : bits(d, 5, 4) == 0;
    if (what == For::Access) {
      const int xn = one(d, 54) * 2 + (f_.xnx && one(d, 53));
      auto& p = out_.result.permissions2;
      p.privileged_read = p.unprivileged_read = readable;
      p.privileged_write = p.unprivileged_write = writable;
      p.privileged_execute = xn == 0 || xn == 3;
      p.unprivileged_execute = xn == 0 || xn == 1;
      misaligned(device, 2, leaf.level, ipa);
      permitted(p, q_.privileged, 2, leaf.level, ipa);
    } else {
      if (device && one(r_.hcr, 2)) fail(Type::Permission, 2, leaf.level, is_write(), what, ipa);
      if (!readable) fail(Type::Permission, 2, leaf.level, is_write(), what, ipa);
      if (what == For::WalkWrite && !writable) fail(Type::Permission, 2, leaf.level, true, what, ipa);
    }
    const bool makes_dirty = what == For::WalkWrite || (what == For::Access && changes());
    if (!q_.no_update) {
      d |= u64{1} << 10;
      if (dirty_managed && makes_dirty) d |= u64{1} << 7;
      if (d != leaf.descriptor) store(s, leaf, d);
      leaf.descriptor = d;
    }
    if (what == For::Access) {
      out_.result.clean2 = dirty_managed && !one(d, 7);
      out_.result.accessed = out_.result.accessed && one(d, 10);
      out_.result.granule2 = static_cast<Granule>(s.granule_bits / 2 - 6);
      out_.result.contiguous2 = leaf.run_bits != leaf.size_bits;
    }
    return leaf;
  }

  // ---- checks of the access

  void misaligned(bool device, int stage, int level, u64 ipa) {
    if (!device || fetches()) return;
    const bool maintenance = q_.kind == Kind::Clean || q_.kind == Kind::Invalidate;
    if (q_.zero || (!q_.aligned && !maintenance)) fail(Type::Alignment, stage, level, is_write(), For::Access, ipa);
  }

  void permitted(const Permissions& p, bool privileged, int stage, int level, u64 ipa) {
    const bool read = privileged ? p.privileged_read : p.unprivileged_read;
    const bool write = privileged ? p.privileged_write : p.unprivileged_write;
    const bool execute = privileged ? p.privileged_execute : p.unprivileged_execute;
    const auto deny = [&](bool of_write) { fail(Type::Permission, stage, level, of_write, For::Access, ipa); };
    switch (q_.kind) {
      case Kind::Read:
        if (!read) deny(false);
        break;
      case Kind::Write:
        if (!write) deny(true);
        break;
      case Kind::ReadWrite:
        if (!read) deny(false);
        if (!write) deny(true);
        break;
      case Kind::Fetch:
        if (!execute) deny(false);
        break;
      case Kind::Clean:
        if (!privileged && !read) deny(false);
        break;
      case Kind::Invalidate:
        if (!write) deny(false);
        break;
    }
  }

  Permissions permissions1(const Leaf& leaf, bool writable_by_dirty, const Stage& s) const {
    const u64 d = leaf.descriptor;
    const u64 ap = bits(d, 7, 7) * 2 + bits(d, 6, 6);
    std::string_view levels;  // EL1 read, write, EL0 read, write
    switch (writable_by_dirty ? ap & 1 : ap) {
      case 0:
        levels = "rw--";
        break;
      case 1:
        levels = "rwrw";
        break;
      case 2:
        levels = "r---";
        break;
      default:
        levels = "r-r-";
        break;
    }
    bool pr = levels[0] == 'r', pw = levels[1] == 'w', ur = levels[2] == 'r', uw = levels[3] == 'w';
    if (!s.hpd && leaf.ap_no_user) ur = uw = false;
    if (!s.hpd && leaf.ap_read_only) pw = uw = false;
    const bool wxn = one(r_.sctlr, 19);
    bool px, ux;
    if (regime_ == Regime::EL2) {
      ur = uw = ux = false;
      px = !one(d, 54) && !(!s.hpd && leaf.xn);
    } else {
      ux = !one(d, 54) && !(!s.hpd && leaf.xn);
      px = !one(d, 53) && !(!s.hpd && leaf.pxn) && !uw;
    }
    if (wxn && pw) px = false;
    if (wxn && uw) ux = false;
    return {pr, pw, px, ur, uw, ux};
  }

  // ---- the whole

  void all() {
    TranslationResult& out = out_.result;
    const bool el10 = regime_ == Regime::EL10, hyp = el10 && r_.el2_enabled;
    const bool dc = hyp && one(r_.hcr, 12), tge = hyp && one(r_.hcr, 27), vm = hyp && one(r_.hcr, 0);
    const bool first = one(r_.sctlr, 0) && !dc && !tge;
    second_ = vm || dc;
    out.regime = regime_;
    out.stage1 = first;
    out.stage2 = second_ && !q_.stage1_only;
    if (regime_ != Regime::EL2) {
      const u64 ttbr = one(r_.tcr, 22) ? r_.ttbr1 : r_.ttbr0;
      const bool sixteen = f_.asid16 && one(r_.tcr, 36);
      out.asid = static_cast<std::uint16_t>(bits(ttbr, sixteen ? 63 : 55, 48));
    }
    if (hyp) {
      const bool sixteen = f_.vmid16 && one(r_.vtcr, 19);
      out.vmid = static_cast<std::uint16_t>(bits(r_.vttbr, sixteen ? 63 : 55, 48));
    }
    const AccessKind kind = fetches() ? AccessKind::Fetch : AccessKind::Data;
    MemoryAttributes attributes;
    u64 ipa = 0;
    int block = f_.pa_bits, run = block;
    if (first) {
      ipa = translate1(attributes, block, run);
      attributes = stage1_access(attributes, kind, one(r_.sctlr, fetches() ? 12 : 2));
    } else {
      ipa = flat();
      attributes = mmu_off(kind, one(r_.sctlr, 12), dc, dc && one(r_.hcr, 57));
      misaligned(attributes.type == MemoryType::Device, 1, 0, 0);
    }
    out.ipa = {ipa};
    out.pa = {ipa};
    if (out.stage2) {
      const Leaf leaf = through_stage2(ipa, For::Access);
      out.pa = {leaf.output};
      out.level2 = static_cast<std::int8_t>(leaf.level);
      block = std::min(block, leaf.size_bits);
      run = std::min(run, leaf.run_bits);
      Stage2 s2 = fields2(leaf);
      s2.cache_off = one(r_.hcr, fetches() ? 33 : 32);
      attributes = staleline::arm::through_stage2(attributes, s2, kind, f_.attributes);
      if (f_.attributes.xs && one(leaf.descriptor, 11)) attributes.xs = false;
    }
    attributes.shareability = effective_shareability(attributes);
    out.attributes = attributes;
    out.bytes = u64{1} << block;
    out.contiguous_bytes = u64{1} << run;
  }

  u64 flat() {
    const bool el2 = regime_ == Regime::EL2, high = !el2 && one(va_, 55);
    bool tagged = el2 ? one(r_.tcr, 20) : one(r_.tcr, high ? 38 : 37);
    if (fetches() && f_.pauth && (el2 ? one(r_.tcr, 29) : one(r_.tcr, high ? 52 : 51))) tagged = false;
    const int top = tagged ? 55 : 63;
    if (bits(va_, top, f_.pa_bits) != 0) fail(Type::AddressSize, 1, 0, is_write());
    return bits(va_, f_.pa_bits - 1, 0);
  }

  u64 translate1(MemoryAttributes& attributes, int& block, int& run) {
    TranslationResult& out = out_.result;
    const Stage s = stage1();
    out.granule1 = static_cast<Granule>(s.granule_bits / 2 - 6);
    out.upper = regime_ != Regime::EL2 && one(va_, 55);
    if (s.root >> s.output_bits != 0) fail(Type::AddressSize, 1, 0, is_write());
    const Leaf leaf = descend(s, s.start, s.input_bits - 1, s.root, va_, For::Access, {});
    u64 d = leaf.descriptor;
    const bool dirty_managed = s.hd && one(d, 51);
    attributes = mair_decode(static_cast<std::uint8_t>(bits(r_.mair >> 8 * bits(d, 4, 2), 7, 0)), f_.attributes);
    const u64 sh = s.ds ? static_cast<u64>(s.sh) : bits(d, 9, 8);
    attributes.shareability = shareability_decode(static_cast<std::uint8_t>(sh)).taken();
    misaligned(attributes.type == MemoryType::Device, 1, leaf.level, 0);
    const Permissions p = permissions1(leaf, dirty_managed, s);
    Permissions now = p;
    const bool data = q_.kind == Kind::Read || changes();
    if (q_.pan && data && regime_ != Regime::EL2) {
      const bool user = p.unprivileged_read || (f_.pan3 && one(r_.sctlr, 57) && p.unprivileged_execute);
      if (user) now.privileged_read = now.privileged_write = false;
    }
    permitted(now, q_.privileged || regime_ == Regime::EL2, 1, leaf.level, 0);
    if (!q_.no_update) {
      d |= u64{1} << 10;
      if (dirty_managed && changes()) d &= ~(u64{1} << 7);
      if (d != leaf.descriptor) {
        if (second_) {
          const Leaf again = through_stage2(ipa_of(leaf, s), For::WalkWrite);
          if (again.output != leaf.pa) throw std::logic_error("the descriptor moved");
        }
        store(s, leaf, d);
      }
    }
    out.level1 = static_cast<std::int8_t>(leaf.level);
    out.permissions1 = p;
    out.clean1 = dirty_managed && one(d, 7) && p.privileged_write;
    out.accessed = one(d, 10);
    out.global = regime_ == Regime::EL2 || !one(d, 11);
    out.contiguous1 = leaf.run_bits != leaf.size_bits;
    block = leaf.size_bits;
    run = leaf.run_bits;
    return leaf.output;
  }

  // The IPA of the stage 1 leaf's descriptor: once more down the tables, without a word.
  u64 ipa_of(const Leaf& leaf, const Stage& s) {
    u64 table = s.root;
    int high = s.input_bits - 1;
    for (int level = s.start;; ++level) {
      const int low = s.granule_bits + (3 - level) * (s.granule_bits - 3);
      const u64 at = table + bits(va_, high, low) * 8;
      if (level == leaf.level) return at;
      table = address_in(memory_.read(through_stage2(at, For::WalkRead).output), s, s.granule_bits);
      high = low - 1;
    }
  }

  const TranslationRegisters& r_;
  const TranslationFeatures& f_;
  Regime regime_;
  u64 va_;
  AccessRequest q_;
  Memory& memory_;
  Outcome out_;
  bool second_ = false;
};

}  // namespace

Outcome translate(const TranslationRegisters& registers, Regime regime, std::uint64_t va, const AccessRequest& request,
                  Memory& memory) {
  return Translation(registers, regime, va, request, memory).run();
}

}  // namespace reference
