using System.Net;
using MailServer.EndToEnd.Tests.Server;
using static MailServer.EndToEnd.Tests.Scheduling.Invitations;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>An invitation answered with 201 reaches the attendee, whatever happens to the server in between.</summary>
public sealed class SchedulingCrashTests
{
    [Fact]
    public async Task An_invitation_survives_a_kill_before_its_delivery()
    {
        await using var server = await ServerProcess.CreateAsync();
        var (first, second) = (await server.AddUserAsync("alice"), await server.AddUserAsync("bob"));
        // A directory in place of the database: Bob's calendars cannot be opened.
        var obstacle = Path.Combine(server.MaildirPath, "user_2", "dav.db");
        Directory.CreateDirectory(obstacle);
        await server.StartAsync();
        using var alice = new DavUser(server, first);
        using var bob = new DavUser(server, second);
        await alice.ReadyAsync();
        var uid = NewUid();
        Assert.Equal(HttpStatusCode.Created, (await alice.TryAsync("PUT", alice.Calendar + "m.ics", Meeting(uid, first, second))).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await bob.TryAsync("GET", bob.Calendar + "x.ics")).Status);
        await server.KillAsync();
        Directory.Delete(obstacle, recursive: true);
        await server.StartAsync();
        await bob.ReadyAsync();
        await bob.ExpectAsync(uid, "SUMMARY:Meeting");
        await alice.ExpectAsync(uid, $"SCHEDULE-STATUS=1.2:mailto:{second}");
        await Eventually.BecomesTrueAsync(() => !File.Exists(Path.Combine(server.MaildirPath, "user_1", "dav.pending")), "nothing waits any more");
        Assert.Single(await bob.ListAsync(bob.Inbox));
    }

    [Fact]
    public async Task Every_acknowledged_invitation_survives_kills_at_any_moment()
    {
        await using var server = await ServerProcess.CreateAsync();
        var (first, second) = (await server.AddUserAsync("alice"), await server.AddUserAsync("bob"));
        var acknowledged = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            await server.StartAsync();
            using var alice = new DavUser(server, first);
            await alice.ReadyAsync();
            using var stop = new CancellationTokenSource();
            var inviting = InviteAsync(alice, second, acknowledged, stop.Token);
            await Eventually.BecomesTrueAsync(() => Count(acknowledged) >= (round + 1) * 10, "ten invitations", TimeSpan.FromSeconds(30));
            await server.KillAsync();
            await stop.CancelAsync();
            await inviting;
        }

        await server.StartAsync();
        using var bob = new DavUser(server, second);
        await bob.ReadyAsync();
        await Eventually.BecomesTrueAsync(async () => (await bob.ListAsync(bob.Calendar)).Count >= acknowledged.Count, "as many copies as acknowledgements");
        var texts = await Task.WhenAll((await bob.ListAsync(bob.Calendar)).Select(bob.GetAsync));
        Assert.All(acknowledged, uid => Assert.Single(texts, t => t!.Contains("UID:" + uid, StringComparison.Ordinal)));
    }

    private static int Count(List<string> list)
    {
        lock (list) return list.Count;
    }

    private static async Task InviteAsync(DavUser alice, string attendee, List<string> acknowledged, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var uid = NewUid();
            try
            {
                if ((await alice.TryAsync("PUT", $"{alice.Calendar}{uid}.ics", Meeting(uid, alice.Address, attendee))).Status != HttpStatusCode.Created) continue;
                lock (acknowledged) acknowledged.Add(uid);
            }
            catch (HttpRequestException)
            {
                // The server was killed.
                return;
            }
        }
    }
}
