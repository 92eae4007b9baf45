using System.Net;
using MailServer.Network.Outbound;

namespace MailServer.Network.Tests.Outbound;

public sealed class SpecialAddressesTests
{
    /// <summary>The first and last address of each registered range; the neighbours on both sides are tested as public where they are.</summary>
    public static TheoryData<string, AddressKind> Addresses => new()
    {
        { "0.0.0.0", AddressKind.Unspecified }, { "0.255.255.255", AddressKind.Unspecified }, { "1.0.0.0", AddressKind.Public },
        { "9.255.255.255", AddressKind.Public }, { "10.0.0.0", AddressKind.Private }, { "10.255.255.255", AddressKind.Private }, { "11.0.0.0", AddressKind.Public },
        { "100.63.255.255", AddressKind.Public }, { "100.64.0.0", AddressKind.Shared }, { "100.127.255.255", AddressKind.Shared }, { "100.128.0.0", AddressKind.Public },
        { "126.255.255.255", AddressKind.Public }, { "127.0.0.0", AddressKind.Loopback }, { "127.0.0.1", AddressKind.Loopback },
        { "127.255.255.255", AddressKind.Loopback }, { "128.0.0.0", AddressKind.Public },
        { "169.253.255.255", AddressKind.Public }, { "169.254.0.0", AddressKind.LinkLocal }, { "169.254.169.254", AddressKind.LinkLocal },
        { "169.254.255.255", AddressKind.LinkLocal }, { "169.255.0.0", AddressKind.Public },
        { "172.15.255.255", AddressKind.Public }, { "172.16.0.0", AddressKind.Private }, { "172.31.255.255", AddressKind.Private }, { "172.32.0.0", AddressKind.Public },
        { "191.255.255.255", AddressKind.Public }, { "192.0.0.0", AddressKind.Reserved }, { "192.0.0.255", AddressKind.Reserved }, { "192.0.1.0", AddressKind.Public },
        { "192.0.2.0", AddressKind.Documentation }, { "192.0.2.255", AddressKind.Documentation }, { "192.0.3.0", AddressKind.Public },
        { "192.88.99.1", AddressKind.Reserved }, { "192.88.100.0", AddressKind.Public },
        { "192.167.255.255", AddressKind.Public }, { "192.168.0.0", AddressKind.Private }, { "192.168.255.255", AddressKind.Private }, { "192.169.0.0", AddressKind.Public },
        { "198.17.255.255", AddressKind.Public }, { "198.18.0.0", AddressKind.Benchmarking }, { "198.19.255.255", AddressKind.Benchmarking }, { "198.20.0.0", AddressKind.Public },
        { "198.51.100.0", AddressKind.Documentation }, { "198.51.100.255", AddressKind.Documentation }, { "198.51.101.0", AddressKind.Public },
        { "203.0.113.0", AddressKind.Documentation }, { "203.0.113.255", AddressKind.Documentation }, { "203.0.114.0", AddressKind.Public },
        { "223.255.255.255", AddressKind.Public }, { "224.0.0.0", AddressKind.Multicast }, { "239.255.255.255", AddressKind.Multicast },
        { "240.0.0.0", AddressKind.Reserved }, { "255.255.255.255", AddressKind.Reserved },

        { "::", AddressKind.Unspecified }, { "::1", AddressKind.Loopback }, { "::2", AddressKind.Reserved },
        { "::127.0.0.1", AddressKind.Reserved }, { "::8.8.8.8", AddressKind.Reserved },
        { "::ffff:127.0.0.1", AddressKind.Loopback }, { "::ffff:10.1.2.3", AddressKind.Private }, { "::ffff:0.0.0.0", AddressKind.Unspecified }, { "::ffff:8.8.8.8", AddressKind.Public },
        { "::ffff:0:127.0.0.1", AddressKind.Reserved },
        { "64:ff9b::127.0.0.1", AddressKind.Loopback }, { "64:ff9b::192.168.1.1", AddressKind.Private }, { "64:ff9b::8.8.8.8", AddressKind.Public },
        { "64:ff9b:0:0:0:1:8.8.8.8", AddressKind.Reserved }, { "64:ff9b:1::8.8.8.8", AddressKind.Private },
        { "100::1", AddressKind.Reserved }, { "1fff:ffff::1", AddressKind.Reserved },
        { "2000::1", AddressKind.Public },
        // Teredo: the server 8.8.8.8 or 10.0.0.1, the client inverted.
        { "2001:0:808:808:0:0:f7f7:f7f7", AddressKind.Public }, { "2001:0:808:808:0:0:80ff:fffe", AddressKind.Loopback }, { "2001:0:a00:1:0:0:f7f7:f7f7", AddressKind.Private },
        { "2001:1::1", AddressKind.Reserved }, { "2001:2::1", AddressKind.Benchmarking }, { "2001:20::1", AddressKind.Reserved },
        { "2001:1ff:ffff::1", AddressKind.Reserved }, { "2001:200::1", AddressKind.Public },
        { "2001:db7:ffff::1", AddressKind.Public }, { "2001:db8::", AddressKind.Documentation }, { "2001:db8:ffff:ffff::1", AddressKind.Documentation }, { "2001:db9::1", AddressKind.Public },
        { "2002:7f00:1::1", AddressKind.Loopback }, { "2002:a9fe:a9fe::1", AddressKind.LinkLocal }, { "2002:c0a8:1::", AddressKind.Private }, { "2002:808:808::1", AddressKind.Public },
        { "2003::1", AddressKind.Public }, { "2606:4700::1", AddressKind.Public },
        { "3ffe:ffff::1", AddressKind.Public }, { "3fff::1", AddressKind.Documentation }, { "3fff:fff:ffff::1", AddressKind.Documentation }, { "3fff:1000::1", AddressKind.Public },
        { "4000::1", AddressKind.Reserved }, { "5f00::1", AddressKind.Reserved }, { "fbff::1", AddressKind.Reserved },
        { "fc00::", AddressKind.Private }, { "fdff:ffff::1", AddressKind.Private }, { "fe00::1", AddressKind.Reserved },
        { "fe80::1", AddressKind.LinkLocal }, { "fe80::1%1", AddressKind.LinkLocal }, { "febf::1", AddressKind.LinkLocal },
        { "fec0::1", AddressKind.Private }, { "feff::1", AddressKind.Private }, { "ff00::1", AddressKind.Multicast }, { "ff02::1", AddressKind.Multicast },
    };

    public static TheoryData<string> OwnSpellings => new("198.41.0.4", "::ffff:198.41.0.4", "64:ff9b::198.41.0.4", "2002:c629:4::1", "2620:fe::9", "2620:fe::9%2");

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Each_registered_range_is_recognized_up_to_its_bounds(string address, AddressKind kind) =>
        Assert.Equal(kind, SpecialAddresses.KindOf(IPAddress.Parse(address)));

    [Fact]
    public void Every_kind_of_address_has_a_test_case() =>
        Assert.Equal(Enum.GetValues<AddressKind>().Except([AddressKind.Own]), Addresses.Select(static row => (AddressKind)row[1]).Distinct().Order());

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Only_public_addresses_are_allowed_unless_private_addresses_are_enabled(string text, AddressKind kind)
    {
        var address = IPAddress.Parse(text);
        var strict = await new AddressRule(new GivenOwnAddresses(), allowPrivate: false).FilterAsync([address], CancellationToken.None);
        Assert.Equal(kind == AddressKind.Public ? null : kind, strict.Refused);
        Assert.Equal(kind == AddressKind.Public ? [address] : [], strict.Allowed);
        Assert.Equal([address], (await new AddressRule(new GivenOwnAddresses(), allowPrivate: true).FilterAsync([address], CancellationToken.None)).Allowed);
    }

    [Theory]
    [MemberData(nameof(OwnSpellings))]
    public async Task A_public_address_of_this_server_is_refused_in_every_spelling(string text)
    {
        var own = new GivenOwnAddresses("198.41.0.4", "2620:fe::9");
        foreach (var allowPrivate in new[] { false, true })
        {
            var judged = await new AddressRule(own, allowPrivate).FilterAsync([IPAddress.Parse(text)], CancellationToken.None);
            Assert.Equal((0, AddressKind.Own), (judged.Allowed.Count, judged.Refused));
        }
    }

    [Fact]
    public async Task A_private_address_of_this_server_is_allowed_where_private_addresses_are_enabled() =>
        Assert.Single((await new AddressRule(new GivenOwnAddresses("127.0.0.1", "10.0.0.1"), allowPrivate: true).FilterAsync([IPAddress.Parse("10.0.0.1")], CancellationToken.None)).Allowed);

    [Fact]
    public async Task Public_addresses_listed_with_a_private_one_keep_their_order()
    {
        IPAddress[] found = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("198.41.0.4"), IPAddress.Parse("192.33.4.12")];
        var judged = await new AddressRule(new GivenOwnAddresses(), allowPrivate: false).FilterAsync(found, CancellationToken.None);
        Assert.Equal(found[1..], judged.Allowed);
        Assert.Equal(AddressKind.Private, judged.Refused);
    }

    private sealed class GivenOwnAddresses(params string[] addresses) : IOwnAddresses
    {
        public ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel) => new(addresses.Select(IPAddress.Parse).ToHashSet());
    }
}
