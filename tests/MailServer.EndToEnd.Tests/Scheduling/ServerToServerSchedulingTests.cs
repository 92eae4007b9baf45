using MailServer.EndToEnd.Tests.Server;
using MailServer.EndToEnd.Tests.Trust;
using MailServer.Network.Tests.Dns;
using static MailServer.EndToEnd.Tests.Scheduling.Invitations;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>
/// Two servers of two domains that rely on DKIM alone: no SPF record, DMARC policy reject. Every applied message was signed by the other side, so an
/// unsigned invitation, or an unverified reply that was accepted, would be noticed.
/// </summary>
public sealed class ServerToServerSchedulingTests : IAsyncLifetime, IDisposable
{
    private const string Elsewhere = "127.0.0.1:1";

    private readonly FakeDnsServer _dns = new();
    private readonly string _uid = NewUid();
    private ServerProcess? _here;
    private ServerProcess? _there;
    private DavUser? _alice;
    private DavUser? _bob;

    private DavUser Alice => _alice ?? throw new InvalidOperationException("not started");

    private DavUser Bob => _bob ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _here = await CreateAsync("here.test");
        _there = await CreateAsync("there.test");
        Connect(_here, _there);
        Connect(_there, _here);
        var (alice, bob) = (await _here.AddUserAsync("alice"), await _there.AddUserAsync("bob"));
        await Task.WhenAll(_here.StartAsync(), _there.StartAsync());
        (_alice, _bob) = (new DavUser(_here, alice), new DavUser(_there, bob));
        await Alice.ReadyAsync();
        await Bob.ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        if (_here is not null) await _here.DisposeAsync();
        if (_there is not null) await _there.DisposeAsync();
    }

    public void Dispose()
    {
        _alice?.Dispose();
        _bob?.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task An_invitation_reply_change_and_cancellation_are_accepted_by_their_DKIM_signatures()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        var (copy, text) = await Bob.ExpectAsync(_uid, "SUMMARY:Meeting");
        var mail = await File.ReadAllTextAsync(Assert.Single(_there!.FilesWith("METHOD:REQUEST").Concat(_there.FilesWith("method=REQUEST")).Distinct()));
        Assert.Contains("dkim=pass", mail, StringComparison.Ordinal);
        Assert.Contains("dmarc=pass", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("spf=pass", mail, StringComparison.Ordinal);

        using var answer = await Bob.SendAsync("PUT", copy, text.Replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED", StringComparison.Ordinal));
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        await Alice.ExpectAsync(_uid, "PARTSTAT=ACCEPTED;RSVP=TRUE;");

        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address).Replace("SUMMARY:Meeting", "SUMMARY:Longer", StringComparison.Ordinal).Replace("T100000Z", "T110000Z", StringComparison.Ordinal));
        await Bob.ExpectAsync(_uid, "SUMMARY:Longer");
        await Alice.TryAsync("DELETE", Alice.Calendar + "m.ics");
        await Bob.ExpectAsync(_uid, "STATUS:CANCELLED");
    }

    private async Task<ServerProcess> CreateAsync(string domain)
    {
        var server = await ServerProcess.CreateAsync(new ServerSettings { Domain = domain, RelayHost = Elsewhere, DnsServer = _dns.EndPoint });
        (await server.CliAsync("dkim", "generate", "--domain", domain)).Succeeded();
        SenderAuthenticationTestBed.Publish(_dns, (await server.CliAsync("dkim", "dns", "--domain", domain)).Succeeded().Output);
        _dns.Text("_dmarc." + domain, "v=DMARC1; p=reject");
        return server;
    }

    private static void Connect(ServerProcess from, ServerProcess to)
    {
        var port = to.Ports.Smtp.ToString(System.Globalization.CultureInfo.InvariantCulture);
        File.WriteAllText(from.ConfigFile, File.ReadAllText(from.ConfigFile).Replace(Elsewhere, "127.0.0.1:" + port, StringComparison.Ordinal));
    }
}
