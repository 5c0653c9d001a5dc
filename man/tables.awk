# SPDX-License-Identifier: MIT
# Replaces a line "@OPTIONS NAME@" or "@VALUES NAME@" of a manual page with the
# rows of FOLDER/NAME.options or FOLDER/NAME.values, which `make tables` writes.
# -v folder=FOLDER -v sysconfdir=DIR

BEGIN { FS = "\t" }

!/^@(OPTIONS|VALUES) [a-z_]+@$/ {
	print
	next
}

{
	split($0, word, /[ @]/)
	of_values = word[2] == "VALUES"
	table = folder "/" word[3] "." tolower(word[2])
	count = 0
	print ".Bl -tag -width Ds" (of_values ? " -compact" : "")
	while ((getline <table) > 0) {
		sub(/^SYSCONFDIR/, sysconfdir, $4)
		if (of_values)
			value()
		else
			option($1, $2, $3, $4, $5)
		count++
	}
	if (of_values)
		print about
	print ".El"
	if (count == 0) {
		print table ": no rows" >"/dev/stderr"
		exit 1
	}
}

function option(key, type, range, fallback, help) {
	print ".It Cm " key " " argument(type, range)
	gsub(/\. /, ".\n", help)
	print help
	range = range == "-" || type == "choice" ? "" : range
	if (range != "" && (type == "seconds" || type == "bytes"))
		range = range " " type
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

# Values that share a text have it behind the last one. The columns are those
# of print_values.
function value(    name) {
	if ($9 != "") {
		if (count > 0)
			print about
		about = text($4, $5, $7, $9, $2 == "bool" ? "" : $10)
	}
	name = $3 == "" ? $2 : $2 "-" $3
	sub(/<server>$/, " Ns Ar server", name)
	print ".It Sy " name
}

function text(kind, unit, source, help, states) {
	gsub(/`/, "\"", help)
	help = capital(help) "."
	if (states != "")
		help = states ".\n" help
	unit = kind != "derive" ? unit : unit == "number" ? "counter" : unit ", counter"
	source = source ~ /^alerts/ ? "" : source == "api" ? ", from the API" : ", from the " source
	return help "\n" capital(unit) source "."
}

function capital(words) {
	return toupper(substr(words, 1, 1)) substr(words, 2)
}
