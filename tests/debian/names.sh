# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Names that differ between releases of Debian, to be sourced.

# The codename of this system: bookworm, trixie, ...
release_codename() { (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}"); }

# The libraries that collectd's plugins link, by the release's own names: collectd-core
# suggests them all.
# plugin_libraries STEM...: "librrd" gives librrd8 or librrd8t64
plugin_libraries() {
  local IFS='|'
  { dpkg-query -W -f '${Suggests}\n' collectd-core 2>/dev/null | grep . ||
    apt-cache show --no-all-versions collectd-core 2>/dev/null | sed -n 's/^Suggests: //p'; } |
    tr ',' '\n' | sed 's/^ *//; s/ .*//' | grep -E "^($*)[0-9.]+(t64|-gnutls)?\$" | sort -u
}

# The file with apt's sources of Debian itself.
debian_sources() {
  local file
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    [ ! -s "$file" ] || { printf '%s\n' "$file" && return; }
  done
  printf 'no sources of Debian below /etc/apt\n' >&2
  return 1
}

# The other release that is supported, its codename and number.
other_release() {
  case $(release_codename) in
  trixie) echo bookworm 12 ;;
  *) echo trixie 13 ;;
  esac
}

# sources_of CODENAME: apt's sources of this system, for another release.
sources_of() { sed "s/\b$(release_codename)\b/$1/g" "$(debian_sources)"; }
