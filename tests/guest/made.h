// SPDX-License-Identifier: Apache-2.0
// Images made byte by byte, so that a test can break any of them.
#pragma once

#include <elf.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "staleline/guest/image.h"

namespace staleline::guest_made {

using Bytes = std::vector<std::uint8_t>;

template <class T>
void put(Bytes& to, std::size_t at, const T& value) {
  if (to.size() < at + sizeof value) to.resize(at + sizeof value);
  std::memcpy(to.data() + at, &value, sizeof value);
}

inline Bytes counted(std::size_t n) {
  Bytes bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return bytes;
}

/// An ELF file of segments and symbols.
class ElfFile {
 public:
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments{};

  ElfFile() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_AARCH64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
  }
  ElfFile& segment(std::uint64_t va, std::uint64_t pa, std::uint64_t file_bytes, std::uint64_t memory_bytes) {
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_vaddr = va;
    p.p_paddr = pa;
    p.p_filesz = file_bytes;
    p.p_memsz = memory_bytes;
    segments.push_back(p);
    return *this;
  }
  ElfFile& symbol(const std::string& name, std::uint64_t value, std::uint64_t bytes, unsigned type = STT_FUNC,
                  unsigned bind = STB_GLOBAL, std::uint16_t section = 1) {
    Elf64_Sym s{};
    s.st_name = static_cast<Elf64_Word>(strings_.size());
    s.st_value = value;
    s.st_size = bytes;
    s.st_info = static_cast<unsigned char>(ELF64_ST_INFO(bind, type));
    s.st_shndx = section;
    symbols_.push_back(s);
    strings_ += name + '\0';
    return *this;
  }
  /// Contents lie behind the headers, at the next multiple of 4096, one segment after the other.
  [[nodiscard]] Bytes bytes() const {
    Elf64_Ehdr h = header;
    h.e_phnum = static_cast<Elf64_Half>(segments.size());
    h.e_phoff = segments.empty() ? 0 : sizeof h;
    Bytes out;
    std::size_t at = 4096;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      Elf64_Phdr p = segments[i];
      p.p_offset = at;
      put(out, sizeof h + i * sizeof p, p);
      const Bytes content = counted(p.p_filesz);
      out.resize(at);
      out.insert(out.end(), content.begin(), content.end());
      at = out.size();
    }
    if (!symbols_.empty()) {
      std::vector<Elf64_Shdr> sections(4);
      sections[1].sh_type = SHT_PROGBITS;
      sections[2].sh_type = SHT_SYMTAB;
      sections[2].sh_link = 3;
      sections[2].sh_entsize = sizeof(Elf64_Sym);
      sections[2].sh_offset = (at + 15) / 8 * 8;
      sections[2].sh_size = symbols_.size() * sizeof(Elf64_Sym);
      for (std::size_t i = 0; i < symbols_.size(); ++i) {
        put(out, sections[2].sh_offset + i * sizeof(Elf64_Sym), symbols_[i]);
      }
      sections[3].sh_type = SHT_STRTAB;
      sections[3].sh_offset = out.size();
      sections[3].sh_size = strings_.size();
      out.insert(out.end(), strings_.begin(), strings_.end());
      h.e_shoff = (out.size() + 15) / 8 * 8;
      h.e_shnum = static_cast<Elf64_Half>(sections.size());
      for (std::size_t i = 0; i < sections.size(); ++i) put(out, h.e_shoff + i * sizeof(Elf64_Shdr), sections[i]);
    }
    put(out, 0, h);
    return out;
  }

 private:
  std::string strings_ = std::string(1, '\0');
  std::vector<Elf64_Sym> symbols_ = {};
};

/// The header of an arm64 Image and `size` bytes in all.
inline Bytes linux_file(std::uint64_t text_offset, std::uint64_t image_size, std::uint64_t flags, std::size_t size) {
  Bytes b = counted(size);
  put(b, 8, text_offset);
  put(b, 16, image_size);
  put(b, 24, flags);
  b[56] = 'A', b[57] = 'R', b[58] = 'M', b[59] = 0x64;
  return b;
}

inline Bytes gzip(const Bytes& content) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&z, content.size()) + 64);
  z.next_in = const_cast<Bytef*>(content.data());
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// What FileError says, or "" where there is none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const guest::FileError& e) {
    return e.what();
  }
  return "";
}

}  // namespace staleline::guest_made
