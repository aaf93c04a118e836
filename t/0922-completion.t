#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# At a terminal: what TAB completes in the debuggers of both languages.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP;
use Test::More;

my $terminal = "$FindBin::Bin/tools/terminal.py";

my %shop = (
    perl => <<'END',
package Shop;
our $till = 0; our %stock = (tea => 1);
sub new { my ($class, %args) = @_; return bless {%args}, $class }
sub sell_all { my ($self, $customer) = @_; my @wares = (1, 2);
  $till += @wares;
  return $till }
package main;
my $shop = Shop->new(name => 'x');
print Shop::sell_all($shop, 'ada'), "\n";
END
    python => <<'END',
class Shop:
    def __init__(self, name):
        self.name = name
        self.till = 0
    def sell_all(self, customer):
        wares = [1, 2]
        self.till += len(wares)
        return self.till
shop = Shop('x')
print(shop.sell_all('ada'))
END
);
my %option = (perl => '-d', python => '--pdb');
my %prompt = (perl => 'DB<\d+> ', python => '\(Pdb\) ');

# What the keys show at a terminal; each is followed by what is awaited: a pattern, or the prompt.
sub type {
    my ($language, $slice, @steps) = @_;
    my $here = scratch('terminal');
    spew("$here/$_", '') for qw(shopping_list wares_of_host.py rc_file till.py);
    my @asked = map { [$_->[0], $_->[1] // "$prompt{$language}\$"] } ([''], @steps);
    my $result = run(
        {dir => $here, timeout => 120, stdin => encode_json(\@asked)},
        'python3', $terminal, 20, command("cc-$language-replay"), $option{$language}, $slice
    );
    is($result->{status}, 0, 'a person types') or diag($result->{stderr});
    my $answers = eval { decode_json($result->{stdout}) } // [];
    unlike("@{$answers}", qr/TIMEOUT/, 'and each key is answered');
    return @{$answers};
}

subtest 'perl' => sub {
    my ($run, $slice) = live_record('shop', [], source => $shop{perl});
    is($run->{stdout}, "2\n", 'it runs') or return;
    my @seen = type(
        'perl', $slice,
        ["b Shop::se\t", 'Shop::sell_all'], ["\n"], ["c\n"], ["n\n"],
        ["p \$cust\t", 'customer'], ["\n"],
        ["p \$ti\t", 'till'], ["\cUwl \@wa\t", 'wares'],
        ["\cUp sell_\t", 'sell_all'], ["\cUp &Shop::n\t", 'Shop::new'],
        ["\cUx %Shop::st\t", 'Shop::stock'], ["\cUp \@IN\t", 'INC'],
        ["\cU\t\t", '\bwhen\b[^>]*> $'], ["r\t\t", 'rs\s[^>]*> r$'], ["\cUwhe\t", 'when'],
        ["\cUp shopping\t", 'shopping\x07'], ["\cUp \"wares_of\t", 'wares_of\x07'], ["\cU.\n"],
        ["c\n"], ["p \$Shop::ti\t", 'Shop::till'], ["\n"], ["q\n", 'never']);
    unlike($seen[0], qr/refused/, 'the debugger has what it needs of the terminal');
    like($seen[3], qr/sell_all/, 'a sub, for a breakpoint');
    like($seen[6], qr/\nada\r\n/, 'a lexical: what stands there then is done');
    my ($commands) = $seen[13] =~ /\t?(.*)/s;
    like($commands, qr/\b$_\b/, "commands at the beginning of a line: $_")
        for qw(b rs rc wl back when source);
    unlike($commands, qr/shopping_list|rc_file/, 'and no files');
    like($seen[14], qr/\br\s+rc\s+rerun\s+rn\s+rr\s+rs\s/, 'those that begin so');
    like($seen[16], qr/shopping\a?\z/, 'what the program does not know stays: no file is found');
    unlike($seen[17], qr/wares_of_host/, 'nor in quotes');
    like($seen[21], qr/\n2\r\n/, 'at the end of the program as well');
};

subtest 'python' => sub {
    my ($run, $slice) = live_record('shop', [], language => 'python', source => $shop{python});
    is($run->{stdout}, "2\n", 'it runs') or return;
    my @seen = type(
        'python', $slice,
        ["b sh\t", 'shop.py:'], ["6\n"], ["c\n"],
        ["p cust\t", 'customer'], ["\n"], ["p self.ti\t", 'self.till'], ["\n"],
        ["wl self.na\t", 'self.name'], ["\cUself.sell\t", 'self.sell_all'],
        ["\cU\t\t", '\bwl\b[^)]*\) $'], ["rco\t", 'rcontinue'], ["\cUr\t\t", 'rstep[^)]*\) r$'],
        ["\cUp wares_of\t", 'wares_of\x07'], ["\cUp open(\"till.\t", 'till.?\x07'],
        ["\cUb till\t", 'till.?\x07'], ["\cUtbreak Shop.se\t", 'Shop.sell_all'], ["\n"],
        ["q\n", 'never']);
    like($seen[2], qr/Breakpoint 1 at \S+shop\.py:6/, 'a file of the program, for a breakpoint');
    like($seen[5], qr/\n'ada'\r\n/, 'a local: what stands there then is done');
    like($seen[7], qr/\n0\r\n/, 'an attribute');
    like($seen[10], qr/\b$_\b/, "commands at the beginning of a line: $_")
        for qw(break continue rstep rcontinue back wl when threads);
    like(
        $seen[12], qr/\br\s+rc\s+rcontinue\s+restart\s+return\s.*\brstep\b/s,
        'those that begin so'
    );
    like($seen[13], qr/wares_of\a?\z/, 'what the program does not know stays: no file is found');
    like($seen[14], qr/till\.\a?\z/, 'nor in quotes');
    unlike($seen[15], qr/till\.py/, 'nor for a breakpoint');
};

subtest 'where the program has no frame' => sub {
    my ($run, $slice) = live_record('exits', [], language => 'python', source => <<'END');
import os
os._exit(3)
END
    my @seen = type(
        'python', $slice, ["c\n"], ["\t\t", '\bwl\b[^)]*\) $'], ["rst\t", 'rstep'], ["\n"],
        ["q\n", 'never']);
    like($seen[2], qr/\b$_\b/, "commands: $_") for qw(back rstep rcontinue when quit);
    like($seen[4], qr/os\._exit/, 'they lead back');
};

done_testing;
