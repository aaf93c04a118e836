#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Sockets on loopback: a server with IO::Select and forked clients, UDP, Unix sockets, socketpair.
use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(:DEFAULT :crlf IPPROTO_TCP TCP_NODELAY inet_ntoa inet_pton);
use Time::HiRes qw(sleep time);

my $dir = tempdir('sockets-XXXXXX', DIR => '.', CLEANUP => 1);

sub client {
    my ($port, $number) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5)
        or die "connect: $!";
    sleep 0.01 * rand;
    print {$socket} "hello from client $number, $$", $CRLF;
    my $answer = <$socket>;
    print {$socket} 'bye ', rand, $CRLF;
    print "child $$ number $number: $answer";
    exit 0;
}

my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', ReuseAddr => 1)
    or die "listen: $!";
my $port = $server->sockport;
print 'serving on ', $server->sockhost, ":$port\n";
my @pids;
for my $number (1 .. 3) {
    my $pid = fork // die "fork: $!";
    client($port, $number) if !$pid;
    push @pids, $pid;
}
my $select = IO::Select->new($server);
my ($open, $rounds, %name) = (scalar @pids, 0);
while ($open) {
    for my $ready ($select->can_read(5)) {
        $rounds++;
        if ($ready == $server) {
            my $client = $server->accept or die "accept: $!";
            $client->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
            $name{$client} = $client->peerhost . ':' . $client->peerport;
            $select->add($client);
            print "accepted $name{$client} as ", fileno $client, "\n";
            next;
        }
        my $line = <$ready>;
        if (!defined $line) {
            print "closed $name{$ready}\n";
            $select->remove($ready);
            close $ready;
            $open--;
            next;
        }
        print "$name{$ready}: ", $line =~ s/\s+\z//r, "\n";
        print {$ready} 'you are ', $ready->peerport, ' at ', time, "\n" if $line =~ /hello/;
    }
}
waitpid $_, 0 for @pids;
print $rounds > 0 ? "all gone after some rounds: $rounds\n" : "none\n";
print 'handles by name: ', join(' ', keys %name), "\n";

my $receiver = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $!";
my $sender =
    IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $receiver->sockport)
    or die "udp: $!";
print 'sent ', $sender->send("datagram of $$"), "\n";
my $from = $receiver->recv(my $datagram, 100);
my ($sender_port, $address) = sockaddr_in($from);
print "received <$datagram> from ", inet_ntoa($address), ":$sender_port\n";

my $listener = IO::Socket::UNIX->new(Local => "$dir/socket", Listen => 1) or die "unix: $!";
my $peer = IO::Socket::UNIX->new(Peer => "$dir/socket") or die "unix: $!";
my $accepted = $listener->accept or die "accept: $!";
$peer->autoflush(1);
print {$peer} "over a unix socket, $$\n";
print 'unix: ', scalar <$accepted>;
print 'hostpath: ', $listener->hostpath, "\n";

socketpair my $left, my $right, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
syswrite $left, "pair $$";
shutdown $left, 1;
sysread $right, my $got, 100;
print "socketpair: $got, then ", sysread($right, $got, 100), "\n";
my $bits = '';
vec($bits, fileno $right, 1) = 1;
my ($readable, $writable) = ($bits, $bits);
print 'select: ', scalar select($readable, $writable, undef, 0), ' ',
    unpack('b*', $readable), ' ', unpack('b*', $writable), "\n";
print 'option: ', unpack('i', getsockopt $server, SOL_SOCKET, SO_REUSEADDR), ', type ',
    unpack('i', getsockopt $server, SOL_SOCKET, SO_TYPE), "\n";
close $server;
my $refused = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
print 'refused: ', ($refused ? 'no' : $@), " $!\n";
print 'pton: ', unpack('H*', inet_pton(AF_INET, '127.0.0.1')), "\n";
