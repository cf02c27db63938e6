/// A shell function that reads nginx's configuration as nginx does: from its main file, by way of all it includes.
enum NginxStatements {
  /// The directives of `http` that every server block inherits, and that keep clients out.
  static let inherited = [
    "allow", "auth_basic", "auth_request", "deny", "limit_conn", "limit_req", "satisfy", "ssl_verify_client",
  ]

  /// The last line of an answer that is not whole, for one of the bounds in `bounds`.
  static let cut = "..."

  /// How much is read and printed at most, for people.
  static let bounds = "2000 files, 4 MiB of text or 256 KiB of statements about servers"

  /// Defines the function `statements MAIN`, which prints `FILE:LINE:STATEMENT` of each `listen` and `server_name` in
  /// a server block, and of each of `inherited` beside those; then `cut`, when there is more than `bounds`.
  /// `nginx -T` would say the same, after it has opened logs and certificates, and says nothing when one of them is
  /// wrong.
  static let function = #"""
    statements() {
      perl -MFile::Glob=bsd_glob -e '
        my %of_servers = map { $_ => 1 } qw(listen server_name);
        my %of_http = map { $_ => 1 } qw(\#(inherited.joined(separator: " ")));
        my ($main, $directory) = ($ARGV[0], $ARGV[0] =~ m{^(.*)/}s);
        my ($files, $left, $room) = (0, 4 << 20, 256 << 10);
        my @blocks;
        sub cut { print "\#(cut)\n"; exit }
        sub statement {
          my ($path, $line, @words) = @_;
          return unless @words;
          my $inside = join "/", @blocks;
          if ($words[0] eq "include" && @words == 2) {
            my $pattern = $words[1] =~ m{^/} ? $words[1] : "$directory/$words[1]";
            read_file($_) for bsd_glob($pattern);
          } elsif ($of_servers{$words[0]} && $inside =~ m{(^|/)server$} || $of_http{$words[0]} && $inside eq "http") {
            my $text = join " ", @words;
            $text =~ s/[^ -~]/?/g;
            $text = "$path:$line:$text\n";
            ($room -= length $text) > 0 or cut();
            print $text;
          }
        }
        sub read_file {
          my ($path) = @_;
          return unless open(my $file, "<", $path);
          my $text = "";
          read $file, $text, $left;
          ($left -= length $text) > 0 && ++$files <= 2000 or cut();
          close $file;
          my ($line, $first, @words) = (1, 1);
          while ($text =~ /\G(?:(\s+|\x23[^\n]*)|([;{}])|"((?:[^"\\]|\\.)*)"|\x27((?:[^\x27\\]|\\.)*)\x27|((?:\$\{[^}\s]*\}|[^\s;{}\\]|\\.)+)|(.))/gcs) {
            my ($blank, $mark, $word) = ($1, $2, $3 // $4 // $5 // $6);
            my $all = $&;
            if (defined $word) {
              $first = $line unless @words;
              push @words, $word;
            } elsif (defined $mark) {
              if ($mark eq ";") { statement($path, $first, @words) }
              elsif ($mark eq "{") { push @blocks, $words[0] // "" }
              else { pop @blocks }
              @words = ();
            }
            $line += ($all =~ tr/\n//);
          }
        }
        read_file($main);
      ' "$1" 2> /dev/null
    }

    """#
}
