# SPDX-License-Identifier: MIT
# types/mcp_hub.db -> the rows of a C table: TYPE("name", KIND, min, max)
/^[a-z]/ {
  split($2, part, ":")
  max = part[4] == "U" ? "NAN" : part[4]
  printf "TYPE(\"%s\", %s, %s, %s)\n", $1, part[2], part[3], max
}
