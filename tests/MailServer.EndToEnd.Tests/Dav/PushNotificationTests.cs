using System.Diagnostics;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>WebDAV-Push with a push service on loopback.</summary>
public sealed class PushNotificationTests : IAsyncLifetime
{
    private ServerProcess _server = null!;
    private DavClient _ann = null!;
    private DavClient _ben = null!;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartNewAsync(new ServerSettings { Extra = "push:\n  private_hosts: true\n" });
        _ann = new DavClient(_server, await _server.AddUserAsync("ann"));
        _ben = new DavClient(_server, await _server.AddUserAsync("ben"));
    }

    public async Task DisposeAsync()
    {
        _ann.Dispose();
        _ben.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_subscriber_is_notified_within_two_seconds_and_bursts_are_combined()
    {
        await using var service = new FakePushService();
        var offer = (await _ann.PropFindAsync(_ann.Calendar, 0, "P:transports", "P:topic", "P:supported-triggers")).Is(207).Xml;
        var topic = offer.Descendants().Single(e => e.Name.LocalName == "topic").Value;
        var registered = (await _ann.SendAsync("POST", _ann.Calendar, service.Register())).Is(204);
        Assert.NotNull(registered.Header("Expires"));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) (await _ann.PutAsync($"{_ann.Calendar}{i}.ics", DavClient.Event($"e{i}"))).Is(201);
        var written = watch.Elapsed;
        await Eventually(() => !service.Received.IsEmpty);
        Assert.True(watch.Elapsed - written < TimeSpan.FromSeconds(2), $"told after {watch.Elapsed - written}");
        Assert.True(service.Received.TryPeek(out var first));
        Assert.Contains(topic, first.Message, StringComparison.Ordinal);
        Assert.Contains("Authorization: vapid t=", first.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Content-Encoding: aes128gcm", first.Head, StringComparison.OrdinalIgnoreCase);

        // Notified of the last state, in at most a few messages.
        var token = (await _ann.PropFindAsync(_ann.Calendar, 0, "D:sync-token")).Xml.Descendants().Single(e => e.Name.LocalName == "sync-token").Value;
        await Eventually(() => service.Received.Last().Message.Contains(token, StringComparison.Ordinal));
        Assert.InRange(service.Received.Count, 1, 3);

        (await _ann.SendAsync("DELETE", registered.Header("Location")!)).Is(204);
        (await _ann.SendAsync("DELETE", registered.Header("Location")!)).Is(404);
        var told = service.Received.Count;
        (await _ann.PutAsync($"{_ann.Calendar}late.ics", DavClient.Event("late"))).Is(201);
        await Task.Delay(2500);
        Assert.Equal(told, service.Received.Count);
    }

    [Fact]
    public async Task A_guest_is_notified_of_changes_until_sharing_ends()
    {
        await using var service = new FakePushService();
        (await _server.CliAsync("dav", "share", _ann.User, "calendar", "--with", _ben.User)).Succeeded();
        var mount = (await _ben.PropFindAsync($"/dav/calendars/{_ben.User}/", 1, "D:resourcetype")).Hrefs.Single(href => href.Contains("calendar-", StringComparison.Ordinal));
        (await _ben.SendAsync("POST", mount, service.Register())).Is(204);
        (await _ann.PutAsync(_ann.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        await Eventually(() => !service.Received.IsEmpty);
        (await _server.CliAsync("dav", "unshare", _ann.User, "calendar", "--with", _ben.User)).Succeeded();
        await Task.Delay(2500);
        var told = service.Received.Count;
        (await _ann.PutAsync(_ann.Calendar + "b.ics", DavClient.Event("b"))).Is(201);
        await Task.Delay(2500);
        Assert.Equal(told, service.Received.Count);
        (await _ben.SendAsync("POST", _ann.Calendar, service.Register())).Is(404);
    }

    [Fact]
    public async Task A_client_can_suppress_notifications_of_its_own_changes_and_others_still_get_them()
    {
        await using var anns = new FakePushService();
        await using var bens = new FakePushService();
        (await _server.CliAsync("dav", "share", _ann.User, "calendar", "--with", _ben.User)).Succeeded();
        var mount = (await _ben.PropFindAsync($"/dav/calendars/{_ben.User}/", 1, "D:resourcetype")).Hrefs.Single(href => href.Contains("calendar-", StringComparison.Ordinal));
        var own = (await _ann.SendAsync("POST", _ann.Calendar, anns.Register())).Is(204).Header("Location")!;
        var other = (await _ben.SendAsync("POST", mount, bens.Register())).Is(204).Header("Location")!;
        var url = $"\"https://dav.example.test{own}\", \"https://dav.example.test{other}\"";
        (await _ann.PutAsync(_ann.Calendar + "a.ics", DavClient.Event("a"), ("Push-Dont-Notify", url))).Is(201);
        await Eventually(() => bens.Received.Count == 1);
        await Task.Delay(2500);
        (await _ann.SendAsync("DELETE", _ann.Calendar + "a.ics", null, ("Push-Dont-Notify", "*"))).Is(204);
        await Eventually(() => bens.Received.Count == 2);
        await Task.Delay(1000);
        Assert.Empty(anns.Received);
        (await _ann.PutAsync(_ann.Calendar + "b.ics", DavClient.Event("b"))).Is(201);
        await Eventually(() => anns.Received.Count == 1);
    }

    [Fact]
    public async Task A_subscription_that_the_push_service_rejects_as_gone_is_removed()
    {
        await using var service = new FakePushService { Status = 410 };
        var registered = (await _ann.SendAsync("POST", _ann.Calendar, service.Register())).Is(204);
        (await _ann.PutAsync(_ann.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        await Eventually(() => !service.Received.IsEmpty);
        await Task.Delay(500);
        (await _ann.SendAsync("DELETE", registered.Header("Location")!)).Is(404);
    }

    private static async Task Eventually(Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "it never happened");
            await Task.Delay(20);
        }
    }
}
