using System.Globalization;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Transport;

/// <summary>Mail to hosts with TLSA records in signed, unsigned and forged zones, through a validating resolver.</summary>
public sealed class DaneDeliveryTests
{
    [ClientFact("unbound", "dnssec-signzone", "dnssec-keygen")]
    public async Task A_host_with_TLSA_records_gets_mail_only_with_a_matching_certificate_and_other_hosts_as_before()
    {
        await using var world = new SecureTransportTestBed();
        await using var zones = new SignedZones();
        var own = world.Authority.Issue("whatever.test", age: 8);
        var named = world.Authority.Issue("anchor.signed.test");
        var misnamed = world.Authority.Issue("whatever.test");
        await zones.AddAsync("signed.test", string.Join('\n',
            Exchange("own", "127.0.0.11", world.Port, SignedZones.Tlsa(own, 3, 1)),
            Exchange("anchor", "127.0.0.12", world.Port, SignedZones.Tlsa(world.Authority.Intermediate, 2, 0)),
            Exchange("wrong", "127.0.0.13", world.Port, SignedZones.Tlsa(own, 3, 1)),
            Exchange("misnamed", "127.0.0.14", world.Port, SignedZones.Tlsa(world.Authority.Intermediate, 2, 0)),
            Exchange("bare", "127.0.0.15", world.Port, SignedZones.Tlsa(own, 3, 1)),
            Exchange("norecord", "127.0.0.16", world.Port, null)));
        await zones.AddAsync("unsigned.test", Exchange("wrong", "127.0.0.17", world.Port, SignedZones.Tlsa(own, 3, 1)), signed: false);
        await zones.AddAsync("forged.test", Exchange("tlsa", "127.0.0.18", world.Port, SignedZones.Tlsa(own, 3, 1)), forge: static zone => Flip(zone));
        await zones.StartAsync();
        await using var server = await ServerProcess.CreateAsync(world.Settings(zones.Resolver));
        var user = await server.AddUserAsync();
        var hosts = (TlsReceiver[])[
            world.Host("127.0.0.11", own), world.Host("127.0.0.12", named), world.Host("127.0.0.16", certificate: null), world.Host("127.0.0.17", misnamed)];
        var shunned = (TlsReceiver[])[
            world.Host("127.0.0.13", misnamed), world.Host("127.0.0.14", misnamed), world.Host("127.0.0.15", certificate: null), world.Host("127.0.0.18", own)];
        await server.StartAsync();
        await SecureTransportTestBed.SendAsync(server, user, false,
            "a@own.signed.test", "a@anchor.signed.test", "a@norecord.signed.test", "a@wrong.unsigned.test",
            "a@wrong.signed.test", "a@misnamed.signed.test", "a@bare.signed.test", "a@tlsa.forged.test");

        foreach (var host in hosts)
        {
            await SecureTransportTestBed.ArrivesAsync(host);
        }

        Assert.Contains("the certificate matches no TLSA record", await SecureTransportTestBed.WaitsAsync(server, "a@wrong.signed.test"), StringComparison.Ordinal);
        Assert.Contains("is not for", await SecureTransportTestBed.WaitsAsync(server, "a@misnamed.signed.test"), StringComparison.Ordinal);
        Assert.Contains("does not offer TLS", await SecureTransportTestBed.WaitsAsync(server, "a@bare.signed.test"), StringComparison.Ordinal);
        Assert.Contains("4.7.5 DANE: ", await SecureTransportTestBed.WaitsAsync(server, "a@tlsa.forged.test"), StringComparison.Ordinal);
        Assert.All(shunned, static host => Assert.Empty(host.Messages));
        Assert.Equal(0, shunned[3].Connections);

        var shown = (await server.CliAsync("dane", "show", "own.signed.test")).Succeeded().Output;
        Assert.Contains("mx.own.signed.test: 3 1 1 ", shown, StringComparison.Ordinal);
        Assert.Contains("result: all", shown, StringComparison.Ordinal);
        Assert.Contains("delivery deferred", (await server.CliAsync("dane", "show", "tlsa.forged.test")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("not secured by DNSSEC", (await server.CliAsync("dane", "show", "wrong.unsigned.test")).Succeeded().Output, StringComparison.Ordinal);
    }

    private static string Exchange(string name, string address, int port, string? tlsa) => string.Create(CultureInfo.InvariantCulture,
        $"{name} MX 10 mx.{name}\nmx.{name} A {address}\n{(tlsa is null ? "" : $"_{port}._tcp.mx.{name} {tlsa}\n")}");

    /// <summary>Changes the first digit of the single TLSA record.</summary>
    private static string Flip(string zone)
    {
        var at = zone.IndexOf("3 1 1 (", StringComparison.Ordinal);
        while (!char.IsAsciiHexDigit(zone[at + 7])) at++;
        var digit = zone[at + 7] == '0' ? '1' : '0';
        return zone[..(at + 7)] + digit + zone[(at + 8)..];
    }
}
