# SPDX-License-Identifier: MIT
# Puts the options of a block, as `print_options BLOCK` has them, in the place of
# a line "@OPTIONS BLOCK@" of a manual page. -v print_options=PROGRAM

BEGIN { FS = "\t" }

!/^@OPTIONS [a-z]+@$/ {
	print
	next
}

{
	split($0, word, /[ @]/)
	program = print_options " " word[3]
	count = 0
	print ".Bl -tag -width Ds"
	while ((program | getline) > 0) {
		describe($1, $2, $3, $4, $5)
		count++
	}
	print ".El"
	if (close(program) != 0 || count == 0) {
		print FILENAME ": no options of " word[3] >"/dev/stderr"
		exit 1
	}
}

function describe(key, type, range, fallback, help) {
	print ".It Cm " key " " argument(type, range)
	gsub(/\. /, ".\n", help)
	print help
	range = range == "-" || type == "choice" ? "" : range " " (type == "count" || type == "number" ? "" : type)
	sub(/ $/, "", range)
	if (fallback == "required")
		print (range == "" ? "" : "From " range ", ") "required."
	else if (fallback == "-")
		print range == "" ? "No default." : "From " range "; no default."
	else
		print (range == "" ? "" : "From " range "; ") (range == "" ? "Default: " : "default: ") fallback "."
}

function argument(type, range) {
	if (type == "choice")
		gsub(/\|/, " | ", range)
	if (type == "boolean")
		range = "true | false"
	if (type == "choice" || type == "boolean")
		return "Cm " range
	return "Ar " (type == "block" ? "name" : type == "list" ? "string" : type)
}
