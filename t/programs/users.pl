#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Users, groups, hosts, protocols, services: get*by*, get*ent, getaddrinfo, getnameinfo, getlogin.
use strict;
use warnings;

use Net::hostent ();
use Socket
    qw(:addrinfo AF_INET SOCK_STREAM inet_aton inet_ntoa pack_sockaddr_in unpack_sockaddr_in);
use User::pwent ();

sub show {
    my ($what, @fields) = @_;
    print "$what: ", (@fields ? join '|', map { $_ // 'undef' } @fields : 'not found'), "\n";
    return;
}

show('getpwuid', getpwuid $<);
show('getpwnam', getpwnam 'daemon');
show('nobody here', getpwnam "nobody-$$");
show('getgrgid', getgrgid $( + 0);
show('getgrnam', getgrnam 'adm');
show('scalar', scalar getpwnam('root'), scalar getgrgid(0), scalar getpwuid(0));
my ($users, $last) = (0);
while (my @user = getpwent) {
    print "user $user[0] $user[2] $user[7]\n" if ++$users <= 5;
    $last = $user[0];
}
endpwent;
print "$users users, the last is $last\n";
setgrent;
my @groups;
while (my ($name, undef, $id, $members) = getgrent) {
    push @groups, "$name=$id($members)";
}
endgrent;
print scalar @groups, " groups: @groups[0 .. 5]\n";
print 'pwent: ', User::pwent::getpwnam('root')->shell, "\n";
show('getlogin', getlogin);

show('gethostbyname', map { length == 4 ? inet_ntoa($_) : $_ } gethostbyname 'localhost');
show('gethostbyaddr', (gethostbyaddr inet_aton('127.0.0.1'), AF_INET)[0]);
show('unknown host', gethostbyname 'no-such-host.invalid');
print 'hostent: ',
    join(' ', map { inet_ntoa($_) } @{Net::hostent::gethost('localhost')->addr_list}), "\n";
show('getprotobyname', getprotobyname 'tcp');
show('getprotobynumber', getprotobynumber 17);
show('getservbyname', getservbyname 'ssh', 'tcp');
show('getservbyport', getservbyport 25, 'tcp');
my $protocols = 0;
$protocols++ while getprotoent;
print "$protocols protocols\n";

my ($error, @addresses) =
    getaddrinfo('localhost', 'ssh', {socktype => SOCK_STREAM, family => AF_INET});
print 'getaddrinfo: ', ($error || 'fine'), "\n";
for my $address (@addresses) {
    my ($port, $ip) = unpack_sockaddr_in($address->{addr});
    print '  ', inet_ntoa($ip), ":$port ",
        join(' ', map { "$_=" . ($address->{$_} // '') } grep { $_ ne 'addr' } keys %{$address}),
        "\n";
}
($error) = getaddrinfo('127.0.0.1', 'no-such-service', {socktype => SOCK_STREAM});
print "unknown service: $error\n";
($error, my $host, my $service) = getnameinfo(pack_sockaddr_in(22, inet_aton('127.0.0.1')));
print 'getnameinfo: ', ($error || "$host $service"), "\n";
($error, $host, $service) =
    getnameinfo(pack_sockaddr_in(22, inet_aton('127.0.0.1')), NI_NUMERICHOST | NI_NUMERICSERV);
print 'numeric: ', ($error || "$host $service"), "\n";
